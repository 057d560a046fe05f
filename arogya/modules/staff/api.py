"""The front door to staff: who a practitioner is, and adding one."""

from arogya.modules.staff.members.service import add_staff_member, link_staff_user
from arogya.modules.staff.practitioners.reads import (
    PractitionerCard,
    Qualification,
    Workplace,
    display_name,
    practitioner,
    practitioner_of_user,
    practitioners,
)
from arogya.modules.staff.practitioners.service import add_practitioner, keep_external_practitioner, link_user

__all__ = [
    "PractitionerCard",
    "Qualification",
    "Workplace",
    "add_practitioner",
    "add_staff_member",
    "display_name",
    "keep_external_practitioner",
    "link_staff_user",
    "link_user",
    "practitioner",
    "practitioner_of_user",
    "practitioners",
]

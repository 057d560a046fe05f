"""The front door to hospitals, their facilities and departments."""

from arogya.modules.organizations.models import Department as _Department
from arogya.modules.organizations.models import Facility as _Facility
from arogya.modules.organizations.models import Organization as _Organization
from arogya.modules.organizations.models import Room as _Room
from arogya.modules.organizations.reads import (
    Department,
    Facility,
    Organization,
    OrganizationSuspended,
    Room,
    all_organization_ids,
    any_organization,
    departments,
    facilities,
    facility,
    hospitals_open_to_registration,
    organization,
    organizations,
    rooms,
)
from arogya.modules.organizations.rooms import create_room
from arogya.modules.organizations.schemas import FacilityCode, OrganizationCode, TimeZone
from arogya.modules.organizations.service import (
    CodeTaken,
    create_department,
    create_facility,
    create_organization,
    keep_external,
    set_status,
)

organizations_table = _Organization.__table__
facilities_table = _Facility.__table__
departments_table = _Department.__table__
rooms_table = _Room.__table__
"""For joins in the reads of modules above; what changes these tables are the functions here."""

__all__ = [
    "CodeTaken",
    "Department",
    "Facility",
    "FacilityCode",
    "Organization",
    "OrganizationCode",
    "OrganizationSuspended",
    "Room",
    "TimeZone",
    "all_organization_ids",
    "any_organization",
    "create_department",
    "create_facility",
    "create_organization",
    "create_room",
    "departments",
    "departments_table",
    "facilities",
    "facilities_table",
    "facility",
    "hospitals_open_to_registration",
    "keep_external",
    "organization",
    "organizations",
    "organizations_table",
    "rooms",
    "rooms_table",
    "set_status",
]

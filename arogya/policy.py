"""THE page about access: every permission, every role's permissions, and who hears which live topic.

A role is held through a membership, at one branch or at all of an organization's. A patient's permissions reach only
their own records. `docs/roles.md` is rendered from here (`python -m arogya.policy`).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What an operation asks for; each operation asks for exactly one."""

    ACCOUNT_OWN = "account.own"
    """One's own sessions, password, language."""
    NOTIFICATION_OWN = "notification.own"
    LIVE_LISTEN = "live.listen"

    TENANT_MANAGE = "tenant.manage"
    """Create and suspend hospitals. The platform's, never a hospital's."""

    ORGANIZATION_READ = "organization.read"
    """Facilities, departments, booking rules: what every page needs to name."""
    ORGANIZATION_MANAGE = "organization.manage"
    USER_READ = "user.read"
    USER_MANAGE = "user.manage"
    DISPLAY_MANAGE = "display.manage"
    DISPLAY_SHOW = "display.show"
    COUNTER_SHARE = "counter.share"
    """Make the computer that one sits at a shared counter, where people change by PIN."""

    PATIENT_READ = "patient.read"
    PATIENT_REGISTER = "patient.register"
    PATIENT_UPDATE = "patient.update"
    PATIENT_DEACTIVATE = "patient.deactivate"
    PATIENT_IMPORT = "patient.import"
    """Take in other systems' patients by the file, and undo it."""
    PATIENT_EXPORT = "patient.export"
    PATIENT_MERGE = "patient.merge"
    """Say that two records are one person's, undo it, and judge likely duplicates."""
    PATIENT_ACCESS = "patient.access"
    """See who signs in for a patient, hand out the one-time QR, end it."""
    CHART_OPEN = "chart.open"

    PRACTITIONER_READ = "practitioner.read"
    PRACTITIONER_MANAGE = "practitioner.manage"
    STAFF_READ = "staff.read"
    STAFF_MANAGE = "staff.manage"

    SCHEDULE_READ = "schedule.read"
    """Schedules and leave as they are set up; slots are SLOT_READ."""
    SCHEDULE_MANAGE = "schedule.manage"
    SLOT_READ = "slot.read"
    APPOINTMENT_READ = "appointment.read"
    APPOINTMENT_BOOK = "appointment.book"
    APPOINTMENT_CONFIRM = "appointment.confirm"
    APPOINTMENT_CHANGE = "appointment.change"
    """Cancel and move."""
    APPOINTMENT_OVERRIDE = "appointment.override"
    """Book past a slot's places, with a reason."""
    APPOINTMENT_EXPORT = "appointment.export"
    """Take the OPD register away as a file."""
    VISIT_RECEIVE = "visit.receive"
    """Arrived, checked in, no-show, walk-in, slip."""
    VISIT_FULFIL = "visit.fulfil"
    QUEUE_READ = "queue.read"
    QUEUE_CALL = "queue.call"
    """Call next, recall, skip, priority, and the practitioner's late, break, gone."""
    RECEIPT_ISSUE = "receipt.issue"
    RECEIPT_READ = "receipt.read"

    STATS_READ = "stats.read"
    AUDIT_READ = "audit.read"


class Role(StrEnum):
    PATIENT = "patient"
    DOCTOR = "doctor"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    RECEPTIONIST = "receptionist"
    CASHIER = "cashier"
    LAB_TECHNICIAN = "lab_technician"
    HOSPITAL_ADMIN = "hospital_admin"
    PRIVACY_OFFICER = "privacy_officer"
    SUPER_ADMIN = "super_admin"


P = Permission

OWN: Final = frozenset({P.ACCOUNT_OWN})
"""Everybody who is signed in, with or without a role."""

_EVERY_MEMBER = frozenset({P.NOTIFICATION_OWN, P.LIVE_LISTEN, P.ORGANIZATION_READ, P.PRACTITIONER_READ, P.SLOT_READ})
_STAFF = _EVERY_MEMBER | {P.PATIENT_READ, P.APPOINTMENT_READ, P.QUEUE_READ, P.SCHEDULE_READ, P.STATS_READ,
                         P.COUNTER_SHARE}  # fmt: skip
_DESK = _STAFF | {
    P.PATIENT_REGISTER, P.PATIENT_UPDATE, P.APPOINTMENT_BOOK, P.APPOINTMENT_CONFIRM, P.APPOINTMENT_CHANGE,
    P.VISIT_RECEIVE, P.QUEUE_CALL, P.RECEIPT_ISSUE, P.RECEIPT_READ, P.APPOINTMENT_EXPORT, P.PATIENT_ACCESS,
}  # fmt: skip

ROLE_PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.PATIENT: _EVERY_MEMBER
    | {P.PATIENT_READ, P.PATIENT_UPDATE, P.CHART_OPEN, P.APPOINTMENT_READ, P.APPOINTMENT_BOOK, P.APPOINTMENT_CHANGE,
       P.QUEUE_READ},
    Role.RECEPTIONIST: _DESK | {P.STAFF_READ},
    Role.NURSE: _STAFF | {P.PATIENT_UPDATE, P.VISIT_RECEIVE, P.QUEUE_CALL, P.CHART_OPEN},
    Role.DOCTOR: _STAFF
    | {P.PATIENT_UPDATE, P.CHART_OPEN, P.APPOINTMENT_BOOK, P.APPOINTMENT_CONFIRM, P.APPOINTMENT_CHANGE,
       P.APPOINTMENT_OVERRIDE, P.VISIT_RECEIVE, P.VISIT_FULFIL, P.QUEUE_CALL, P.STAFF_READ},
    Role.PHARMACIST: _STAFF,
    Role.CASHIER: _STAFF | {P.RECEIPT_ISSUE, P.RECEIPT_READ},
    # Who works the X-ray or the ECG calls its numbers.
    Role.LAB_TECHNICIAN: _STAFF | {P.QUEUE_CALL},
    Role.HOSPITAL_ADMIN: _DESK
    | {P.ORGANIZATION_MANAGE, P.USER_READ, P.USER_MANAGE, P.DISPLAY_MANAGE, P.PATIENT_DEACTIVATE,
       P.PATIENT_IMPORT, P.PATIENT_EXPORT, P.PATIENT_MERGE,
       P.PRACTITIONER_MANAGE, P.STAFF_READ, P.STAFF_MANAGE, P.SCHEDULE_MANAGE, P.APPOINTMENT_OVERRIDE},
    Role.PRIVACY_OFFICER: _EVERY_MEMBER | {P.AUDIT_READ, P.USER_READ, P.STATS_READ, P.PATIENT_READ},
    Role.SUPER_ADMIN: frozenset({P.TENANT_MANAGE}),
}  # fmt: skip

GRANTABLE: Final = ROLE_PERMISSIONS[Role.HOSPITAL_ADMIN] - _EVERY_MEMBER - {P.USER_MANAGE, P.DISPLAY_MANAGE}
"""What a hospital may put into roles of its own: a part of its administrator's, so no such role reaches above them.

Left out on purpose: who gives rights (users, displays) stays the administrator, or a role could raise itself; charts
are opened, consultations finished and the trail read by the roles that answer for it (doctor, nurse, privacy officer):
who needs that holds one of those beside their hospital's own role."""

OWN_RECORDS_ONLY: Final = frozenset({Role.PATIENT})
"""Roles whose permissions reach only records that the user has an account for."""

DEVICE_PERMISSIONS: Final = frozenset({P.DISPLAY_SHOW, P.LIVE_LISTEN})
"""What a waiting-room display may do."""

TOPIC_PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    "patients": frozenset({P.PATIENT_READ}),
    "appointments": frozenset({P.APPOINTMENT_READ}),
    "queue": frozenset({P.QUEUE_READ, P.DISPLAY_SHOW}),
    "schedules": frozenset({P.SLOT_READ}),
    "holds": frozenset({P.SLOT_READ}),
    "organization": frozenset({P.ORGANIZATION_READ}),
    "notifications": frozenset({P.NOTIFICATION_OWN}),
    "receipts": frozenset({P.RECEIPT_READ}),
    "patient-imports": frozenset({P.PATIENT_IMPORT}),
}
"""Any one of these lets a socket hear the topic. Own-only actors hear what names their patients; the queue names none
to them; notifications are heard by their recipient alone."""


def permissions_of(role: Role) -> frozenset[Permission]:
    return ROLE_PERMISSIONS[role]


def custom_permissions(codes: Iterable[str]) -> frozenset[Permission]:
    """What a hospital's own role gives: what every role does, and those of its codes that may be granted today."""
    return _EVERY_MEMBER | {Permission(code) for code in codes if code in GRANTABLE}


def as_markdown() -> str:
    """The page `docs/roles.md`."""
    intro = (
        "# Roles\n\nRendered from `arogya/policy.py` (`python -m arogya.policy > docs/roles.md`). "
        '"own": only the records that the user has an account for. The last column: what a hospital may put into roles '
        "that it makes itself (always: in each of them; may: if it is chosen). Such a role is a part of the "
        "administrator's: it gives no rights to others, opens no chart, finishes no consultation, reads no trail; "
        "who needs that holds a built-in role beside it.\n\n"
        "Roles add up. A clinic set up for one doctor gives that person hospital admin, doctor, receptionist and "
        "privacy officer, together all that anybody may in a hospital. Whoever acts there also reads the trail; it can "
        "still be neither changed nor cleared, and each reading of it stands in it. As soon as there is a second "
        "person, the privacy officer's role is better theirs.\n"
    )
    roles = list(ROLE_PERMISSIONS)
    head = "| permission | " + " | ".join(role.value.replace("_", " ") for role in roles) + " | roles of its own |"
    rule = "|---" * (len(roles) + 2) + "|"
    rows = [
        f"| `{p.value}` | "
        + " | ".join(
            ("own" if role in OWN_RECORDS_ONLY else "yes") if p in ROLE_PERMISSIONS[role] | OWN else ""
            for role in roles
        )
        + f" | {_in_own_roles(p)} |"
        for p in Permission
    ]
    return "\n".join([intro, head, rule, *rows]) + "\n"


def _in_own_roles(permission: Permission) -> str:
    if permission in _EVERY_MEMBER | OWN:
        return "always"
    return "may" if permission in GRANTABLE else ""


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())

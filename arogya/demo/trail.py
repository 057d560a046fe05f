"""What people were told and what they looked at lately: notifications, and the audit trail of the last days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from arogya.demo.founding import Founded
from arogya.demo.moment import MINUTE, SUNDAY, Moment, at
from arogya.demo.people import Person
from arogya.demo.staff import OwnRole
from arogya.demo.visits import Visit
from arogya.modules.notifications.models import Notification
from arogya.platform.audit import Action, AuditEntry
from arogya.policy import Role

_DAYS_OF_AUDIT = 3
_READ_AFTER = timedelta(hours=5)
_OLDEST_TOLD = timedelta(days=4)
_NEW_FOR = timedelta(hours=40)


class Trail:
    """ids: of the visits' appointments."""

    def __init__(self, founded: Founded, moment: Moment, ids: dict[Visit, UUID]) -> None:
        self._founded = founded
        self._rows = founded.rows
        self._moment = moment
        self._ids = ids
        self._draw = moment.draw(founded.hospital.code, "trail")

    def notify(self, visits: Sequence[Visit], people: Sequence[Person], families: dict[Person, list[UUID]]) -> None:
        """As the reactions would have told. families: who signs in for a patient."""
        for visit in visits:
            if visit.kind != "walk-in" and visit.booked_at is not None:
                self._tell_of(visit, visit.booked_at, families.get(visit.patient, []))
        admins = [
            self._founded.users[one.username]
            for one in self._founded.hospital.staff
            if one.role == Role.HOSPITAL_ADMIN and one.username
        ]
        for person in people:
            self._tell(admins, "patient.registered", person.known_since, {"patient_id": str(person.id)})

    def _tell_of(self, visit: Visit, booked_at: datetime, family: list[UUID]) -> None:
        doctor, about = [self._founded.users[visit.session.doctor.username]], self._about(visit)
        template = "appointment.rescheduled" if visit.moved_from else "appointment.booked"
        self._tell(doctor, template, booked_at, about)
        self._tell(family, template, booked_at, about, until_read=visit.starts_at > self._moment.now)
        desk = self._founded.receptionist(visit.session.hours.branch)
        if visit.status == "pending" and desk:
            self._tell([desk], "appointment.pending", booked_at, about)
        if visit.status == "cancelled" and visit.ended_at:
            self._tell([*doctor, *family], "appointment.cancelled", visit.ended_at, about)

    def _about(self, visit: Visit) -> dict[str, Any]:
        about = {
            "appointment_id": str(self._ids[visit]),
            "patient_id": str(visit.patient.id),
            "practitioner_id": str(self._founded.practitioners[visit.session.doctor.username]),
            "facility_id": str(self._founded.branches[visit.session.hours.branch]),
            "starts_at": _utc(visit.starts_at),
            "status": visit.status,
            "token_number": visit.number,
        }
        if visit.moved_from:
            about["previous_starts_at"] = _utc(visit.moved_from.starts_at)
            about["previous_practitioner_id"] = about["practitioner_id"]
        return about

    def _tell(
        self, users: Sequence[UUID], template: str, raised_at: datetime, params: dict[str, Any], *,
        until_read: bool = False,
    ) -> None:  # fmt: skip
        """until_read: kept however old it is, and not read yet. Of the rest what is new is unread in part."""
        age = self._moment.now - raised_at
        if not users or (age > _OLDEST_TOLD and not until_read):
            return
        is_new = until_read or (age < _NEW_FOR and self._draw.random() < 0.35)
        event_id = self._rows.new_id(Notification, raised_at)
        for user_id in users:
            self._rows.add(
                Notification, raised_at, user_id=user_id, event_id=event_id, template=template, params=params,
                raised_at=raised_at, read_at=None if is_new else min(raised_at + _READ_AFTER, self._moment.now),
            )  # fmt: skip

    def record(self, visits: Sequence[Visit]) -> None:
        """Who did what with whose record, as each step would have written it; and two who may not."""
        first = at(self._moment.day(-_DAYS_OF_AUDIT))
        for visit in visits:
            if first <= visit.starts_at <= self._moment.now and visit.arrived_at:
                self._record_visit(visit)
        for days in range(_DAYS_OF_AUDIT, 0, -1):
            self._record_day(self._moment.day(-days))

    def _record_visit(self, visit: Visit) -> None:
        receptionist = self._founded.receptionist(visit.session.hours.branch)
        assert receptionist is not None
        assert visit.arrived_at is not None
        desk, patient, appointment = (receptionist, Role.RECEPTIONIST), visit.patient, self._ids[visit]
        self._entry(
            visit.arrived_at - MINUTE, desk, Action.SEARCH, "patient", "POST /api/patients/search",
            entity_ids=[patient.id], details={"by": ["search"]},
        )  # fmt: skip
        if visit.kind == "walk-in":
            self._entry(
                visit.arrived_at, desk, Action.CREATE, "appointment", "POST /api/walk-ins", entity_ids=[appointment],
                patient=patient, details={"kind": "walk-in", "is_priority": visit.is_priority},
            )  # fmt: skip
        elif visit.checked_in_at:
            self._entry(
                visit.checked_in_at, desk, Action.UPDATE, "appointment",
                "POST /api/appointments/{appointment_id}/check-in", entity_ids=[appointment], patient=patient,
                details={"step": "check-in", "status": "checked-in"},
            )  # fmt: skip
        if visit.started_at:
            doctor = self._founded.users[visit.session.doctor.username], Role.DOCTOR
            self._entry(
                visit.started_at, doctor, Action.READ, "chart", "GET /api/patients/{patient_id}/history",
                entity_ids=[patient.id], patient=patient, details={"purpose": "history", "ground": "treatment"},
            )  # fmt: skip

    def _record_day(self, day: date) -> None:
        """Everybody signs in; once a day someone asks for what is not theirs."""
        for employee in self._founded.hospital.staff:
            if employee.username is None or employee.role is None or day.weekday() == SUNDAY:
                continue
            moment = at(day, time(8, 30)) + self._draw.randrange(50) * MINUTE
            who = self._founded.users[employee.username], employee.role
            self._entry(moment, who, Action.SIGN_IN, "session", "POST /api/auth/login")
            if employee.role == Role.RECEPTIONIST:
                self._entry(
                    moment + 95 * MINUTE, who, Action.DENIED, "", "GET /api/audit", details={"code": "forbidden"},
                    outcome="denied",
                )  # fmt: skip

    def _entry(
        self, moment: datetime, who: tuple[UUID, Role | OwnRole], action: Action, entity: str, route: str, *,
        entity_ids: Sequence[UUID | None] = (), patient: Person | None = None, details: dict[str, Any] | None = None,
        outcome: str = "success",
    ) -> None:  # fmt: skip
        user_id, role = who
        self._rows.add(
            AuditEntry, moment, at=moment, user_id=user_id, actor_kind="user", roles=[role.value],
            action=action.value, outcome=outcome, entity=entity, entity_ids=[one for one in entity_ids if one],
            route=route, request_id=f"demo-{self._draw.getrandbits(48):012x}", address="127.0.0.1",
            details=details or {}, patient_id=patient.id if patient else None,
        )  # fmt: skip


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

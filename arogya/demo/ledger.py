"""Visits, their places in the queues, and the money taken for them, as rows; and every counter behind a number."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from arogya.demo.diary import Diary
from arogya.demo.founding import Founded
from arogya.demo.moment import MINUTE, Moment
from arogya.demo.till import Payment
from arogya.demo.today import DoctorsDay
from arogya.demo.visits import Visit
from arogya.modules.patients.models import RecordGrant
from arogya.modules.scheduling.appointments.steps import CHART_STAYS_OPEN
from arogya.modules.scheduling.models import (
    Appointment,
    PractitionerDay,
    QueueCounter,
    QueueToken,
    Receipt,
    ReceiptCounter,
    ScheduleException,
)
from arogya.modules.scheduling.receipt_numbers import financial_year, written

_ANNOUNCED_BEFORE = timedelta(days=6)


class Ledger:
    """ids: of the visits' appointments."""

    def __init__(self, founded: Founded, moment: Moment) -> None:
        self._founded = founded
        self._rows = founded.rows
        self._moment = moment
        self.ids: dict[Visit, UUID] = {}

    def write(self, diary: Diary, payments: Sequence[Payment]) -> None:
        self._write_exceptions(diary)
        for visit in diary.visits:
            self._write_visit(visit)
        self._write_tokens(diary.visits)
        self._write_receipts(payments)
        for day in diary.days:
            self._write_day(day)

    def _write_exceptions(self, diary: Diary) -> None:
        for absence in diary.absences:
            made_at = max(self._founded.since, absence.starts_at - _ANNOUNCED_BEFORE)
            is_of_now = absence.starts_at.date() == self._moment.today
            self._rows.add(
                ScheduleException, self._moment.now - 2 * MINUTE if is_of_now else min(made_at, self._moment.now),
                kind="leave" if absence.doctor else "holiday", starts_at=absence.starts_at, ends_at=absence.ends_at,
                practitioner_id=self._founded.practitioners[absence.doctor.username] if absence.doctor else None,
                facility_id=self._founded.branches[absence.branch] if absence.branch else None, reason=absence.reason,
            )  # fmt: skip
        for session in diary.extras:
            doctor, hours = session.doctor.username, session.hours
            self._rows.add(
                ScheduleException, self._moment.now - _ANNOUNCED_BEFORE, kind="extra",
                practitioner_id=self._founded.practitioners[doctor], facility_id=self._founded.branches[hours.branch],
                schedule_id=self._founded.schedules[doctor, hours], starts_at=session.starts_at,
                ends_at=session.ends_at, reason="Extra session",
            )  # fmt: skip

    def _write_visit(self, visit: Visit) -> None:
        founded, doctor, hours = self._founded, visit.session.doctor.username, visit.session.hours
        assert visit.booked_at is not None
        is_walk_in = visit.kind == "walk-in"
        by_desk = founded.receptionist(hours.branch) if visit.source == "desk" else None
        self.ids[visit] = self._rows.add(
            Appointment, visit.booked_at, created_by=by_desk, updated_at=visit.changed_at,
            updated_by=founded.users[doctor] if visit.done_at else by_desk, patient_id=visit.patient.id,
            practitioner_id=founded.practitioners[doctor], facility_id=founded.branches[hours.branch],
            room_id=founded.room_of(visit.session.doctor, hours), schedule_id=founded.schedules[doctor, hours],
            kind=visit.kind,
            mode="in-person" if is_walk_in else hours.mode, status=visit.status, starts_at=visit.starts_at,
            ends_at=visit.ends_at, during=None if is_walk_in else Range(visit.starts_at, visit.ends_at),
            lane=visit.lane, places=1 if is_walk_in else hours.places, is_override=bool(visit.override_reason),
            override_reason=visit.override_reason, reason=visit.reason, notes=visit.notes, source=visit.source,
            rescheduled_from_id=self.ids[visit.moved_from] if visit.moved_from else None,
            cancel_reason=visit.cancel_reason, fee_paise=visit.fee_paise, is_free_revisit=visit.is_free_revisit,
            is_revisit=visit.is_free_revisit,
            arrived_at=visit.arrived_at, checked_in_at=visit.checked_in_at, fulfilled_at=visit.done_at,
            ended_at=visit.ended_at,
        )  # fmt: skip
        self._open_chart(visit)

    def _open_chart(self, visit: Visit) -> None:
        """As each step of a visit does; what has lapsed by now is left out."""
        touched_at = visit.done_at or visit.checked_in_at or visit.arrived_at
        if visit.arrived_at is None or touched_at is None or touched_at + CHART_STAYS_OPEN <= self._moment.now:
            return
        self._rows.add(
            RecordGrant, visit.arrived_at, patient_id=visit.patient.id, purpose="treatment", source="appointment",
            user_id=self._founded.users[visit.session.doctor.username], source_id=self.ids[visit],
            valid_from=visit.arrived_at, valid_until=touched_at + CHART_STAYS_OPEN,
        )  # fmt: skip

    def _write_tokens(self, visits: Sequence[Visit]) -> None:
        founded, last = self._founded, dict[tuple[object, ...], int]()
        for visit in visits:
            if visit.number is None or visit.arrived_at is None:
                continue
            session, doctor = visit.session, visit.session.doctor.username
            queue = {
                "practitioner_id": founded.practitioners[doctor], "facility_id": founded.branches[session.hours.branch],
                "day": session.day, "session": session.name,
            }  # fmt: skip
            self._rows.add(
                QueueToken, visit.arrived_at, **queue, appointment_id=self.ids[visit], patient_id=visit.patient.id,
                number=visit.number, status=visit.queue_status, is_priority=visit.is_priority, due_at=visit.due_at,
                issued_at=visit.arrived_at, called_at=visit.called_at, calls=visit.calls, started_at=visit.started_at,
                ended_at=visit.done_at, updated_at=visit.changed_at,
                created_by=founded.receptionist(session.hours.branch),
            )  # fmt: skip
            key = tuple(queue.values())
            last[key] = max(last.get(key, 0), visit.number)
        for key, number in last.items():
            queue = dict(zip(("practitioner_id", "facility_id", "day", "session"), key, strict=True))
            self._rows.add(QueueCounter, founded.since, **queue, last=number)

    def _write_receipts(self, payments: Sequence[Payment]) -> None:
        last: dict[tuple[str, str], int] = {}
        for payment in payments:
            branch, year = payment.visit.session.hours.branch, financial_year(payment.paid_at.date())
            number = last[branch, year] = last.get((branch, year), 0) + 1
            self._rows.add(
                Receipt, payment.paid_at, created_by=self._founded.receptionist(branch),
                number=written(branch, year, number), appointment_id=self.ids[payment.visit],
                patient_id=payment.visit.patient.id, facility_id=self._founded.branches[branch],
                amount_paise=payment.visit.fee_paise, method=payment.method, utr=payment.utr,
                is_verified=payment.method == "cash", issued_at=payment.paid_at,
            )  # fmt: skip
        for (branch, year), number in last.items():
            self._rows.add(
                ReceiptCounter, self._founded.since, facility_id=self._founded.branches[branch], year=year, last=number
            )

    def _write_day(self, day: DoctorsDay) -> None:
        self._rows.add(
            PractitionerDay, self._moment.now - 5 * MINUTE, created_by=self._founded.receptionist(day.branch),
            practitioner_id=self._founded.practitioners[day.doctor.username],
            facility_id=self._founded.branches[day.branch], day=self._moment.today, state=day.state, until=day.until,
        )  # fmt: skip

"""Days of a hospital as rows: single visits for counting by hand, and thousands for the clock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from arogya.modules.scheduling.models import Appointment, QueueToken, Receipt
from arogya.platform.access import Context
from tests.world import Hospital

_counted = iter(range(1, 1_000_000))


async def a_visit(ctx: Context, at: Hospital, starts_at: datetime, status: str, **facts: Any) -> Appointment:
    """A walk-in at main with the practitioner. came, went_in: minutes after its start; went_in makes it a done one."""
    came, went_in = facts.pop("came", None), facts.pop("went_in", None)
    visit = Appointment(
        **{
            "patient_id": at.patient, "practitioner_id": at.practitioner, "facility_id": at.main, "kind": "walk-in",
            "status": status, "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=20), "during": None,
            "arrived_at": None if came is None else starts_at + timedelta(minutes=came), **facts,
        }
    )  # fmt: skip
    ctx.add(visit)
    await ctx.session.flush()
    if came is not None:
        ctx.add(_token(visit, went_in))
        await ctx.session.flush()
    return visit


def _token(visit: Appointment, went_in: int | None) -> QueueToken:
    started = None if went_in is None else visit.starts_at + timedelta(minutes=went_in)
    status = {"fulfilled": "done"}.get(visit.status, "in-consultation" if started else "waiting")
    return QueueToken(
        appointment_id=visit.id, patient_id=visit.patient_id, practitioner_id=visit.practitioner_id,
        facility_id=visit.facility_id, day=visit.starts_at.date(), session="09:00", number=next(_counted),
        status=status, due_at=visit.starts_at, issued_at=visit.starts_at, called_at=started, started_at=started,
        ended_at=visit.fulfilled_at,
    )  # fmt: skip


async def a_receipt(ctx: Context, visit: Appointment, amount_paise: int, method: str, issued_at: datetime) -> None:
    ctx.add(
        Receipt(
            number=f"R{next(_counted)}", appointment_id=visit.id, patient_id=visit.patient_id,
            facility_id=visit.facility_id, amount_paise=amount_paise, method=method, is_verified=method == "cash",
            issued_at=issued_at,
        )
    )  # fmt: skip
    await ctx.session.flush()


async def plant_demo_size(owner: asyncpg.Connection, at: Hospital, now: datetime) -> None:
    """500 patients, 14 practitioners, 120 days (90 behind, 30 ahead) of 130 visits with tokens and receipts."""
    doctors = [at.practitioner, at.other_practitioner]
    await owner.execute(
        """INSERT INTO patients (organization_id, id, mrn, name, sort_name, gender, birth_date_precision, language,
                                 is_unknown, is_medico_legal, is_deceased, is_active, version, created_at)
           SELECT $1, gen_random_uuid(), 'D-' || n, 'Demo ' || n, 'demo ' || n, 'female', 'day', 'en', false, false,
                  false, n % 50 > 0, 1, $2::timestamptz - n * interval '4 hours'
           FROM generate_series(1, 500) AS n""",
        at.organization_id, now,
    )  # fmt: skip
    await owner.execute(
        """INSERT INTO practitioners (organization_id, id, title, name, gender, registration_council, qualifications,
                                      languages, consultation_fee_paise, is_active, version)
           SELECT $1, gen_random_uuid(), 'Dr', 'Demo ' || n, 'female', '', '[]', '{}', 60000, true, 1
           FROM generate_series(1, 12) AS n""",
        at.organization_id,
    )
    await owner.execute(
        """INSERT INTO practitioner_facilities (organization_id, id, practitioner_id, facility_id, version)
           SELECT organization_id, gen_random_uuid(), id, $2, 1 FROM practitioners
           WHERE organization_id = $1 AND id <> ALL($3::uuid[])""",
        at.organization_id, at.main, doctors,
    )  # fmt: skip
    await owner.execute(_VISITS, at.organization_id, at.main, at.branch, now)
    await owner.execute(_TOKENS, at.organization_id)
    await owner.execute(_RECEIPTS, at.organization_id)
    await owner.execute("ANALYZE")


_VISITS = """
    WITH who AS (SELECT array_agg(id) AS ids FROM patients WHERE organization_id = $1),
         doctor AS (SELECT array_agg(id) AS ids FROM practitioners WHERE organization_id = $1),
         slot AS (
             SELECT d, n, date_trunc('day', $4::timestamptz) + d * interval '1 day' + interval '3 hours 30 minutes'
                          + n * interval '4 minutes' AS starts_at
             FROM generate_series(-90, 29) AS d, generate_series(0, 129) AS n
         )
    INSERT INTO appointments (organization_id, id, patient_id, practitioner_id, facility_id, kind, mode, status,
                              starts_at, ends_at, lane, places, is_override, override_reason, reason, notes, source,
                              fee_paise, is_free_revisit, arrived_at, checked_in_at, fulfilled_at, ended_at, version)
    SELECT $1, gen_random_uuid(), who.ids[1 + (n * 7 + abs(d)) % 500], doctor.ids[1 + n % 14],
           CASE WHEN n % 3 = 0 THEN $3::uuid ELSE $2::uuid END, 'walk-in', 'in-person', s.status, starts_at,
           starts_at + interval '15 minutes', 1, 1, false, '', '', '', 'desk', 60000, false,
           CASE WHEN s.status IN ('arrived', 'checked-in', 'fulfilled') THEN starts_at END,
           CASE WHEN s.status IN ('checked-in', 'fulfilled') THEN starts_at + interval '2 minutes' END,
           CASE WHEN s.status = 'fulfilled' THEN starts_at + (10 + n % 40) * interval '1 minute' END,
           CASE WHEN s.status IN ('cancelled', 'noshow') THEN starts_at END, 1
    FROM slot, who, doctor, LATERAL (SELECT CASE
        WHEN starts_at > $4 THEN CASE WHEN n % 9 = 0 THEN 'pending' ELSE 'booked' END
        WHEN n % 17 = 0 THEN 'noshow' WHEN n % 13 = 0 THEN 'cancelled'
        WHEN starts_at > $4 - interval '1 hour' THEN 'checked-in' ELSE 'fulfilled' END AS status) AS s
"""
_TOKENS = """
    INSERT INTO queue_tokens (organization_id, id, appointment_id, patient_id, practitioner_id, facility_id, day,
                              session, number, status, is_priority, due_at, issued_at, called_at, calls, started_at,
                              ended_at, version)
    SELECT organization_id, gen_random_uuid(), id, patient_id, practitioner_id, facility_id, starts_at::date, '09:00',
           row_number() OVER (PARTITION BY practitioner_id, facility_id, starts_at::date),
           CASE WHEN status = 'fulfilled' THEN 'done' ELSE 'waiting' END, false, starts_at, starts_at,
           fulfilled_at - interval '8 minutes', 1, fulfilled_at - interval '8 minutes', fulfilled_at, 1
    FROM appointments WHERE organization_id = $1 AND status IN ('checked-in', 'fulfilled')
"""
_RECEIPTS = """
    INSERT INTO receipts (organization_id, id, number, appointment_id, patient_id, facility_id, amount_paise, method,
                          is_verified, issued_at)
    SELECT organization_id, gen_random_uuid(), 'R-' || id, id, patient_id, facility_id, 60000,
           CASE WHEN random() < 0.5 THEN 'cash' ELSE 'upi' END, true, arrived_at
    FROM appointments WHERE organization_id = $1 AND status = 'fulfilled'
"""


def the_doctor(body: dict[str, Any], practitioner_id: UUID) -> dict[str, Any]:
    return next(row for row in body["wait_by_doctor"] if row["practitioner_id"] == str(practitioner_id))

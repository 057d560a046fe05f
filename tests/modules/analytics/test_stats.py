"""The front page's figures, each counted by hand; it is Monday 23 November 2026, 10:00 in Kolkata."""

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest

from arogya.modules.notifications.models import Notification
from arogya.modules.scheduling.models import PractitionerDay, ScheduleException
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock, new_id
from tests.modules.analytics.days import a_receipt, a_visit, plant_demo_size, the_doctor
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
KOLKATA = ZoneInfo("Asia/Kolkata")


def at_clock(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=KOLKATA)


def today(clock: str) -> datetime:
    return at_clock("2026-11-23", clock)


def weeks_ago(weeks: int, clock: str) -> datetime:
    return today(clock) - timedelta(weeks=weeks)


def the_day(at: Hospital, practitioner_id: UUID, state: str) -> PractitionerDay:
    return PractitionerDay(practitioner_id=practitioner_id, facility_id=at.main, day=today("09:00").date(), state=state)


async def stats(
    client: httpx2.AsyncClient, at: Hospital, who: str = "receptionist", facility: Any = None
) -> dict[str, Any]:
    query = f"?facility_id={facility}" if facility else ""
    read = await client.get(f"/api/stats{query}", headers=at.as_(who))
    assert read.status_code == 200, read.text
    return read.json()


async def test_stranger_and_those_without_the_right_are_refused(client: httpx2.AsyncClient, world: World) -> None:
    assert (await client.get("/api/stats")).status_code == 401
    assert (await client.get("/api/stats", headers=world.a.as_("patient"))).status_code == 403
    assert (await client.get("/api/stats", headers=world.as_super_admin())).status_code == 403


async def test_other_branch_and_other_hospital_are_refused(client: httpx2.AsyncClient, world: World) -> None:
    a, b = world.a, world.b
    foreign = await client.get(f"/api/stats?facility_id={b.main}", headers=a.as_("hospital_admin"))
    assert foreign.status_code == 404
    main = await client.get(f"/api/stats?facility_id={a.main}", headers=a.as_("branch_receptionist"))
    assert main.status_code == 403
    assert (await stats(client, a, "branch_receptionist", a.branch))["facility_id"] == str(a.branch)


async def test_todays_appointments_by_state(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for count, status in enumerate(
            ["pending", "booked", "arrived", "checked-in", "fulfilled", "cancelled", "noshow"], start=1
        ):
            for _ in range(count):
                await a_visit(ctx, a, today("09:30"), status)
        await a_visit(ctx, a, today("09:30"), "entered-in-error")
        await a_visit(ctx, a, today("09:30"), "booked", facility_id=a.branch)
        await a_visit(ctx, a, today("09:30") - timedelta(days=1), "booked")
        await a_visit(ctx, a, today("09:30") + timedelta(days=1), "booked")
    async with system(world.b) as ctx:
        await a_visit(ctx, world.b, today("09:30"), "booked")
    expected = {"pending": 1, "booked": 2, "arrived": 3, "checked-in": 4, "fulfilled": 5, "cancelled": 6, "noshow": 7}
    main = await stats(client, a, facility=a.main)
    assert main["appointments_today"] == {**expected, "total": 28}
    assert (await stats(client, a))["appointments_today"] == {**expected, "booked": 3, "total": 29}
    own_branch = await stats(client, a, "branch_receptionist")
    assert own_branch["appointments_today"]["total"] == 1, "without a branch named: those that one may see"


async def test_the_day_is_the_branchs_own(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for clock in ("00:00", "23:59"):
            await a_visit(ctx, a, today(clock), "booked")
        await a_visit(ctx, a, today("00:00") - timedelta(minutes=1), "booked")
        await a_visit(ctx, a, today("23:59") + timedelta(minutes=1), "booked")
    body = await stats(client, a, facility=a.main)
    assert (body["day"], body["appointments_today"]["total"]) == ("2026-11-23", 2)


async def test_zone_of_the_branch_counts_not_the_hospitals(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    a = world.a
    await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", a.branch)
    async with system(a) as ctx:
        await a_visit(ctx, a, today("09:30"), "booked", facility_id=a.branch)  # Sunday 23:00 in New York
        await a_visit(ctx, a, today("09:30") + timedelta(days=1), "booked", facility_id=a.branch)
    body = await stats(client, a, facility=a.branch)
    assert (body["day"], body["appointments_today"]["total"]) == ("2026-11-22", 1)


async def test_patients_are_counted(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    a = world.a
    await owner.execute("UPDATE patients SET created_at = $1", clock.now() - timedelta(days=40))
    await owner.execute(
        "UPDATE patients SET created_at = $1, is_active = false WHERE id = $2", clock.now(), a.other_patient
    )
    assert (await stats(client, a))["patients"] == {"total": 2, "active": 1, "new_today": 0}
    clock.advance(timedelta(minutes=1))
    assert (await stats(client, a))["patients"]["new_today"] == 1


async def test_waiting_are_those_in_the_house_not_yet_inside(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    a = world.a
    async with system(a) as ctx:
        await a_visit(ctx, a, today("09:00"), "arrived", came=0)
        await a_visit(ctx, a, today("09:00"), "checked-in", came=0)
        await a_visit(ctx, a, today("09:00"), "checked-in", came=0, went_in=30)
        await a_visit(ctx, a, today("09:00"), "fulfilled", came=0, went_in=20, fulfilled_at=today("09:40"))
        await a_visit(ctx, a, today("09:00"), "booked")
        await a_visit(ctx, a, today("09:00"), "cancelled", came=0, ended_at=today("09:10"))
        away = await a_visit(ctx, a, today("09:00"), "checked-in", came=0)
    await owner.execute(
        "UPDATE queue_tokens SET status = 'skipped', called_at = $1 WHERE appointment_id = $2", today("09:30"), away.id
    )
    body = await stats(client, a, facility=a.main)
    assert body["waiting_now"] == 2
    assert body["median_wait_minutes"] == 25, "30 and 20 minutes from the door to the doctor"
    assert the_doctor(body, a.practitioner) == {
        "practitioner_id": str(a.practitioner), "name": "Dr Kavita Iyer", "today": 25.0, "usual": None
    }  # fmt: skip


async def test_without_a_day_behind_it_nothing_is_made_up(client: httpx2.AsyncClient, world: World) -> None:
    body = await stats(client, world.a, facility=world.a.main)
    assert body["compared"] == dict.fromkeys(["seen", "waiting", "median_wait", "noshows", "new_patients"])
    assert body["median_wait_minutes"] is None
    assert body["arrivals_by_hour"] == []
    assert body["wait_by_doctor"] == []
    assert body["sparks"]["seen"] == [0]
    assert body["sparks"]["median_wait"] == []
    assert body["needs_someone"] == []


async def test_compared_with_the_same_weekday_at_this_time_of_day(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a = world.a
    async with system(a) as ctx:
        for weeks, seen in ((1, 1), (2, 2), (3, 6), (7, 40)):  # seven weeks ago is too long ago; 4 to 6 were closed
            for _ in range(seen):
                await a_visit(
                    ctx, a, weeks_ago(weeks, "09:00"), "fulfilled", came=0, went_in=10 * weeks,
                    fulfilled_at=weeks_ago(weeks, "09:50"),
                )  # fmt: skip
            # Later in the day: not comparable with ten o'clock.
            await a_visit(
                ctx, a, weeks_ago(weeks, "11:00"), "fulfilled", came=0, went_in=500,
                fulfilled_at=weeks_ago(weeks, "19:50"),
            )  # fmt: skip
            await a_visit(ctx, a, weeks_ago(weeks, "09:30"), "noshow", ended_at=weeks_ago(weeks, "09:55"))
            await a_visit(ctx, a, weeks_ago(weeks, "09:30"), "noshow", ended_at=weeks_ago(weeks, "13:00"))
        # In the house at ten, inside by half past.
        await a_visit(
            ctx, a, weeks_ago(1, "09:45"), "fulfilled", came=0, went_in=45, fulfilled_at=weeks_ago(1, "10:40")
        )
        yesterday = today("09:00") - timedelta(days=1)
        await a_visit(ctx, a, yesterday, "fulfilled", came=0, went_in=90, fulfilled_at=yesterday + timedelta(hours=2))
    compared = (await stats(client, a, facility=a.main))["compared"]
    assert compared["seen"] == 2.0, "the median of 1, 2 and 6"
    assert compared["noshows"] == 1.0
    assert compared["median_wait"] == 20.0, "10, 20 and 30 minutes; nobody's after ten o'clock"
    assert compared["waiting"] == 0.0, "1, 0 and 0"
    assert compared["new_patients"] == 0.0


async def test_arrivals_by_hour_beside_the_usual(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for weeks, at_nine, at_twelve in ((1, 2, 0), (2, 4, 3)):
            for clock, count in (("09:15", at_nine), ("12:15", at_twelve)):
                for _ in range(count):
                    await a_visit(ctx, a, weeks_ago(weeks, clock), "fulfilled", came=0)
        await a_visit(ctx, a, today("08:59"), "arrived", came=0)
        await a_visit(ctx, a, today("09:59"), "arrived", came=0)
    hours = (await stats(client, a, facility=a.main))["arrivals_by_hour"]
    assert hours == [
        {"hour": 8, "today": 1, "usual": 0.0},
        {"hour": 9, "today": 1, "usual": 3.0},
        {"hour": 10, "today": 0, "usual": 0.0},
        {"hour": 11, "today": None, "usual": 0.0},
        {"hour": 12, "today": None, "usual": 1.5},
    ]


async def test_wait_of_each_doctor_beside_their_usual(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for who, minutes in ((a.practitioner, 10), (a.other_practitioner, 40)):
            await a_visit(ctx, a, today("09:00"), "checked-in", came=0, went_in=minutes, practitioner_id=who)
        await a_visit(
            ctx, a, weeks_ago(1, "09:00"), "fulfilled", came=0, went_in=15, fulfilled_at=weeks_ago(1, "09:30")
        )
    waits = (await stats(client, a, facility=a.main))["wait_by_doctor"]
    assert [(one["name"], one["today"], one["usual"]) for one in waits] == [
        ("Dr Arvind Menon", 40.0, None), ("Dr Kavita Iyer", 10.0, 15.0)
    ]  # fmt: skip


async def test_doctors_who_are_still_to_be_had_today(
    client: httpx2.AsyncClient, world: World, system: System, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    a = world.a

    async def doctors() -> tuple[int, int]:
        said = (await stats(client, a, facility=a.main))["doctors"]
        return said["available"], said["total"]

    assert await doctors() == (2, 2)
    assert (await stats(client, a, facility=a.branch))["doctors"] == {"available": 0, "total": 0}
    clock.advance(timedelta(hours=2, minutes=30))  # 12:30: the token session is over, the other lasts till 13:00
    assert await doctors() == (1, 2)
    async with system(a) as ctx:
        ctx.add(the_day(a, a.practitioner, "late"))
    assert await doctors() == (1, 2)
    await owner.execute("UPDATE practitioner_days SET state = 'gone'")
    assert await doctors() == (0, 2)
    async with system(a) as ctx:
        ctx.add(
            ScheduleException(
                kind="extra", practitioner_id=a.other_practitioner, facility_id=a.main, schedule_id=a.token_schedule,
                starts_at=today("15:00"), ends_at=today("17:00"),
            )
        )  # fmt: skip
    assert await doctors() == (1, 2)
    await owner.execute("UPDATE practitioners SET is_active = false WHERE id = $1", a.other_practitioner)
    assert await doctors() == (0, 1)


@pytest.mark.parametrize(
    ("starts", "ends", "whose", "available"),
    [
        ("00:00", "23:59", "practitioner", 1),
        ("00:00", "23:59", "facility", 0),
        ("08:00", "10:30", "practitioner", 2),
        ("09:30", "13:00", "practitioner", 1),
    ],
)
async def test_leave_and_holidays_take_doctors_away(
    client: httpx2.AsyncClient, world: World, system: System, starts: str, ends: str, whose: str, available: int
) -> None:
    a = world.a
    async with system(a) as ctx:
        ctx.add(
            ScheduleException(
                kind="leave" if whose == "practitioner" else "holiday", starts_at=today(starts), ends_at=today(ends),
                practitioner_id=a.practitioner if whose == "practitioner" else None,
                facility_id=a.main if whose == "facility" else None,
            )
        )  # fmt: skip
    assert (await stats(client, a, facility=a.main))["doctors"]["available"] == available


async def test_imported_doctors_work_nowhere_here(client: httpx2.AsyncClient, world: World, system: System) -> None:
    async with system(world.a) as ctx:
        await staff.keep_external_practitioner(ctx, "fhir", "p-1", name="Lilliana Brakus")
    assert (await stats(client, world.a))["doctors"]["total"] == 2


async def test_money_is_for_those_who_may_see_receipts(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a = world.a
    async with system(a) as ctx:
        for starts, paise, method, facility in [
            (today("09:00"), 60_000, "cash", a.main), (today("09:10"), 40_000, "upi", a.main),
            (today("09:20"), 5_000, "cash", a.branch), (today("09:00") - timedelta(days=3), 70_000, "cash", a.main),
            (today("18:00") - timedelta(days=3), 1_000, "upi", a.main),
        ]:  # fmt: skip
            visit = await a_visit(ctx, a, starts, "fulfilled", facility_id=facility, fulfilled_at=starts)
            await a_receipt(ctx, visit, paise, method, starts)
    seen = await stats(client, a, "cashier", a.main)
    assert seen["collected_today_paise"] == 100_000
    assert seen["collected_by_day"] == [
        {"day": "2026-11-23", "cash_paise": 60_000, "upi_paise": 40_000, "total_paise": 100_000},
        {"day": "2026-11-20", "cash_paise": 70_000, "upi_paise": 1_000, "total_paise": 71_000},
    ]
    assert seen["sparks"]["collected_paise"] == [70_000, 100_000], "up to ten o'clock on both"
    assert (await stats(client, a, "cashier"))["collected_today_paise"] == 105_000
    hidden = await stats(client, a, "nurse", a.main)
    assert (hidden["collected_today_paise"], hidden["collected_by_day"]) == (None, None)
    assert hidden["sparks"]["collected_paise"] is None
    branch = await stats(client, a, "branch_receptionist")
    assert branch["collected_today_paise"] == 5_000


async def test_sparks_are_the_last_seven_working_days(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for days_ago in (1, 2, 3, 5, 6, 8, 9, 10):
            starts = today("09:00") - timedelta(days=days_ago)
            for _ in range(days_ago):
                await a_visit(ctx, a, starts, "fulfilled", fulfilled_at=starts + timedelta(minutes=30))
    sparks = (await stats(client, a, facility=a.main))["sparks"]
    assert sparks["seen"] == [8, 6, 5, 3, 2, 1, 0]
    assert {len(values) for name, values in sparks.items() if name in {"seen", "waiting", "noshows"}} == {7}


async def test_what_needs_someone(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    tomorrow = today("10:00") + timedelta(days=1)
    async with system(a) as ctx:
        await a_visit(ctx, a, today("12:00"), "pending")
        await a_visit(ctx, a, tomorrow, "pending")
        await a_visit(ctx, a, tomorrow - timedelta(days=9), "pending")
        await a_visit(ctx, a, today("09:00"), "checked-in", came=0, practitioner_id=a.other_practitioner)
        await a_visit(ctx, a, tomorrow, "cancelled")
        ctx.add(ScheduleException(id=new_id(), kind="leave", practitioner_id=a.practitioner, starts_at=tomorrow,
                                  ends_at=tomorrow + timedelta(hours=2)))  # fmt: skip
        ctx.add(the_day(a, a.other_practitioner, "late"))
    body = await stats(client, a, facility=a.main)
    assert body["pending_bookings"] == 2
    assert body["needs_someone"] == [
        {"kind": "pending_bookings", "count": 2, "practitioner_id": None, "practitioner_name": None},
        {"kind": "affected_by_leave", "count": 1, "practitioner_id": str(a.practitioner),
         "practitioner_name": "Dr Kavita Iyer"},
        {"kind": "late_practitioner", "count": 1, "practitioner_id": str(a.other_practitioner),
         "practitioner_name": "Dr Arvind Menon"},
    ]  # fmt: skip
    assert (await stats(client, a, facility=a.branch))["needs_someone"] == []


async def test_unread_are_ones_own(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for who in ("nurse", "nurse", "doctor"):
            ctx.add(Notification(user_id=a.users[who], event_id=new_id(), template="patient.registered", params={},
                                 channel="in-app", raised_at=ctx.now()))  # fmt: skip
    assert [(await stats(client, a, who))["unread"] for who in ("nurse", "doctor", "receptionist")] == [2, 1, 0]


@pytest.mark.slow
async def test_front_page_is_quick_with_a_hospitals_half_year(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    await plant_demo_size(owner, world.a, clock.now())
    body = await stats(client, world.a, "hospital_admin")
    assert body["patients"]["total"] == 502
    assert body["appointments_today"]["total"] == 130
    assert body["compared"]["seen"] is not None
    taken = []
    for _ in range(30):
        started = perf_counter()
        await stats(client, world.a, "hospital_admin")
        taken.append((perf_counter() - started) * 1000)
    print(f"\nGET /api/stats, 15,600 appointments: best {min(taken):.0f} ms, median {median(taken):.0f} ms")
    # The bar is for a machine that does nothing else; others' work on the same cores stretches every time alike.
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert min(taken) <= 50 * others, taken

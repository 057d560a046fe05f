"""Whenever the demo is filled, whoever signs in finds something to do: at night, on a Sunday, around midnight.

One test for each moment, since filling and copying a demo takes longer than looking at it.
"""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from tests.demo.conftest import Filled, SignedIn

SignIn = Callable[[str], Awaitable[SignedIn]]


@pytest.fixture
def lived_at(any_moment: Filled) -> Filled:
    return any_moment


async def the_desk_has_doctors_a_queue_and_what_to_confirm(sign_in: SignIn) -> None:
    desk = await sign_in("reception")
    doctors = (await desk.get("/api/practitioners-today", facility_id=desk.branch))["items"]
    assert {row["state"] for row in doctors} >= {"here", "late", "on-break"}
    assert sum(row["waiting"] for row in doctors) >= 5
    assert sum(bool(row["next_free"]) for row in doctors) >= 3
    assert (await desk.get("/api/appointments", facility_id=desk.branch, status="pending"))["total"] >= 3
    today = await desk.get("/api/appointments/today", facility_id=desk.branch, limit=200)
    assert today["total"] >= 50


async def the_doctor_has_someone_inside_and_someone_waiting(sign_in: SignIn) -> None:
    doctor = await sign_in("doctor")
    queue = await doctor.get(
        "/api/queue", facility_id=doctor.branch, practitioner_id=doctor.me["practitioner_id"], is_open=True
    )
    states = [entry["status"] for entry in queue["items"]]
    assert states[0] == "in-consultation"
    assert "waiting" in states


async def staff_see_who_waits_and_the_days_figures(sign_in: SignIn) -> None:
    for username in ("nurse", "pharmacist", "lab"):
        member = await sign_in(username)
        queue = await member.get("/api/queue", facility_id=member.branch, is_open=True)
        assert sum(entry["status"] == "waiting" for entry in queue["items"]) >= 5, username
        stats = await member.get("/api/stats", facility_id=member.branch)
        assert stats["waiting_now"] >= 5, username
        assert stats["doctors"]["available"] >= 5, username
        assert stats["appointments_today"]["total"] >= 50, username


async def the_till_has_money_due_and_the_money_of_other_days(sign_in: SignIn) -> None:
    till = await sign_in("cashier")
    stats = await till.get("/api/stats", facility_id=till.branch)
    assert sum(bool(day["total_paise"]) for day in stats["collected_by_day"]) >= 5
    today = (await till.get("/api/appointments/today", facility_id=till.branch, limit=200))["items"]
    assert any(visit["arrived_at"] and visit["fee_paise"] and not visit["receipt"] for visit in today)


async def the_front_page_has_its_figures(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    stats = await admin.get("/api/stats")
    assert stats["appointments_today"]["total"] >= 70
    assert len(stats["needs_someone"]) >= 2
    assert len(stats["collected_by_day"]) >= 5


async def privacy_officer_and_operator_have_their_lists(sign_in: SignIn, day: date) -> None:
    officer, operator = await sign_in("privacy"), await sign_in("superadmin")
    today = day.isoformat()
    assert (await officer.get("/api/audit", **{"from": today, "to": today}))["items"]
    assert (await officer.get("/api/audit", entity="chart"))["total"] >= 20
    assert (await operator.get("/api/hospitals"))["total"] == 2


async def the_patient_has_a_visit_to_come_and_news(sign_in: SignIn) -> None:
    sunita = await sign_in("patient")
    visits = (await sunita.get("/api/appointments"))["items"]
    assert any(visit["status"] in ("booked", "pending") for visit in visits)
    assert any(visit["status"] == "fulfilled" for visit in visits)
    assert (await sunita.get("/api/notifications"))["unread"] >= 1
    assert (await sunita.get("/api/availability"))["items"]


async def a_number_stands_on_the_waiting_rooms_screen(sign_in: SignIn) -> None:
    nurse = await sign_in("nurse")
    queue = await nurse.get("/api/queue", facility_id=nurse.branch, is_open=True)
    assert any(entry["status"] == "called" for entry in queue["items"])


async def test_whoever_signs_in_finds_something_to_do(
    sign_in: SignIn, any_moment: Filled, subtests: pytest.Subtests
) -> None:
    for finds in (
        the_desk_has_doctors_a_queue_and_what_to_confirm,
        the_doctor_has_someone_inside_and_someone_waiting,
        staff_see_who_waits_and_the_days_figures,
        the_till_has_money_due_and_the_money_of_other_days,
        the_front_page_has_its_figures,
        the_patient_has_a_visit_to_come_and_news,
        a_number_stands_on_the_waiting_rooms_screen,
    ):
        with subtests.test(finds.__name__):
            await finds(sign_in)
    with subtests.test("audit"):
        await privacy_officer_and_operator_have_their_lists(sign_in, any_moment.today)

"""Nobody who signs in to the demo stands in an empty room, and the product goes on from where the demo stops."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from arogya import demo
from arogya.platform.settings import Settings
from tests.demo.conftest import MORNING, Filled, SignedIn

SignIn = Callable[[str], Awaitable[SignedIn]]
TODAY = MORNING.date().isoformat()


async def test_the_desk_sees_its_doctors_the_queue_and_what_to_confirm(sign_in: SignIn) -> None:
    desk = await sign_in("reception")
    doctors = (await desk.get("/api/practitioners-today", facility_id=desk.branch))["items"]
    states = {row["name"]: row["state"] for row in doctors}
    assert states["Harpreet Gill"] == "late"
    assert states["Rohan Kulkarni"] == "on-break"
    assert states["Kavita Iyer"] == "here"
    assert len(doctors) >= 7
    assert sum(row["waiting"] for row in doctors) >= 6
    pending = await desk.get("/api/appointments", facility_id=desk.branch, status="pending")
    assert pending["total"] >= 5
    assert (await desk.get("/api/notifications"))["unread"] >= 1
    found = await desk.post("/api/patients/search", {"search": "90000 11207"})
    assert [row["name"] for row in found["items"]] == [
        f"{first} Deshmukh" for first in ("Aarav", "Ishita", "Kamala", "Mahesh", "Sunita")
    ]
    for typed, name in (("सुनीता", "Sunita Deshmukh"), ("sandhu gurd", "Gurdeep Sandhu"), ("204519", "Mahesh Deshmukh")):
        assert (await desk.post("/api/patients/search", {"search": typed}))["items"][0]["name"] == name


async def test_the_doctor_has_someone_inside_and_may_read_the_history(sign_in: SignIn) -> None:
    doctor = await sign_in("doctor")
    assert doctor.me["user"]["name"] == "Kavita Iyer"
    queue = await doctor.get(
        "/api/queue", facility_id=doctor.branch, practitioner_id=doctor.me["practitioner_id"], day=TODAY
    )
    inside = queue["items"][0]
    assert inside["status"] == "in-consultation"
    assert inside["appointment"]["patient"]["name"] == "Gurdeep Sandhu"
    assert any(entry["status"] == "waiting" for entry in queue["items"])
    history = await doctor.get(f"/api/patients/{inside['appointment']['patient_id']}/history")
    assert history["items"]


@pytest.mark.parametrize("username", ["nurse", "pharmacist", "lab"])
async def test_staff_see_the_queue_and_the_days_figures(sign_in: SignIn, username: str) -> None:
    member = await sign_in(username)
    queue = await member.get("/api/queue", facility_id=member.branch)
    assert any(entry["status"] == "waiting" for entry in queue["items"])
    stats = await member.get("/api/stats", facility_id=member.branch)
    assert stats["waiting_now"] >= 6
    assert stats["appointments_today"]["fulfilled"] >= 10
    assert stats["patients"]["new_today"] >= 1


async def test_the_till_has_money_taken_and_money_due(sign_in: SignIn) -> None:
    till = await sign_in("cashier")
    receipts = await till.get("/api/receipts", facility_id=till.branch, day=TODAY)
    assert receipts["total"] >= 10
    assert receipts["total_paise"] == receipts["cash_paise"] + receipts["upi_paise"] > 0
    today = (await till.get("/api/appointments/today", facility_id=till.branch, limit=200))["items"]
    assert any(visit["arrived_at"] and visit["fee_paise"] and not visit["receipt"] for visit in today)


async def test_the_front_page_compares_with_the_weeks_before(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    stats = await admin.get("/api/stats")
    assert stats["compared"]["seen"]
    assert stats["doctors"]["total"] == 11
    kinds = {row["kind"] for row in stats["needs_someone"]}
    assert kinds == {"pending_bookings", "affected_by_leave", "late_practitioner"}
    assert len(stats["collected_by_day"]) >= 5
    assert (await admin.get("/api/users"))["total"] >= 18
    assert len((await admin.get("/api/device-links"))["items"]) == 1


async def test_the_privacy_officer_sees_who_looked_at_what(sign_in: SignIn) -> None:
    officer = await sign_in("privacy")
    trail = await officer.get("/api/audit", action="read", entity="chart")
    assert trail["total"] >= 20
    assert all(row["patient_mrn"] and row["user_name"] for row in trail["items"])
    assert (await officer.get("/api/audit", outcome="denied"))["total"] >= 1


async def test_the_operator_sees_two_hospitals_and_no_patient(sign_in: SignIn) -> None:
    operator = await sign_in("superadmin")
    hospitals = (await operator.get("/api/hospitals"))["items"]
    assert {row["name"]: row["facilities_count"] for row in hospitals} == {"Nirmal Hospital": 2, "Sarovar Hospital": 1}
    refused = await operator.client.get("/api/patients")
    assert refused.status_code == 403


async def test_the_patient_has_visits_and_children(sign_in: SignIn) -> None:
    sunita = await sign_in("patient")
    assert [(one["name"], one["relation"]) for one in sunita.me["patients"]] == [
        ("Sunita Deshmukh", "self"), ("Aarav Deshmukh", "guardian"), ("Ishita Deshmukh", "guardian"),
    ]  # fmt: skip
    visits = (await sunita.get("/api/appointments"))["items"]
    assert {visit["status"] for visit in visits} >= {"fulfilled", "booked"}
    names = {visit["patient"]["name"] for visit in visits}
    assert names == {"Sunita Deshmukh", "Aarav Deshmukh", "Ishita Deshmukh"}
    assert (await sunita.get("/api/notifications"))["unread"] >= 1
    free = (await sunita.get("/api/availability", **{"from": TODAY, "days": 7}))["items"]
    assert len(free) >= 7


async def test_the_second_hospital_is_apart(sign_in: SignIn) -> None:
    desk, admin = await sign_in("reception2"), await sign_in("admin2")
    assert (await desk.post("/api/patients/search", {"search": "Deshmukh"}))["total"] == 0
    assert (await desk.post("/api/patients/search", {"search": "", "all": True}))["total"] == 70
    assert (await admin.get("/api/stats"))["doctors"]["total"] == 3
    auditor = await sign_in("auditor")
    assert {one["organization_name"] for one in auditor.me["memberships"]} == {"Nirmal Hospital", "Sarovar Hospital"}


async def test_the_display_opens_by_its_link(living: FastAPI, sign_in: SignIn) -> None:
    settings: Settings = living.state.settings
    token = demo.display_path(settings).partition("#")[2]
    screen = await sign_in("nurse")
    answer = await screen.post("/api/auth/device", {"token": token})
    screen.client.headers["Authorization"] = f"Bearer {answer['access_token']}"
    shown = await screen.get("/api/display")
    assert shown["calling"]["number"]
    assert len(shown["rows"]) >= 6


async def test_the_next_numbers_follow(sign_in: SignIn, morning: Filled) -> None:
    (newest,) = await asyncio.to_thread(
        morning.rows, "SELECT max(substring(mrn FROM '[0-9]+$')::int) FROM patients WHERE mrn LIKE 'NH-%'"
    )
    desk = await sign_in("reception")
    doctors = {
        row["name"]: row for row in (await desk.get("/api/practitioners-today", facility_id=desk.branch))["items"]
    }
    iyer = doctors["Kavita Iyer"]["practitioner_id"]
    new = await desk.post("/api/patients", {"name": "Naya Patient", "gender": "female", "age_years": 30})
    assert int(new["mrn"].removeprefix("NH-")) == newest[0] + 1
    queue = (await desk.get("/api/queue", facility_id=desk.branch, practitioner_id=iyer))["items"]
    given = [entry["number"] for entry in queue if entry["session"] == queue[0]["session"] and entry["number"]]
    visit = await desk.post(
        "/api/walk-ins", {"patient_id": new["id"], "practitioner_id": iyer, "facility_id": desk.branch}
    )
    assert visit["token"]["number"] == max(given) + 1
    receipts = await desk.get("/api/receipts", facility_id=desk.branch, day=TODAY, limit=200)
    last = max(row["number"] for row in receipts["items"])
    paid = await desk.post(f"/api/appointments/{visit['id']}/receipt", {"method": "cash"})
    assert int(paid["number"][-6:]) == int(last[-6:]) + 1
    called = await desk.post("/api/queue/call-next", {"practitioner_id": iyer, "facility_id": desk.branch})
    assert called["finished"]
    assert called["called"]["appointment"]["patient"]["name"]


async def test_sunita_may_come_again_for_nothing(sign_in: SignIn) -> None:
    desk = await sign_in("reception")
    doctors = {
        row["name"]: row for row in (await desk.get("/api/practitioners-today", facility_id=desk.branch))["items"]
    }
    (sunita,) = (await desk.post("/api/patients/search", {"search": "Sunita Deshmukh"}))["items"]
    preview = await desk.get(
        "/api/walk-ins/preview", patient_id=sunita["id"], facility_id=desk.branch,
        practitioner_id=doctors["Kavita Iyer"]["practitioner_id"],
    )  # fmt: skip
    assert (preview["fee_paise"], preview["is_free_revisit"], preview["revisit_day"]) == (0, True, 7)
    assert sunita["last_visit"]["practitioner_name"] == "Dr Kavita Iyer"


async def test_every_coming_booking_has_a_slot_of_its_own(sign_in: SignIn) -> None:
    """What was written stands where the product would have booked it."""
    desk = await sign_in("admin")
    last = (MORNING + timedelta(days=31)).date().isoformat()
    doctors = (await desk.get("/api/practitioners", limit=50))["items"]
    booked: list[dict[str, Any]] = []
    for skip in (0, 200, 400, 600, 800):
        page = await desk.get("/api/appointments", **{"from": TODAY, "to": last, "limit": 200, "skip": skip})
        booked += [visit for visit in page["items"] if visit["status"] in ("pending", "booked")]
    assert len(booked) > 400
    for doctor in doctors:
        slots = (await desk.get("/api/slots", practitioner_id=doctor["id"], **{"from": TODAY, "to": last}))["items"]
        starts = {(slot["starts_at"], slot["ends_at"], slot["schedule_id"]): slot for slot in slots}
        for visit in booked:
            if visit["practitioner_id"] == doctor["id"]:
                slot = starts[visit["starts_at"], visit["ends_at"], visit["schedule_id"]]
                assert slot["free"] < slot["places"] or slot["status"] in ("leave", "past")

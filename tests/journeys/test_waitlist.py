"""A full day and its waiting list, from the desk to the phone; leave over booked slots; a queue for a colleague."""

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PASSWORD, PHONE, Running

KOLKATA = ZoneInfo("Asia/Kolkata")
PICTURES = os.environ.get("PICTURES")
"""A folder for looking at what the journey saw."""


@dataclass
class Api:
    """What others do meanwhile, at screens of their own."""

    url: str
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api{path}", method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        with urllib.request.urlopen(request) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None


@pytest.fixture
def api(hospital: Running) -> Callable[[str], Api]:
    def sign_in(who: str) -> Api:
        opened = Api(hospital.url)
        told = opened("POST", "/auth/login", {"username": who, "password": PASSWORD, "client": "api"})
        opened.token = told["access_token"]
        return opened

    return sign_in


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def look(page: Page, name: str, to_desktop: bool = True) -> None:
    """As it is, and on a phone in the dark: nothing serious for axe, nothing sideways."""
    picture(page, name)
    assert (serious(page), sideways(page)) == ([], 0)
    before = page.viewport_size
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.wait_for_timeout(300)
    picture(page, f"{name}-phone-dark")
    assert (serious(page), sideways(page)) == ([], 0)
    page.emulate_media(color_scheme="light")
    if to_desktop and before:
        page.set_viewport_size(before)


@dataclass
class FullDay:
    """A day with one place, which is taken."""

    doctor: dict[str, Any]
    facility_id: str
    day: str
    visit_id: str


@pytest.fixture
def full_day(api: Callable[[str], Api]) -> FullDay:
    """One extra place on a day on which the doctor has no other, booked by somebody; freed places are offered at once,
    whatever the time is."""
    admin, desk = api("admin"), api("reception")
    admin("PUT", "/booking-rules", {"has_quiet_hours": False})
    facility_id = desk("GET", "/facilities")["items"][0]["id"]
    now = datetime.now(UTC)
    schedules = admin("GET", f"/schedules?facility_id={facility_id}&limit=200")["items"]
    for schedule in (
        one for one in schedules if one["kind"] == "slots" and one["mode"] == "in-person" and one["places"] == 1
    ):
        who = schedule["practitioner_id"]
        for n in range(2, 14):
            day = (now.astimezone(KOLKATA) + timedelta(days=n)).date()
            query = f"practitioner_id={who}&from={day}&to={day}"
            if desk("GET", f"/slots?{query}")["items"]:
                continue
            starts = datetime(day.year, day.month, day.day, 16, tzinfo=KOLKATA)
            body = {
                "kind": "extra", "schedule_id": schedule["id"], "starts_at": starts.isoformat(),
                "ends_at": (starts + timedelta(minutes=schedule["slot_minutes"])).isoformat(),
            }  # fmt: skip
            admin("POST", "/schedule-exceptions", body)
            (slot,) = desk("GET", f"/slots?{query}")["items"]
            for patient in desk("POST", "/patients/search", {"search": "Sharma"})["items"]:
                booking = {"patient_id": patient["id"], "practitioner_id": who, "facility_id": facility_id,
                           "starts_at": slot["starts_at"]}  # fmt: skip
                visit = desk("POST", "/appointments", booking)
                doctor = next(
                    one
                    for one in desk("GET", f"/practitioners?facility_id={facility_id}&limit=200")["items"]
                    if one["id"] == who
                )
                return FullDay(doctor, facility_id, str(day), visit["id"])
    raise AssertionError("every doctor sits every day")


def test_freed_place_comes_to_the_phone_and_is_taken(
    person: Callable[..., Page], api: Callable[[str], Api], full_day: FullDay
) -> None:
    patient, desk = api("patient"), api("reception")
    me = patient("GET", "/me")["patients"][0]["id"]
    patient("POST", "/waitlist", {
        "patient_id": me, "practitioner_id": full_day.doctor["id"], "facility_id": full_day.facility_id,
        "first_day": full_day.day, "last_day": full_day.day,
    })  # fmt: skip
    phone = person("patient", phone=True)
    phone.goto("/my/waiting")
    expect(phone.get_by_text("Place 1 in line")).to_be_visible()
    look(phone, "phone-waiting", to_desktop=False)

    staff = person("reception")
    staff.goto("/waitlist")
    row = staff.get_by_role("row").filter(has_text=full_day.doctor["name"])
    expect(row.get_by_text("Waits")).to_be_visible()
    look(staff, "desk-waitlist")

    desk("POST", f"/appointments/{full_day.visit_id}/cancel", {"reason": "Feels better"})
    expect(phone.get_by_role("button", name="Take it")).to_be_visible()
    expect(row.get_by_text("held till")).to_be_visible()
    look(phone, "phone-offer", to_desktop=False)
    look(staff, "desk-waitlist-offered")
    phone.goto("/my/home")
    expect(phone.get_by_role("button", name="Take it")).to_be_visible()
    picture(phone, "phone-home-offer")
    phone.get_by_role("button", name="Take it").click()
    expect(phone).to_have_url(re.compile("/my/visits/[0-9a-f-]{36}"))
    expect(phone.get_by_text("16:00").first).to_be_visible()
    expect(row).to_have_count(0)


def test_desk_puts_a_patient_on_the_list_when_the_day_is_full(person: Callable[..., Page], full_day: FullDay) -> None:
    page = person("reception")
    page.goto("/desk")
    expect(page.get_by_role("heading", name="Desk", level=1)).to_be_attached()
    page.keyboard.press("/")
    page.keyboard.type("9000011207")
    page.keyboard.press("Enter")
    # At the visit, where another journey gave the patient one today.
    expect(page.get_by_role("form", name="Walk-in").or_(page.get_by_role("region", name="Visit"))).to_be_visible()
    page.keyboard.press("b")
    form = page.get_by_role("form", name="Book for later")
    expect(form).to_be_visible()
    form.get_by_role("combobox", name="Doctor").click()
    page.get_by_role("option", name=re.compile(full_day.doctor["name"])).first.click()
    days = (datetime.fromisoformat(full_day.day).date() - datetime.now(KOLKATA).date()).days
    for _ in range(days):
        form.get_by_role("button", name="Day after").click()
    form.get_by_role("button", name="Put on the waiting list").wait_for()
    picture(page, "desk-full-day")
    any_of_them = form.get_by_label("With", exact=True).locator("option").nth(1).inner_text()
    assert any_of_them.endswith(", any doctor")
    form.get_by_label("With", exact=True).select_option(any_of_them)
    form.get_by_label("Part of the day").select_option("afternoon")
    form.get_by_role("button", name="Put on the waiting list").click()
    expect(form.get_by_text("On the waiting list, place")).to_be_visible()
    page.goto("/waitlist")
    expect(page.get_by_role("cell", name=any_of_them).first).to_be_visible()
    look(page, "desk-waitlist-any-doctor")


def test_offer_is_taken_by_the_link_of_its_message_without_a_sign_in(
    phone: Callable[[str], Page], hospital: Running, api: Callable[[str], Api], full_day: FullDay
) -> None:
    desk = api("reception")
    patient = desk("POST", "/patients/search", {"search": "Gupta"})["items"][0]
    desk("POST", "/waitlist", {
        "patient_id": patient["id"], "practitioner_id": full_day.doctor["id"], "facility_id": full_day.facility_id,
        "first_day": full_day.day, "last_day": full_day.day,
    })  # fmt: skip
    before = texts(hospital)
    desk("POST", f"/appointments/{full_day.visit_id}/cancel", {"reason": "Feels better"})
    token = link_sent_after(hospital, before)
    newcomer = phone("en")
    newcomer.goto(f"/my/offer#{token}")
    expect(newcomer.get_by_text(full_day.doctor["name"])).to_be_visible()
    assert token not in newcomer.url
    assert patient["name"].split()[0] not in newcomer.inner_text("body")
    look(newcomer, "offer-link", to_desktop=False)
    newcomer.get_by_role("button", name="हिन्दी").click()
    expect(newcomer.get_by_role("button", name="लें")).to_be_visible()
    picture(newcomer, "offer-link-hi")
    newcomer.get_by_role("button", name="English").click()
    newcomer.get_by_role("button", name="Take it").click()
    expect(newcomer.get_by_text("It is booked")).to_be_visible()
    picture(newcomer, "offer-link-booked")
    found = desk("GET", f"/appointments?patient_id={patient['id']}&from={full_day.day}&to={full_day.day}")["items"]
    assert [(one["status"], one["source"]) for one in found] == [("booked", "patient")]
    late = phone("en")
    late.goto(f"/my/offer#{token}")
    expect(late.get_by_text("This place is booked.")).to_be_visible()
    picture(late, "offer-link-over")


def texts(hospital: Running) -> set[Path]:
    """The simulator's files, as `arogya outbox` shows them."""
    return set((hospital.log.parent / "var/outbox").glob("*.sms"))


def link_sent_after(hospital: Running, before: set[Path]) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for file in texts(hospital) - before:
            if found := re.search(r"/my/offer#([\w-]{43})", file.read_text()):
                return found[1]
        time.sleep(0.2)
    raise AssertionError("no message came")


def test_leave_over_booked_slots_in_one_press(person: Callable[..., Page], api: Callable[[str], Api]) -> None:
    desk = api("reception")
    facility_id = desk("GET", "/facilities")["items"][0]["id"]
    tomorrow = (datetime.now(KOLKATA) + timedelta(days=1)).date()
    for n in range(7):
        day = tomorrow + timedelta(days=n)
        found = desk("GET", f"/appointments?facility_id={facility_id}&from={day}&to={day}&status=booked&limit=200")[
            "items"
        ]
        timed = [one for one in found if one["kind"] == "slot"]
        if timed:
            break
    doctor = timed[0]["practitioner_name"]
    page = person("admin")
    page.goto("/setup/leave")
    page.get_by_role("button", name="Enter leave or a holiday").click()
    page.get_by_role("combobox", name="Doctor").fill(doctor.removeprefix("Dr "))
    page.get_by_role("option").first.click()
    page.get_by_label("From", exact=True).fill(str(day))
    page.get_by_label("To, this day too").fill(str(day))
    page.get_by_role("form").get_by_role("button", name="Enter leave or a holiday").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row").nth(1)).to_be_visible()
    look(page, "leave-rebooking")
    dialog.get_by_label(re.compile("What becomes of")).first.select_option("cancel")
    dialog.get_by_role("button", name="Make the leave and tell everyone").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("cancelled 1")).to_be_visible()
    left = desk("GET", f"/appointments?facility_id={facility_id}&from={day}&to={day}&status=booked&limit=200")["items"]
    assert not [one for one in left if one["practitioner_name"] == doctor and one["kind"] == "slot"]


def test_queue_goes_to_a_colleague(person: Callable[..., Page], api: Callable[[str], Api]) -> None:
    desk = api("reception")
    facility_id = desk("GET", "/facilities")["items"][0]["id"]
    doctors = desk("GET", f"/practitioners-today?facility_id={facility_id}")["items"]
    away = ("gone", "leave")
    source, target = sorted((one for one in doctors if one["state"] not in away), key=lambda one: -one["waiting"])[:2]
    patient = desk("POST", "/patients/search", {"search": "Gupta"})["items"][0]
    desk("POST", "/walk-ins", {
        "patient_id": patient["id"], "practitioner_id": source["practitioner_id"], "facility_id": facility_id
    })  # fmt: skip
    page = person("reception")
    page.goto("/desk")
    name = f"{source['title']} {source['name']}"
    page.get_by_role("button", name=f"More of {name}").click()
    page.get_by_role("menuitem", name="Move the queue").click()
    dialog = page.get_by_role("dialog", name=f"Move the queue: {name}")
    dialog.get_by_label("To", exact=True).select_option(target["practitioner_id"])
    expect(dialog.get_by_text(patient["name"])).to_be_visible()
    look(page, "queue-handover")
    dialog.get_by_role("button", name=re.compile(r"Move \d+ patient")).click()
    expect(dialog).to_have_count(0)
    there = desk("GET", f"/queue?facility_id={facility_id}&practitioner_id={target['practitioner_id']}&is_open=true")
    assert patient["id"] in {one["appointment"]["patient_id"] for one in there["items"]}

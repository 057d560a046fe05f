"""The counter’s commonest tasks, the mouse never touched: docs/use.md.

Keys are counted as a hand presses them. Seconds are those of a hand that takes HAND_MS a key, with the program’s time,
until the paper is at the printer or the change is on the screen.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import headers
from tests.journeys.test_desk import Keyboard, Person, desk, seen_before, someone

HAND_MS = 300
"""200 keys a minute, 40 words: a clerk who looks at the patient."""
BUSY_S = 3
"""What other tests on the same small machine may add to a task's seconds."""


@contextmanager
def task(page: Page, name: str, *, keys: int, seconds: float) -> Iterator[Keyboard]:
    """Count what is pressed inside, print it, and hold it to its bars."""
    keyboard = Keyboard(page, HAND_MS)
    started = time.monotonic()
    yield keyboard
    took = time.monotonic() - started
    print(f"\n{name}: {keyboard.count} keys, {took:.1f} s")
    assert keyboard.count <= keys
    assert took <= seconds + BUSY_S


def on_record(page: Page) -> tuple[str, str]:
    """One who was here before: name and phone."""
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    name, phone = someone()
    body = {"name": name, "gender": "female", "age_years": 34, "phones": [phone]}
    made = page.request.post("/api/patients", data=body, headers=headers(page) | {"Idempotency-Key": uuid4().hex})
    assert made.status == 201, made.text()
    return name, phone


def found(page: Page, keyboard: Keyboard, typed: str, name: str) -> None:
    """By what is typed the patient alone, and Enter."""
    keyboard.press("/")
    keyboard.type(typed)
    expect(page.get_by_role("option").filter(has_text=name)).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("grid", name="Today's queue").get_by_role("row").filter(has_text=name)


def doctor_is_asked(page: Page, keyboard: Keyboard, letters: str) -> None:
    """Who was never here has no last doctor: a few letters and Enter."""
    walk_in = page.get_by_role("form", name="Walk-in")
    expect(walk_in.get_by_label("Doctor")).to_be_focused()
    keyboard.type(letters)
    keyboard.press("ArrowDown", "Enter")
    expect(page.get_by_role("button", name=re.compile(r"Give token \d+"))).to_be_focused()


def test_a_known_patient_is_booked_in_twelve_keys(person: Person) -> None:
    page = desk(person)
    name, phone = seen_before(page)
    with task(page, "book a known patient at the next free time", keys=12, seconds=10) as keyboard:
        found(page, keyboard, phone[-5:], name)
        expect(page.get_by_role("button", name=re.compile(r"Give token \d+"))).to_be_focused()
        keyboard.press("b")
        form = page.get_by_role("form", name="Book for later")
        expect(form.locator(":focus")).to_have_count(1)
        if form.get_by_role("button", name=re.compile("^Next free")).count():
            keyboard.press("Enter")
        expect(form.get_by_role("radio").locator(":scope:focus")).to_have_count(1)
        keyboard.press("Enter")
        expect(page.get_by_role("region", name="Visit")).to_contain_text(name)


def test_a_new_patient_has_a_slip_within_forty_five_seconds(person: Person) -> None:
    page = desk(person)
    name, phone = someone()
    with task(page, "new patient: registered, token given, slip at the printer", keys=60, seconds=45) as keyboard:
        keyboard.press("F2")
        form = page.get_by_role("form", name="New patient")
        expect(form.get_by_label("Name", exact=True)).to_be_focused()
        keyboard.type(name)
        keyboard.press("Tab")
        keyboard.type("34")
        keyboard.press("Tab")
        expect(form.get_by_label("Phone").first).to_be_focused()
        keyboard.type(phone)
        keyboard.press("Tab", "f", "Enter")
        doctor_is_asked(page, keyboard, "iyer")
        keyboard.press("Enter")
        page.wait_for_function("() => window.wasPrinted")


def test_who_is_expected_is_found_checked_in_and_moved(person: Person) -> None:
    page = desk(person)
    name, phone = on_record(page)
    booked_today(page, phone)
    expect(row_of(page, name)).to_be_visible()
    with task(page, "find today's visit and check it in", keys=8, seconds=8) as keyboard:
        found(page, keyboard, phone[-5:], name)
        expect(page.get_by_role("region", name="Visit")).to_contain_text(name)
        keyboard.press("c")
        expect(row_of(page, name)).to_contain_text("Checked in")


def test_a_coming_visit_is_moved_in_three_keys(person: Person) -> None:
    page = desk(person)
    name, phone = on_record(page)
    booked_today(page, phone)
    row_of(page, name).click()
    expect(page.get_by_role("region", name="Visit")).to_contain_text(name)
    with task(page, "move the chosen visit to the first proposal", keys=3, seconds=5) as keyboard:
        keyboard.press("m")
        expect(page.get_by_role("region", name="Move")).to_contain_text(name)
        keyboard.press("1")
        expect(page.get_by_role("status").filter(has_text="Moved").first).to_be_visible()


def booked_today(page: Page, phone: str) -> str:
    """A visit of later today, with whichever doctor of the branch has a time left; the doctor's name."""
    asked = headers(page)
    patient = page.request.post("/api/patients/search", data={"search": phone}, headers=asked).json()["items"][0]
    today = f"{datetime.now(ZoneInfo('Asia/Kolkata')):%F}"
    branch = page.request.get("/api/me", headers=asked).json()["facilities"][0]["id"]
    doctors = page.request.get(f"/api/practitioners-today?facility_id={branch}", headers=asked).json()["items"]
    for doctor in doctors:
        query = f"practitioner_id={doctor['practitioner_id']}&facility_id={branch}&from={today}&to={today}"
        for slot in page.request.get(f"/api/slots?{query}", headers=asked).json()["items"]:
            body = {"patient_id": patient["id"], "practitioner_id": doctor["practitioner_id"], "facility_id": branch}
            if slot["status"] == "free" and slot["kind"] == "slot":
                booked = page.request.post(
                    "/api/appointments", data=body | {"starts_at": slot["starts_at"]}, headers=asked
                )
                if booked.status == 201:
                    page.reload()
                    return str(doctor["name"])
    pytest.skip("in the last minutes of a day nobody can be expected any more")

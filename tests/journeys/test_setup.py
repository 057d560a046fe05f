"""A new hospital, from the code in the terminal to its first booking."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Device, Running, start
from tests.journeys.test_desk import register

ADMIN, ADMIN_PASSWORD = "meera", "monsoon umbrella"


@pytest.fixture(scope="module")
def empty_hospital(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(wheel, tmp_path_factory.mktemp("empty"), ["serve"])
    yield running
    running.stop()


@pytest.fixture
def page_there(device: Device, empty_hospital: Running) -> Page:
    return device(empty_hospital.url).new_page()


def one_time_code(running: Running) -> str:
    found = re.search(r"one-time code:\s+([A-Z0-9]{2,}(?:-[A-Z0-9]+)+)", running.log.read_text())
    assert found, running.log.read_text()
    return found[1]


def test_a_new_hospital_from_the_set_up_code_to_its_first_booking(page_there: Page, empty_hospital: Running) -> None:
    page = page_there
    set_up(page, one_time_code(empty_hospital))

    page.goto("/setup/departments")
    page.get_by_role("button", name="Add a department").first.click()
    form = page.get_by_role("form", name="Add a department")
    form.get_by_role("button", name="Add a department").click()
    expect(form.get_by_text("This is needed")).to_be_visible()
    form.get_by_label("Name", exact=True).fill("General medicine")
    form.get_by_role("button", name="Add a department").click()
    expect(page.get_by_role("grid").get_by_text("General medicine")).to_be_visible()

    page.goto("/setup/doctors")
    page.get_by_role("button", name="Add a doctor").first.click()
    form = page.get_by_role("form", name="Add a doctor")
    form.get_by_label("Name", exact=True).fill("Asha Test")
    form.get_by_label("Fee").fill("600")
    form.get_by_role("button", name="Add a doctor").click()
    expect(page.get_by_role("grid").get_by_text("Dr Asha Test")).to_be_visible()
    expect(page.get_by_role("grid").get_by_text("₹600")).to_be_visible()

    page.goto("/setup/schedules")
    page.get_by_role("button", name="Add a schedule").first.click()
    form = page.get_by_role("form", name="Add a schedule")
    form.get_by_role("combobox", name="Doctor").or_(form.get_by_label("Doctor", exact=True)).first.click()
    page.get_by_role("option", name="Dr Asha Test").click()
    form.get_by_role("button", name="Add a schedule").click()
    expect(page.get_by_role("grid").get_by_text("Mon–Fri 09:00–13:00")).to_be_visible()

    first_booking(page)


def set_up(page: Page, code: str) -> None:
    page.goto("/")
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("Name of the hospital").fill("Neem Hospital")
    page.get_by_label("Short code").fill("NEEM")
    page.get_by_label("First branch").fill("Neem Hospital, Pune")
    page.get_by_label("Your name", exact=True).fill("Meera Test")
    page.get_by_label("Your username").fill(ADMIN)
    page.get_by_label("Your password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Set up Neem Hospital").click()
    expect(page.get_by_role("link", name="Set-up")).to_be_visible()


def first_booking(page: Page) -> None:
    """The same administrator at the desk: whatever day it is, the doctor's next free time is one step away."""
    page.goto("/desk")
    page.get_by_label("Phone, name, UHID or scan").wait_for()
    register(page, "Ravi Test", "9000011207")
    page.get_by_role("button", name="Book for later").click()
    form = page.get_by_role("form", name="Book for later")
    book = form.get_by_role("button", name=re.compile("^Book "))
    next_free = form.get_by_role("button", name=re.compile("^Next free"))
    expect(book.or_(next_free)).to_be_visible()
    if next_free.is_visible():
        next_free.click()
    book.click()
    visit = page.get_by_role("region", name="Visit")
    expect(visit).to_contain_text("Ravi Test")
    expect(visit).to_contain_text("Dr Asha Test")
    expect(visit).to_contain_text("₹600")

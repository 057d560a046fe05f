"""A new hospital, from the code in the terminal to its first booking."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NOTE_PRINTING, Device, Running, start
from tests.journeys.test_desk import register

ADMIN, ADMIN_PASSWORD = "meera", "monsoon umbrella"


@pytest.fixture
def empty_hospital(wheel: Path, tmp_path: Path) -> Iterator[Running]:
    running = start(wheel, tmp_path, ["serve"])
    yield running
    running.stop()


@pytest.fixture
def page_there(device: Device, empty_hospital: Running) -> Page:
    context = device(empty_hospital.url)
    context.add_init_script(NOTE_PRINTING)
    return context.new_page()


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


def test_one_doctor_sees_a_patient_from_registration_to_the_end_on_one_page(
    page_there: Page, empty_hospital: Running
) -> None:
    page = page_there
    set_up(page, one_time_code(empty_hospital), preset="One doctor")
    expect(page.get_by_role("searchbox", name="Phone, name, UHID or scan")).to_be_visible()
    been = []
    page.on("framenavigated", lambda frame: been.append(frame.url) if frame == page.main_frame else None)
    give_token(page, "Ravi Test", "9000011207", 1)
    give_token(page, "Asha Test", "9000011208", 2)

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Call 1, Ravi Test"))).to_be_visible()
    page.keyboard.press("Escape")  # out of the search box, where a letter is a letter
    page.keyboard.press("n")
    let_in_and_finish(page, "Ravi Test", 1, "Finish and call 2, Asha Test")
    let_in_and_finish(page, "Asha Test", 2, "Finish, nobody waits")
    rows = page.get_by_role("grid", name="Today's queue").get_by_role("row")
    for name in ("Ravi Test", "Asha Test"):
        expect(rows.filter(has_text=name)).to_contain_text("Completed")
    assert page.url.split("?")[0] == f"{empty_hospital.url}/desk"
    assert not [address for address in been if not address.startswith(f"{empty_hospital.url}/desk")]

    give_token(page, "Kiran Test", "9000011209", 3)
    give_token(page, "Lata Test", "9000011210", 4)
    go_on_at_the_queues_own_page(page, "Kiran Test", "Lata Test")

    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("grid").get_by_role("row").filter(has_text="Meera Test").first).to_be_visible()


def give_token(page: Page, name: str, phone: str, number: int) -> None:
    register(page, name, phone)
    expect(page.get_by_role("button", name=f"Give token {number} and print slip")).to_be_focused()
    page.keyboard.press("Enter")
    slip = page.get_by_role("dialog", name=re.compile("Slip of"))
    expect(slip).to_be_visible()
    page.keyboard.press("Escape")
    expect(slip).to_be_hidden()


def let_in_and_finish(page: Page, name: str, number: int, finish: str) -> None:
    """Whoever was called, by the one key that is also the queue page's."""
    visit = page.get_by_role("region", name="Visit", exact=True)
    steps = page.get_by_role("region", name="This visit")
    expect(visit).to_contain_text(name)
    expect(steps.get_by_role("button", name=re.compile(f"^Token {number}, {name} is in"))).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(visit).to_contain_text("With doctor")
    steps.get_by_label("Notes of the visit").fill("Came with a cough")
    expect(steps.get_by_role("button", name=re.compile(f"^{finish}"))).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(steps.get_by_role("button", name=re.compile(f"^{finish}"))).to_be_hidden()


def go_on_at_the_queues_own_page(page: Page, first: str, second: str) -> None:
    """The same steps there: who is called by finishing is who stands there next."""
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_role("button", name=re.compile(f"^Call 3, {first}"))).to_be_visible()
    page.keyboard.press("n")
    for name in (first, second):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.get_by_role("button", name=re.compile(f"{name} is in")).click()
        page.get_by_role("button", name=re.compile("^Finish( and call|, nobody)")).click()
    expect(page.get_by_role("heading", name=second)).to_be_visible()


def set_up(page: Page, code: str, preset: str = "Hospital or clinic") -> None:
    page.goto("/")
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("radio", name=re.compile(f"^{preset}")).check()
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

"""The reception desk: what a counter does all day, mostly by keyboard."""

import re
import time
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.journeys.conftest import headers, spare_phone

Person = Callable[..., Page]
WALK_IN_KEYS = 15


class Keyboard:
    """Types as a hand does, and counts."""

    def __init__(self, page: Page, key_ms: int = 0) -> None:
        self.page = page
        self.count = 0
        self._key_ms = key_ms

    def type(self, text: str) -> None:
        self.press(*text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            self.page.wait_for_timeout(self._key_ms)
            self.page.keyboard.press(key)


def desk(person: Person, username: str = "reception") -> Page:
    page = person(username)
    page.goto("/desk")
    expect(page.get_by_role("grid", name="Today's queue")).to_be_visible()
    return page


def register(page: Page, name: str, phone: str) -> None:
    keyboard = Keyboard(page)
    keyboard.press("F2")
    form = page.get_by_role("form", name="New patient")
    expect(form.get_by_label("Name", exact=True)).to_be_focused()
    keyboard.type(name)
    keyboard.press("Tab")
    keyboard.type("34")
    keyboard.press("Tab")
    form.get_by_label("Phone").first.fill(phone)
    keyboard.press("Tab", "f", "Enter")
    expect(page.get_by_role("form", name="Walk-in")).to_be_visible()


def someone() -> tuple[str, str]:
    """An invented name and a number that nobody has."""
    letters = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"Asha {letters[:8].title()}", spare_phone()


def seen_before(page: Page) -> tuple[str, str]:
    """Somebody of the demo with a last doctor, a phone of their own and nothing booked: name and phone."""
    asked = headers(page)
    branch = page.request.get("/api/me", headers=asked).json()["facilities"][0]["id"]
    today = page.request.get(f"/api/practitioners-today?facility_id={branch}", headers=asked).json()["items"]
    here = {doctor["practitioner_id"] for doctor in today if doctor["state"] != "gone"}
    for patient in page.request.post("/api/patients/search", data={"limit": 200}, headers=asked).json()["items"]:
        if not patient["phone"] or not patient["last_visit"] or patient["last_visit"]["practitioner_id"] not in here:
            continue
        digits = patient["phone"].replace(" ", "")
        family = page.request.post("/api/patients/search", data={"search": digits[-5:]}, headers=asked).json()
        visits = page.request.post("/api/appointments/search", data={"search": digits[-5:]}, headers=asked).json()
        if family["total"] == 1 and visits["total"] == 0:
            return patient["name"], digits
    raise AssertionError("the demo has nobody who was here before and is not expected")


def test_a_walk_in_needs_no_mouse_and_few_keys(person: Person) -> None:
    page = desk(person)
    _, phone = seen_before(page)
    keyboard = Keyboard(page)
    keyboard.press("/")
    keyboard.type(phone)
    keyboard.press("Enter")
    give = page.get_by_role("button", name=re.compile(r"Give token \d+ and print slip"))
    expect(give).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=re.compile("Slip of"))).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"Token \d+ given")).first).to_be_visible()
    page.wait_for_function("() => window.wasPrinted")
    slip = page.get_by_role("dialog", name=re.compile("Slip of"))
    with page.expect_response(re.compile("/slip.*paper=a5")) as asked:
        slip.get_by_role("radio", name="A5").check()
    assert asked.value.headers["content-type"] == "application/pdf"
    expect(slip.get_by_role("radio", name="A5")).to_be_checked()
    print(f"\nwalk-in of a returning patient: {keyboard.count} keys")
    assert keyboard.count <= WALK_IN_KEYS


def test_a_new_patient_is_registered_by_keyboard_and_comes_to_the_walk_in(person: Person) -> None:
    page = desk(person)
    name, phone = someone()
    started = time.monotonic()
    register(page, name, phone)
    print(f"\nnew patient registered in {time.monotonic() - started:.1f} s")
    expect(page.get_by_role("region", name="Walk-in")).to_contain_text(name)
    found = page.request.post("/api/patients/search", data={"search": phone}, headers=headers(page)).json()
    assert [(one["name"], one["gender"], one["age_years"]) for one in found["items"]] == [(name, "female", 34)]


def test_what_is_missing_is_said_beside_its_field(person: Person) -> None:
    page = desk(person)
    page.keyboard.press("F2")
    form = page.get_by_role("form", name="New patient")
    form.get_by_label("Phone").first.fill("90000 112")
    page.keyboard.press("Enter")
    expect(form.get_by_label("Name", exact=True)).to_be_focused()
    expect(form).to_contain_text("A mobile number has 10 digits; this one has 8")


def test_a_registration_that_a_reload_cut_off_opens_again(person: Person) -> None:
    page = desk(person)
    page.keyboard.press("F2")
    form = page.get_by_role("form", name="New patient")
    form.get_by_label("Name", exact=True).fill("Asha Half Typed")
    page.reload()
    expect(form.get_by_label("Name", exact=True)).to_have_value("Asha Half Typed")
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_text("Who is at the counter?")).to_be_visible()


def test_a_finger_registers_too(person: Person) -> None:
    page = person("reception", phone=True)
    page.goto("/desk")
    page.get_by_role("button", name="new patient").tap()
    form = page.get_by_role("form", name="New patient")
    expect(form.get_by_label("Name", exact=True)).to_be_focused()


def test_what_waits_to_be_confirmed_has_its_list_and_its_key(person: Person) -> None:
    page = desk(person)
    page.goto("/overview")
    page.get_by_role("link", name="Confirm").click()
    shown = page.get_by_role("radio", name=re.compile("To confirm"))
    expect(shown).to_be_checked()
    row = page.get_by_role("row").filter(has_text="Pending").last
    row.click()
    panel = page.get_by_role("region", name="Visit")
    expect(panel).to_contain_text("Pending")
    panel.get_by_role("button", name="Confirm").click()
    expect(panel).to_contain_text("Confirmed")


def test_perhaps_already_here_warns_and_does_not_block(person: Person) -> None:
    page = desk(person)
    name, phone = someone()
    register(page, name, phone)
    page.keyboard.press("F2")
    form = page.get_by_role("form", name="New patient")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("Phone").first.fill(phone)
    expect(form.get_by_role("alert")).to_contain_text("Perhaps already here")
    form.get_by_role("button", name=re.compile(f"Open {name}")).click()
    expect(page.get_by_role("region", name="Walk-in")).to_contain_text(name)


def open_booking(page: Page, doctor: str = "Dr Arvind Menon") -> None:
    """A new patient, and the form for tomorrow with the same doctor at both desks; another's day for who fills it."""
    register(page, *someone())
    page.get_by_role("form", name="Walk-in").get_by_label("Doctor").click()
    page.get_by_role("option", name=doctor).click()
    expect(page.get_by_role("button", name=re.compile(r"Give token \d+"))).to_be_focused()
    page.keyboard.press("b")
    form = page.get_by_role("form", name="Book for later")
    form.get_by_role("button", name="Day after").click()
    expect(form.get_by_role("button", name=re.compile("Book tomorrow"))).to_be_visible()


def test_two_desks_take_the_last_place_and_one_is_offered_the_next(person: Person) -> None:
    first, second = desk(person), desk(person)
    for page in (first, second):
        open_booking(page)
    # It does not see in time that the first was faster: its list is being read again, and that takes long.
    second.route(re.compile("/api/slots"), lambda _: None)
    first.get_by_role("button", name=re.compile("Book tomorrow")).click()
    expect(first.get_by_role("region", name="Visit")).to_be_visible()
    second.get_by_role("button", name=re.compile("Book tomorrow")).click()
    told = second.get_by_role("region", name="Place taken meanwhile")
    expect(told).to_contain_text("Your details are kept")
    second.unroute_all(behavior="ignoreErrors")
    offered = re.search(r"\d+:\d\d", told.get_by_role("button").nth(1).inner_text())
    assert offered
    second.keyboard.press("2")
    expect(second.get_by_role("region", name="Visit")).to_contain_text(offered[0])


def test_a_booking_is_cancelled_with_its_reason(person: Person) -> None:
    page = desk(person)
    open_booking(page)
    page.get_by_role("button", name=re.compile("Book tomorrow")).click()
    visit = page.get_by_role("region", name="Visit")
    expect(visit).to_be_visible()
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog", name="Cancel this appointment?")
    dialog.get_by_role("button", name=re.compile("^Cancel Asha")).click()
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_role("textbox").fill("Called, cannot come")
    dialog.get_by_role("button", name=re.compile("^Cancel Asha")).click()
    expect(dialog).to_be_hidden()
    expect(visit).to_contain_text("Cancelled")


def test_a_doctor_who_is_late_shows_at_the_desk(person: Person) -> None:
    page, doctor = desk(person), person("doctor")
    row = page.get_by_role("grid", name="Doctors today").get_by_role("row").filter(has_text="Dr Kavita Iyer")
    doctor.goto("/queue")
    doctor.get_by_role("button", name="I am").click()
    doctor.get_by_role("menuitem", name="30 min late").click()
    expect(row).to_contain_text("Late, here by")
    doctor.get_by_role("button", name="Late").click()
    doctor.get_by_role("menuitem", name="Here").click()
    expect(row).not_to_contain_text("Late")


def test_the_fee_is_taken_once_and_gets_its_receipt(person: Person) -> None:
    page = desk(person)
    register(page, *someone())
    page.get_by_role("form", name="Walk-in").get_by_label("Doctor").click()
    page.get_by_role("option", name="Dr Kavita Iyer").click()
    page.get_by_role("button", name=re.compile(r"Give token \d+ and print slip")).click()
    page.get_by_role("dialog", name=re.compile("Slip of")).wait_for()
    page.keyboard.press("Escape")
    visit = page.get_by_role("region", name="Visit")
    visit.get_by_role("button", name="Take ₹600 in cash").dblclick()
    expect(page.get_by_role("dialog", name=re.compile("Receipt"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(visit.get_by_role("button", name="Take ₹600 in cash")).to_have_count(0)


def test_one_who_cannot_wait_goes_first_by_one_key_and_back(person: Person) -> None:
    page = desk(person)
    name, phone = someone()
    register(page, name, phone)
    page.get_by_role("form", name="Walk-in").get_by_label("Doctor").click()
    page.get_by_role("option", name="Dr Lalitha Rao").click()
    page.get_by_role("button", name=re.compile(r"Give token \d+ and print slip")).click()
    page.get_by_role("dialog", name=re.compile("Slip of")).wait_for()
    page.keyboard.press("Escape")
    row = page.get_by_role("grid", name="Today's queue").get_by_role("row").filter(has_text=name)
    page.keyboard.press("q")
    expect(row).to_contain_text("First in line")
    page.get_by_role("region", name="Visit").get_by_role("button", name="Back in turn").click()
    expect(row).not_to_contain_text("First in line")


def test_who_may_override_books_over_a_taken_time_and_says_why(person: Person) -> None:
    reception = desk(person)
    open_booking(reception, "Dr Meera Nambiar")
    expect(reception.get_by_label("Show taken times too")).to_have_count(0)
    page = desk(person, "admin")
    open_booking(page, "Dr Meera Nambiar")
    page.get_by_role("button", name=re.compile("Book tomorrow")).click()
    expect(page.get_by_role("region", name="Visit")).to_be_visible()
    open_booking(page, "Dr Meera Nambiar")
    form = page.get_by_role("form", name="Book for later")
    form.get_by_label("Show taken times too, to book over them").check()
    form.get_by_role("radio", name=re.compile("^taken")).first.check(force=True)
    form.get_by_role("button", name=re.compile("Book tomorrow")).click()
    expect(form).to_contain_text("Say why")
    form.get_by_label("Why over it").fill("Fever since three days")
    form.get_by_role("button", name=re.compile("Book tomorrow")).click()
    expect(page.get_by_role("region", name="Visit")).to_contain_text("Tomorrow")


def test_a_scanned_slip_opens_its_visit_and_the_box_of_every_page_finds_it(person: Person) -> None:
    page = desk(person)
    name, phone = someone()
    register(page, name, phone)
    page.get_by_role("form", name="Walk-in").get_by_label("Doctor").click()
    page.get_by_role("option", name="Dr Kavita Iyer").click()
    page.get_by_role("button", name=re.compile(r"Give token \d+ and print slip")).click()
    page.get_by_role("dialog", name=re.compile("Slip of")).wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Visit")).to_contain_text(name)
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid", name="Today's queue").get_by_role("row").filter(has_text=name)).to_be_visible()
    found = page.request.post("/api/patients/search", data={"search": phone}, headers=headers(page)).json()
    uhid = found["items"][0]["mrn"]
    scanner = Keyboard(page)
    page.get_by_role("searchbox").first.focus()
    scanner.type(uhid)
    scanner.press("Enter")
    expect(page.get_by_role("region", name="Visit")).to_contain_text(name)
    page.goto("/overview")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    scanner.type(uhid)
    visits = page.get_by_role("group", name="Visits")
    expect(visits.get_by_role("option")).to_have_count(1)
    visits.get_by_role("option").click()
    expect(page).to_have_url(re.compile("/desk"))
    expect(page.get_by_role("region", name="Visit")).to_contain_text(name)

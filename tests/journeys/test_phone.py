"""A new patient on a phone: registers, books in three taps, moves, cancels, books again in one; in both languages."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import spare_phone
from tests.journeys.pages import settle

A_TIME = re.compile(r"^\d{1,2}:\d{2}$")
COUNT_TAPS = "window.taps = 0; addEventListener('touchstart', () => { window.taps += 1 }, true)"
PAGES = ("/my/home", "/my/messages", "/my/book", "/my/visits", "/my/me")


@dataclass(frozen=True)
class Words:
    new_here: str
    hospital: str
    name: str
    birth: str
    sex: str
    phone: str
    username: str
    password: str
    read: str
    register: str
    book: str
    confirm: str
    visits: str
    other_time: str
    confirm_move: str
    cancel: str
    cancel_it: str
    cancelled: str
    today: str


ENGLISH = Words(
    new_here="New patient? Register here", hospital="Hospital", name="Name", birth="Age or birth date", sex="Sex",
    phone="Phone", username="Username", password="Password", read="I have read this", register="Register",
    book="Book", confirm="Confirm booking", visits="Visits", other_time="Other time", confirm_move="Move to this time",
    cancel="Cancel visit", cancel_it="Cancel visit", cancelled="Cancelled",
    today="Today",
)  # fmt: skip
HINDI = Words(
    new_here="नए मरीज़ हैं? यहाँ दर्ज करें", hospital="अस्पताल", name="नाम", birth="उम्र या जन्म तिथि", sex="लिंग",
    phone="फ़ोन", username="यूज़रनेम", password="पासवर्ड", read="मैंने यह पढ़ लिया", register="दर्ज करें",
    book="बुक करें", confirm="बुकिंग पक्की करें", visits="विज़िट", other_time="दूसरा समय",
    confirm_move="इस समय पर बदलें", cancel="विज़िट रद्द करें", cancel_it="विज़िट रद्द करें", cancelled="रद्द",
    today="आज",
)  # fmt: skip


def register(page: Page, words: Words) -> None:
    """From the sign-in page to one's own home."""
    page.goto("/my")
    settle(page)  # what still comes moves the link from under the finger
    page.get_by_role("link", name=words.new_here).tap()
    page.get_by_label(words.hospital).select_option(label="Nirmal Hospital")
    page.get_by_label(words.name, exact=True).fill("मीरा परीक्षण")
    page.get_by_label(words.birth).fill("12/4/1990")
    page.get_by_label(words.sex).select_option("female")
    phone = spare_phone()
    page.get_by_label(words.phone).fill(phone)
    page.get_by_label(words.username).fill(f"meera{phone}")
    page.get_by_label(words.password, exact=True).fill("monsoon umbrella")
    page.get_by_label(words.read).check()
    page.get_by_role("button", name=words.register).tap()
    expect(page).to_have_url(re.compile("/my/home$"))


def far_off(page: Page, words: Words) -> Locator:
    """A free time that is not too near to be moved: of another day, or else the latest of today's."""
    times = page.get_by_role("button", name=A_TIME)
    times.first.wait_for()
    later = page.get_by_role("listitem").filter(has_not_text=words.today).get_by_role("button", name=A_TIME)
    if later.count():
        return later.last
    latest = max(times.all_inner_texts(), key=lambda told: [int(part) for part in told.split(":")])
    return page.get_by_role("button", name=latest, exact=True).last


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name).tap()


def test_a_new_patient_books_in_three_taps_in_hindi_then_moves_and_cancels(phone: Callable[[str], Page]) -> None:
    page, words = phone("hi"), HINDI
    register(page, words)
    expect(page.locator("html")).to_have_attribute("lang", "hi")

    page.evaluate(COUNT_TAPS)
    tab(page, words.book)
    far_off(page, words).tap()
    page.get_by_role("button", name=words.confirm).tap()
    expect(page).to_have_url(re.compile(r"/my/visits/[0-9a-f-]+$"))
    taps = page.evaluate("window.taps")
    print(f"taps to book: {taps}")
    assert 0 < taps <= 3
    first = page.url

    page.get_by_role("button", name=words.other_time).tap()
    page.get_by_role("button", name=A_TIME).last.tap()
    page.get_by_role("button", name=words.confirm_move).tap()
    expect(page).to_have_url(re.compile(r"/my/visits/[0-9a-f-]+$"))
    expect(page).not_to_have_url(first)

    page.get_by_role("button", name=words.cancel).tap()
    page.get_by_role("button", name=words.cancel_it).tap()
    expect(page.get_by_text(words.cancelled, exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name=words.other_time)).to_have_count(0)
    assert (serious(page), sideways(page)) == ([], 0)


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(phone: Callable[[str], Page]) -> None:
    page, words = phone("en"), ENGLISH
    page.goto("/my/register?hospital=nirmal")
    page.get_by_label(words.name, exact=True).fill("Meera Test")
    page.get_by_label(words.phone).fill("98765")
    page.get_by_role("button", name=words.register).tap()
    expect(page.get_by_text("A mobile number has 10 digits; this one has 5")).to_be_visible()
    expect(page.get_by_text("Read it, then tick this")).to_be_visible()
    expect(page.get_by_label(words.name, exact=True)).to_have_value("Meera Test")
    assert (serious(page), sideways(page)) == ([], 0)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_page_is_accessible_and_fits(phone: Callable[[str], Page], language: str, dark: bool) -> None:
    page = phone(language)
    page.emulate_media(color_scheme="dark" if dark else "light")
    register(page, HINDI if language == "hi" else ENGLISH)
    faults = {}
    for address in PAGES:
        page.goto(address)
        expect(page.get_by_role("heading").first).to_be_visible()
        faults[address] = (serious(page), sideways(page))
    assert faults == {address: ([], 0) for address in PAGES}


def test_again_with_the_same_doctor_in_one_tap(person: Callable[..., Page]) -> None:
    page = person("patient", phone=True)
    page.goto("/my/home")
    again = page.get_by_role("button", name=re.compile("^Dr .*Book$"))
    doctor = again.locator("b").inner_text()
    page.evaluate(COUNT_TAPS)
    again.tap()
    expect(page).to_have_url(re.compile(r"/my/visits/[0-9a-f-]+$"))
    expect(page.get_by_text(doctor).first).to_be_visible()
    assert page.evaluate("window.taps") == 1

"""A chosen time is kept, others see it within a second, and Esc gives it back; a series is booked whole."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.test_desk import desk, open_booking
from tests.journeys.test_schedule import _in_sight, _open

Person = Callable[..., Page]
SEEN_WITHIN_S = 1.0
SEES = "count => document.body.innerText.split('Being booked').length - 1 === count"
"""Looked at with every frame, where `expect` waits longer each time."""


def test_what_one_books_another_sees_being_booked_until_esc(person: Person) -> None:
    one, other = person("reception"), person("admin")
    for page in (one, other):
        _open(page)
    place = _in_sight(one, one.locator("[data-item*='@']"))
    before = other.get_by_text("Being booked").count()
    place.focus()
    began = time.monotonic()
    one.keyboard.press("Enter")
    other.wait_for_function(SEES, arg=before + 1)
    took = time.monotonic() - began
    dialog = one.get_by_role("dialog", name="Book Dr")
    expect(dialog).to_contain_text("Kept for you till")
    print(f"seen by the other after {took:.2f} s")
    assert took < SEEN_WITHIN_S
    assert serious(other) == []
    one.keyboard.press("Escape")
    expect(other.get_by_text("Being booked")).to_have_count(before)


def test_desk_keeps_the_time_it_chose_and_books_it(person: Person) -> None:
    one, other = desk(person), desk(person, "admin")
    for page in (one, other):
        open_booking(page)
    form = one.get_by_role("form", name="Book for later")
    form.get_by_role("radio").nth(2).check(force=True)
    expect(form.get_by_role("status")).to_contain_text("Kept for you till")
    expect(other.get_by_role("radio", name=re.compile("^being booked")).first).to_be_disabled()
    assert (serious(other), sideways(other)) == ([], 0)
    form.get_by_role("button", name=re.compile("Book tomorrow")).click()
    expect(one.get_by_role("region", name="Visit")).to_be_visible()
    expect(other.get_by_role("radio", name=re.compile("^being booked"))).to_have_count(0)


def test_series_is_previewed_booked_and_its_rest_cancelled(person: Person) -> None:
    page = desk(person)
    open_booking(page)
    form = page.get_by_role("form", name="Book for later")
    form.get_by_role("radio").first.check(force=True)
    form.get_by_label("Comes again").click()
    series = page.get_by_role("form", name="Series")
    series.get_by_label("Visits").fill("3")
    series.get_by_role("button", name="Show the times").click()
    expect(series.get_by_role("list", name="Times of the series").get_by_role("listitem")).to_have_count(3)
    assert serious(page) == []
    for taken in series.get_by_role("combobox", name=re.compile("^In place of")).all():  # by who shares the hospital
        taken.click()
        page.get_by_role("listbox").get_by_role("option").first.click()
    series.get_by_role("button", name=re.compile(r"Book [23] visits")).click()
    visit = page.get_by_role("region", name="Visit")
    expect(visit).to_contain_text(re.compile("Every week, visit 1 of [23]"))
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog", name="Cancel this appointment?")
    dialog.get_by_label("This and the following").check()
    dialog.get_by_role("textbox").fill("Called, cannot come")
    assert serious(page) == []
    dialog.get_by_role("button", name=re.compile("^Cancel Asha")).click()
    expect(dialog).to_be_hidden()
    expect(visit).to_contain_text("Cancelled")


def test_hospital_says_how_it_books(person: Person) -> None:
    page = person("admin")
    page.goto("/setup/rules")
    notice = page.get_by_label("Notice, minutes")
    notice.fill("15")
    page.get_by_role("combobox", name="Who goes in next").click()
    page.get_by_role("option", name="Appointments first, then walk-ins").click()
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("The rules are saved")).to_be_visible()
    page.reload()
    expect(notice).to_have_value("15")
    assert (serious(page), sideways(page)) == ([], 0)
    page.get_by_role("combobox", name="Who goes in next").click()
    page.get_by_role("option", name="Appointments at their time").click()
    notice.fill("0")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("The rules are saved").first).to_be_visible()


def test_patient_keeps_a_time_on_the_phone(person: Person) -> None:
    page = person("patient", phone=True)
    page.goto("/my/book")
    page.get_by_role("button", name=re.compile(r"^\d{1,2}:\d{2}")).last.tap()
    choice = page.get_by_role("region", name="Your choice")
    expect(choice).to_contain_text("Kept for you till")
    assert (serious(page), sideways(page)) == ([], 0)
    page.get_by_role("navigation").get_by_role("link").first.tap()
    expect(choice).to_have_count(0)

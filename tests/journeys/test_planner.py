"""The list of all branches, a doctor's week, the register, and the way into people's own calendars."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PHONE, Running, sign_in
from tests.journeys.pages import settle

Person = Callable[..., Page]


def test_list_shows_all_branches_and_leads_to_a_week(person: Person) -> None:
    page = person("reception")
    page.goto("/schedule?view=list")
    rows = page.get_by_role("table", name="List").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    mine = rows.count()
    page.get_by_role("radio", name="All branches").check()
    expect(page.get_by_role("columnheader", name="Branch")).to_be_visible()
    expect(page.get_by_role("cell", name="Wagholi").first).to_be_visible()
    assert rows.count() > mine
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)
    page.get_by_role("row", name=re.compile("Kavita Iyer.*Kothrud")).get_by_role("button", name="Week").click()
    expect(page).to_have_url(re.compile("view=week"))
    expect(page.get_by_role("region", name="Week of Dr Kavita Iyer")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"^Sun \d+ \w+$"))).to_be_visible()
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)


def test_visit_is_moved_to_another_day_of_the_week(person: Person) -> None:
    page = person("reception")
    page.goto("/schedule?view=week")
    page.get_by_role("button", name="Week after").click()
    visit = page.locator("[data-movable]").first
    visit.wait_for()
    moved_id = visit.get_attribute("data-item")
    visit.focus()
    page.keyboard.press("m")
    expect(page.get_by_role("region", name="Moving")).to_be_visible()
    free = page.locator("[data-item*='@']").last
    free.scroll_into_view_if_needed()
    free.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(" moved").first).to_be_visible()
    expect(page.locator(f"[data-item='{moved_id}']")).to_have_count(0)


def test_register_is_narrowed_and_taken_away(person: Person) -> None:
    page = person("reception")
    page.goto("/")
    page.get_by_role("link", name="Register").click()
    table = page.get_by_role("table", name="OPD register")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("combobox", name="Visit").click()
    page.get_by_role("option", name="Revisit", exact=True).click()
    expect(page).to_have_url(re.compile("visit=revisit"))
    expect(table.get_by_role("cell", name="New", exact=True)).to_have_count(0)
    with page.expect_download() as taken:
        page.get_by_role("button", name="XLSX").click()
    assert re.fullmatch(r"opd-register-\d{4}-\d\d-\d\d\.xlsx", taken.value.suggested_filename)
    assert taken.value.path().read_bytes().startswith(b"PK")


def test_doctors_calendar_is_made_read_by_a_program_and_taken_back(person: Person) -> None:
    page = person("doctor")
    page.goto("/account")
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Address of your calendar").inner_text()
    with urllib.request.urlopen(address, timeout=30) as answer:
        book = Calendar.from_ical(answer.read().decode())
    visits = book.walk("VEVENT")
    assert len(visits) > 5
    assert {one["dtstart"].dt.tzinfo for one in visits} == {ZoneInfo("Asia/Kolkata")}
    assert all(re.fullmatch(r"(Video a|A)ppointment: \S{1,2}( \S{1,2})*", str(one["summary"])) for one in visits)
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("No address yet")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address, timeout=30)


def test_patient_takes_a_visit_into_the_phones_calendar(person: Person) -> None:
    page = person("patient", phone=True)
    page.goto("/my/visits")
    page.locator("main a[href*='/visits/']").first.click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Add to my calendar").click()
    assert taken.value.suggested_filename == "visit.ics"
    (visit,) = Calendar.from_ical(taken.value.path().read_text(encoding="utf-8")).walk("VEVENT")
    assert str(visit["summary"]).startswith("Appointment: Dr ")


def test_desk_far_away_is_told_by_whose_clock(person: Person, hospital: Running) -> None:
    page = person("reception")
    elsewhere = page.context.browser
    assert elsewhere is not None
    there = elsewhere.new_context(base_url=hospital.url, timezone_id="America/New_York")
    sign_in(there, "reception")
    far = there.new_page()
    far.goto("/schedule")
    expect(far.get_by_role("note")).to_contain_text("GMT+5:30")
    there.close()
    page.goto("/schedule")
    expect(page.get_by_role("button", name="Columns")).to_have_count(0)
    expect(page.get_by_role("note")).to_have_count(0)

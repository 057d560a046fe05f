"""The schedule: a visit gets another time by M and one key, and by drag; a free place shows and books by Enter."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect


def _open(page: Page) -> None:
    """A day on which nobody has come yet: tomorrow, or the next with bookings."""
    page.goto("/schedule")
    page.locator("[data-item]").first.wait_for()
    for _ in range(7):
        page.keyboard.press("]")
        page.wait_for_timeout(1000)
        if _movable(page).count() > 2:
            return
    raise AssertionError("no booked visits in a week")


def _movable(page: Page) -> Locator:
    return page.locator("[data-movable]")


def _in_sight(page: Page, items: Locator, clear_of: float = 90) -> Locator:
    """The first that stands wholly inside the sheet, clear of its head and its bar."""
    for item in items.all():
        box = item.bounding_box()
        if box and 150 + clear_of < box["y"] < 600:
            return item
    raise AssertionError("none in sight")


def test_m_and_1_move_a_visit_and_undo_is_offered(person: Callable[..., Page]) -> None:
    page = person("reception")
    _open(page)
    visit = _movable(page).first
    moved_id = visit.get_attribute("data-item")
    visit.focus()
    page.keyboard.press("m")
    bar = page.get_by_role("region", name="Moving")
    expect(bar.locator("kbd", has_text="1")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text(" moved").first).to_be_visible()
    expect(page.locator(f"[data-item='{moved_id}']")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()


def test_escape_puts_a_visit_back(person: Callable[..., Page]) -> None:
    page = person("reception")
    _open(page)
    visit = _movable(page).first
    kept_id = visit.get_attribute("data-item")
    visit.focus()
    page.keyboard.press("m")
    expect(page.get_by_role("region", name="Moving")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Moving")).to_have_count(0)
    expect(page.locator(f"[data-item='{kept_id}']")).to_have_count(1)


def test_a_drag_moves_a_visit(person: Callable[..., Page]) -> None:
    page = person("reception")
    _open(page)
    visit = _in_sight(page, _movable(page))
    moved_id = visit.get_attribute("data-item")
    place = _in_sight(page, page.locator("[data-item*='@']"))
    start, end = visit.bounding_box(), place.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 8, steps=8)
    expect(page.get_by_role("region", name="Moving")).to_contain_text(" to ")
    page.mouse.up()
    expect(page.get_by_text(" moved").first).to_be_visible()
    expect(page.locator(f"[data-item='{moved_id}']")).to_have_count(0)


def test_enter_on_a_free_place_opens_its_booking(person: Callable[..., Page]) -> None:
    page = person("reception")
    _open(page)
    page.locator("[data-item*='@']").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Book Dr")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_g_goes_from_the_desk_to_the_columns_and_back(person: Callable[..., Page]) -> None:
    page = person("reception")
    page.goto("/desk")
    expect(page.get_by_role("button", name="Columns")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    expect(page).to_have_url(re.compile("/schedule"))
    expect(page.get_by_role("heading", name="Schedule", level=1)).to_be_attached()  # the desk stays until it is there
    page.keyboard.press("g")
    expect(page).to_have_url(re.compile("/desk"))

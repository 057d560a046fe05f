"""What the desk does to a patient's visit stands on the phone by itself: the bell counts, the list says it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.test_phone import ENGLISH, far_off, register, tab

MY_VISIT = re.compile(r"/my/visits/([0-9a-f-]+)$")


def bell(page: Page, unread: int) -> None:
    expect(page.get_by_role("link", name=f"{unread} unread notification")).to_be_visible()


def test_a_confirmation_at_the_desk_comes_to_the_phone_by_itself(
    phone: Callable[[str], Page], person: Callable[..., Page]
) -> None:
    mine = phone("en")
    register(mine, ENGLISH)
    bell(mine, 0)
    tab(mine, ENGLISH.book)
    far_off(mine, ENGLISH).tap()
    mine.get_by_role("button", name=ENGLISH.confirm).tap()
    expect(mine).to_have_url(MY_VISIT)
    visit = mine.url.rsplit("/", 1)[-1]
    tab(mine, "Home")
    bell(mine, 1)
    mine.evaluate("() => { window.wasNotLoadedAgain = true }")

    desk = person("reception")
    desk.goto(f"/desk?visit={visit}")
    desk.get_by_role("region", name="Visit").get_by_role("button", name="Confirm").click()
    bell(mine, 2)
    mine.get_by_role("link", name="2 unread notifications").tap()
    messages = mine.get_by_role("list", name="Notifications")
    confirmed = messages.get_by_role("button", name=re.compile("Confirmed: "))
    expect(confirmed).to_have_accessible_name(re.compile("^New "))
    expect(messages.get_by_role("button", name=re.compile("It waits to be confirmed"))).to_be_visible()

    confirmed.tap()
    expect(mine).to_have_url(MY_VISIT)
    assert mine.url.endswith(visit)
    mine.get_by_role("button", name="Back").tap()
    expect(mine.get_by_text("1 unread")).to_be_visible()
    expect(confirmed).not_to_have_accessible_name(re.compile("^New "))

    desk.get_by_role("region", name="Visit").get_by_role("button", name=re.compile("^Cancel")).click()
    dialog = desk.get_by_role("dialog", name="Cancel this appointment?")
    dialog.get_by_label("Reason").fill("the doctor is ill")
    dialog.get_by_role("button", name=re.compile("^Cancel मीरा")).click()
    expect(messages.get_by_role("button", name=re.compile("Cancelled: "))).to_be_visible()
    mine.get_by_role("button", name="Mark all as read").tap()
    expect(mine.get_by_text("0 unread")).to_be_visible()
    mine.get_by_role("button", name="Back").tap()
    bell(mine, 0)
    assert mine.evaluate("() => window.wasNotLoadedAgain")

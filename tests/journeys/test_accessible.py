"""Every staff page by axe and by width: as it is first seen, then in the dark, in Hindi and on a phone."""

import re
from collections.abc import Callable, Iterable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PHONE

SETUP = (
    "hospital", "facilities", "departments", "doctors", "schedules", "leave", "staff", "users", "displays", "rules",
    "signIn",
)  # fmt: skip
PAGES = {
    "reception": (
        "/desk",
        "/schedule",
        "/queue",
        "/waitlist",
        "/nurse",
        "/patients",
        "/register",
        "/overview",
        "/notifications",
        "/account",
    ),
    "doctor": ("/queue",),
    "admin": ("/overview", "/duplicates", *(f"/setup/{area}" for area in SETUP)),
    "privacy": ("/audit",),
    "superadmin": ("/hospitals",),
}


def settle(page: Page) -> None:
    """Wait until nothing more comes: two looks alike, and no list that is still being read."""
    page.wait_for_function(
        """() => {
          const now = document.body.innerText + document.querySelectorAll('[aria-busy=true]').length
          const isSame = now === window.lastLook && !document.querySelector('[aria-busy=true]')
          window.lastLook = now
          return isSame
        }""",
        polling=150,
    )


def go(page: Page, address: str) -> None:
    """As a link would, without loading the client again."""
    page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }", address)
    expect(page).to_have_url(re.compile(f"{address}($|[?#])"))
    settle(page)


def faults_on(page: Page, addresses: Iterable[str]) -> dict[str, tuple[list[str], int]]:
    found = {}
    for address in addresses:
        go(page, address)
        found[address] = (serious(page), sideways(page))
    return {address: fault for address, fault in found.items() if fault != ([], 0)}


@pytest.mark.parametrize("who", PAGES)
def test_staff_pages_are_accessible_and_fit(person: Callable[..., Page], who: str) -> None:
    page = person(who)
    settle(page)
    assert faults_on(page, PAGES[who]) == {}
    # The account stays English for the other journeys: only this page speaks Hindi.
    page.route(
        re.compile("/api/me$"), lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    page.get_by_role("banner").get_by_role("button", name="हिन्दी").click()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert faults_on(page, PAGES[who]) == {}


def test_a_patients_page_is_accessible_and_fits(person: Callable[..., Page]) -> None:
    page = person("reception")
    page.goto("/patients")
    page.get_by_role("row").nth(1).dblclick()
    expect(page).to_have_url(re.compile("/patients/[0-9a-f-]{36}"))
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    settle(page)
    assert (serious(page), sideways(page)) == ([], 0)

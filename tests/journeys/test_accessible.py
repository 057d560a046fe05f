"""Every page by axe, its policy and its width: light and dark, English on a desk, Hindi on a phone, narrow both."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PHONE, Device, Running
from tests.journeys.pages import SCREENS, Screen, enter, groups_of, settle, show, speak

GROUPS = groups_of(SCREENS)
NOTE_WHAT_IS_FORBIDDEN = """
addEventListener('securitypolicyviolation', (event) => {
  (window.forbidden ??= []).push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`)
})
"""
Faults = dict[str, list[str]]


@pytest.fixture
def visitor(device: Device, hospital: Running) -> Callable[[Screen], Page]:
    """A browser in which whoever opens this screen is signed in."""

    def come(screen: Screen) -> Page:
        context = device(hospital.url, size=screen.viewport, permissions=["camera"])
        context.add_init_script(NOTE_WHAT_IS_FORBIDDEN)
        page = enter(context, screen)
        settle(page)
        return page

    return come


def faults_of(page: Page, scheme: str, other: str | None) -> list[str]:
    """In the one scheme by every rule; in the other, where it is to be looked at, only colours can be wrong."""
    found = serious(page)
    found += [f"the page's policy forbids {what}" for what in page.evaluate("window.forbidden ?? []")]
    if too_wide := sideways(page):
        found.append(f"{too_wide} px too wide")
    if other is not None:
        page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
        found += [f"{other}: {fault}" for fault in serious(page, "color-contrast")]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    return found


def faults_on(page: Page, screens: list[Screen], scheme: str, other: str | None = None) -> Faults:
    found = {}
    for screen in screens:
        show(page, screen)
        found[screen.name] = faults_of(page, scheme, other)
    return {name: faults for name, faults in found.items() if faults}


@pytest.mark.parametrize("group", GROUPS)
def test_pages_are_accessible_and_fit(visitor: Callable[[Screen], Page], group: str) -> None:
    screens = GROUPS[group]
    page = visitor(screens[0])
    for viewport in {tuple(screen.viewport.items()): screen.viewport for screen in screens}.values():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        sized = [screen for screen in screens if screen.viewport == viewport]
        assert faults_on(page, sized, "light", "dark") == {}
    if not screens[0].speaks:
        return
    page.unroute_all()
    speak(page, "hi")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    assert faults_on(page, screens, "dark") == {}


@pytest.mark.parametrize(
    ("smuggled", "directive"),
    [
        ('<p style="color: red">red</p>', "style-src-attr"),
        ("<style>p { color: red }</style>", "style-src-elem"),
        ('<style nonce="guessed">p { color: red }</style>', "style-src-elem"),
        ('<img src="/icon.svg" onload="red()">', "script-src-attr"),
    ],
)
def test_control_what_the_policy_forbids_is_noted(
    visitor: Callable[[Screen], Page], smuggled: str, directive: str
) -> None:
    page = visitor(next(screen for screen in SCREENS if screen.who is None))
    page.evaluate("(smuggled) => document.body.insertAdjacentHTML('beforeend', smuggled)", smuggled)
    page.wait_for_function("() => window.forbidden?.length")
    assert page.evaluate("window.forbidden.map((what) => what.split(' ')[0])") == [directive]

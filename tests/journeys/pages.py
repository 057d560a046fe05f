"""Every page of the client, once: axe, the widths and the pictures of docs/screens go through this list.

A page is named as the client's own tables name it, so that test_pages.py finds one that is missing here. What has to be
done to see a state of a page is in openings.py.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.journeys import openings as do
from tests.journeys.conftest import BOARD, DESK, PHONE, sign_in
from tests.journeys.words import SRC, phrase, word

Step = Callable[[Page], None]
NOWHERE = "/nowhere"
EVERY_LOOK = ("dark", "hi", "360")
"""Of the main pages there are pictures in the dark, in Hindi and on a phone too."""


@dataclass(frozen=True)
class Screen:
    """One page, or a state of it.

    name: of its picture. who: signs in, None before anybody did. path: as the client's table has it. at: what follows
    it in the address, or how the address is found. pretend: answers put in the place of the server's. gate: the file
    that draws it before anybody is in. speaks: whether it has a language to be switched.
    """

    name: str
    title: str
    who: str | None
    path: str
    at: str | Callable[[Page], str] = ""
    then: Step = do.nothing
    pretend: Step | None = None
    gate: str = ""
    size: dict[str, int] | None = None
    speaks: bool = True
    looks: tuple[str, ...] = ()

    @property
    def viewport(self) -> dict[str, int]:
        return self.size or (PHONE if self.path.startswith("/my") else DESK)


def _areas() -> list[str]:
    """Of the set-up, in its order, as its page lists them."""
    return re.findall(r"\{ name: '(\w+)', needs: '", (SRC / "app/staff/pages/Setup.tsx").read_text())


AREAS = _areas()
WITH_A_FORM = (
    "facilities", "departments", "doctors", "schedules", "leave", "staff", "users", "roles", "displays",
)  # fmt: skip
"""Areas that have something to add: the open form beside the list is another look."""


def area(name: str) -> Screen:
    title = f"Set-up: {phrase(f'staff:setup.{name}').lower()}"
    return Screen(f"setup-{name.lower()}", title, "admin", "/setup/$area", lambda _: f"/setup/{name}")


def form_of(name: str) -> Screen:
    title = f"Set-up: {phrase(f'staff:setup.{name}').lower()}, the form"
    return Screen(f"setup-{name.lower()}-form", title, "admin", "/setup/$area", lambda _: f"/setup/{name}?open=new")


RECEPTION = [
    Screen("desk", "The desk", "reception", "/desk", looks=EVERY_LOOK),
    Screen("desk-family", "The desk: a phone that a family shares", "reception", "/desk", then=do.find_family),
    Screen("desk-walk-in", "The desk: a walk-in", "reception", "/desk", then=do.walk_in, looks=EVERY_LOOK),
    Screen("desk-walk-in-doctor", "The desk: choosing the doctor", "reception", "/desk", then=do.walk_in_doctor),
    Screen(
        "desk-new-patient", "The desk: a new patient", "reception", "/desk", then=do.new_patient, looks=("hi", "360")
    ),
    Screen("desk-booking", "The desk: booking for later", "reception", "/desk", then=do.book_for_later),
    Screen(
        "desk-booking-doctor", "The desk: booking, choosing the doctor", "reception", "/desk", then=do.booking_doctor
    ),
    Screen("desk-visit", "The desk: a visit of today", "reception", "/desk", then=do.visit, looks=("dark", "360")),
    Screen("desk-move", "The desk: another time for a visit", "reception", "/desk", "?show=expected", do.move_visit),
    Screen("desk-cancel", "The desk: cancelling", "reception", "/desk", "?show=expected", do.cancel_visit),
    Screen("keys", "The keys of a page", "reception", "/desk", then=do.keys),
    Screen("schedule", "The schedule", "reception", "/schedule", looks=EVERY_LOOK),
    Screen("schedule-list", "The schedule: all doctors", "reception", "/schedule", "?view=list"),
    Screen("schedule-week", "The schedule: a doctor's week", "reception", "/schedule", "?view=week"),
    Screen("schedule-moving", "The schedule: a visit is moved", "reception", "/schedule", do.a_day_to_come, do.moving),
    Screen(
        "schedule-booking",
        "The schedule: a free place is booked",
        "reception",
        "/schedule",
        do.a_day_to_come,
        do.free_place,
    ),
    Screen("reception-queue", "The queue, as reception sees it", "reception", "/queue"),
    Screen("waitlist", "The waiting list", "reception", "/waitlist", looks=EVERY_LOOK),
    Screen("waitlist-leave", "The waiting list: someone is taken off", "reception", "/waitlist", then=do.off_the_list),
    Screen("patients", "The patients", "reception", "/patients", looks=EVERY_LOOK),
    Screen("patient", "A patient", "reception", "/patients/$id", do.a_patient, looks=EVERY_LOOK),
    Screen("patient-form", "A patient: the details are changed", "reception", "/patients/$id", do.a_patient, do.change),
    Screen("patient-camera", "A patient: the photo", "reception", "/patients/$id", do.a_patient, do.camera),
    Screen("register", "The register", "reception", "/register", looks=("hi", "360")),
    Screen("find", "One box finds everything", "reception", "/overview", then=do.find_box),
    Screen("notifications", "Messages", "reception", "/notifications"),
    Screen("account", "My account", "reception", "/account", looks=("dark", "360")),
    Screen(
        "account-second-step", "My account: the second step is set up", "reception", "/account", then=do.second_step
    ),
    Screen("missing", "No such page", "reception", NOWHERE),
]
CARE = [
    Screen("queue", "The doctor's day", "doctor", "/queue", looks=EVERY_LOOK),
    Screen("queue-day", "The doctor's day: how it goes", "doctor", "/queue", then=do.day_state),
    Screen("queue-handover", "The doctor's day: the queue goes to a colleague", "doctor", "/queue", then=do.handover),
    Screen("desk-doctor", "The desk: a doctor's own steps", "doctor", "/desk", then=do.visit, looks=EVERY_LOOK),
    Screen("doctor-schedule", "The doctor's schedule", "doctor", "/schedule"),
    Screen("nurse", "The nurse's list", "nurse", "/nurse", looks=("hi", "360")),
    Screen("audit", "Who looked at what", "privacy", "/audit", looks=("hi", "360")),
    Screen("hospitals", "The hospitals of an installation", "superadmin", "/hospitals"),
    Screen("hospitals-form", "A hospital is added", "superadmin", "/hospitals", then=do.add_hospital),
]
ADMIN = [
    Screen("overview", "The hospital at a glance", "admin", "/overview", looks=EVERY_LOOK),
    Screen("duplicates", "Likely duplicates", "admin", "/duplicates"),
    Screen(
        "merge", "Two records side by side", "admin", "/patients/$id/merge/$other", do.a_pair, looks=("dark", "360")
    ),
    Screen("import", "Another system's patients", "admin", "/patients/import"),
    Screen("import-columns", "Import: what each column holds", "admin", "/patients/import", then=do.send_a_file),
    Screen("admin-patient", "A patient, as an administrator sees it", "admin", "/patients/$id", do.a_patient),
    Screen("setup", "The set-up", "admin", "/setup", looks=EVERY_LOOK),
]
SETUP = [area(name) for name in AREAS]
SETUP_FORMS = [form_of(name) for name in AREAS if name in WITH_A_FORM]
PATIENT = [
    Screen("phone-home", "Home", "patient", "/my/home", looks=("dark", "hi")),
    Screen("phone-book", "Booking", "patient", "/my/book", looks=("dark", "hi")),
    Screen("phone-book-chosen", "Booking: a time is chosen", "patient", "/my/book", then=do.choose_a_time),
    Screen("phone-visits", "My visits", "patient", "/my/visits", looks=("hi",)),
    Screen("phone-visit", "A visit", "patient", "/my/visits/$id", do.my_visit, looks=("hi",)),
    Screen("phone-cancel", "A visit is cancelled", "patient", "/my/visits/$id", do.my_visit, do.cancel_mine),
    Screen("phone-move", "Another time", "patient", "/my/visits/$id/move", lambda page: f"{do.my_visit(page)}/move"),
    Screen("phone-waiting", "Waiting for a place", "patient", "/my/waiting"),
    Screen("phone-messages", "Messages", "patient", "/my/messages", looks=("dark", "hi")),
    Screen("phone-family", "Adding someone", "patient", "/my/family"),
    Screen("phone-me", "Me", "patient", "/my/me", looks=("dark", "hi")),
]
BEFORE = [
    Screen("sign-in", "Signing in", None, "/", gate="SignIn", looks=EVERY_LOOK),
    Screen("forgotten", "A forgotten password", None, "/", then=do.forgot, gate="Forgot"),
    Screen("first-setup", "A new hospital", None, "/", pretend=do.setup_needed, gate="FirstSetup", looks=("360",)),
    Screen("first-password", "A password for once", None, "/", "", do.enter, do.password_for_once, "FirstPassword"),
    Screen("second-step", "The second step", None, "/", "", do.enter, do.code_needed, "SecondStep"),
    Screen("second-step-first", "Set up at sign-in", "lab", "/", "", do.nothing, do.factor_needed, "SecondFactorFirst"),
    Screen("reset", "A new password by a link", None, "/reset", "#from-a-letter", gate="ResetPassword"),
    Screen("link-over", "A link that is no longer good", None, "/reset", gate="Ended"),
    Screen("verify-email", "Proving an address", None, "/verify-email", "#from-a-letter", gate="VerifyEmail"),
    Screen("invitation", "An invitation", None, "/invitation", "#a-token", do.nothing, do.invited, "AcceptInvitation"),
    Screen("counter", "A shared computer", None, "/", pretend=do.shared_counter, gate="CounterLock", looks=("360",)),
    Screen("phone-sign-in", "Signing in by phone", None, "/my", gate="PhoneSignIn", looks=("dark", "hi")),
    Screen("phone-code", "The code from the message", None, "/my", "", do.ask_code, do.code_sent, "PhoneSignIn"),
    Screen("phone-register", "A new patient", None, "/my/register", gate="Register", looks=("hi",)),
    Screen("phone-slip", "The QR of a slip", None, "/my/slip", f"#{'A' * 43}", pretend=do.a_slip, gate="SlipSignIn"),
    Screen("phone-offer", "A place that is held", None, "/my/offer", "#a-token", do.nothing, do.an_offer, "Offer"),
]  # fmt: skip
DISPLAY = [
    Screen("display", "The waiting room", None, "/display", do.a_display, size=BOARD, speaks=False),
    Screen("display-unpaired", "The waiting room, before its link", None, "/display", size=BOARD, speaks=False),
]
GROUPS = {
    "The counter": RECEPTION,
    "Doctor, nurse, privacy officer, operator": CARE,
    "The administrator": ADMIN,
    "The set-up": SETUP,
    "The set-up's forms": SETUP_FORMS,
    "The patient's phone": PATIENT,
    "Before signing in": BEFORE,
    "The waiting room's display": DISPLAY,
}
SCREENS = [screen for group in GROUPS.values() for screen in group]
SHOWN = "(document.querySelector('main') ?? document.body).innerText.trim()"


LOOKS = 60
"""How often at most: a request that a page left behind as it went is never told to be over."""
_asked: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()


def watch(page: Page) -> set[Request]:
    """What this page has asked for and not got yet: answers, code, pictures."""
    if page not in _asked:
        waiting: set[Request] = set()

        def ask(request: Request) -> None:
            waiting.add(request)

        def get(request: Request) -> None:
            waiting.discard(request)

        page.on("request", ask)
        page.on("requestfinished", get)
        page.on("requestfailed", get)
        # what has no body is never told to be finished
        page.on("response", lambda answer: None if answer.ok and answer.status != 204 else get(answer.request))
        _asked[page] = waiting
    return _asked[page]


def settle(page: Page) -> None:
    """Wait until nothing more comes: two looks alike, nothing that is asked for, no list that is still being read."""
    waiting = watch(page)
    for _ in range(LOOKS):
        page.wait_for_function(
            """() => {
              const now = document.body.innerText
              const isSame = now && now === window.lastLook && !document.querySelector('[aria-busy=true]')
              window.lastLook = now
              return isSame
            }""",
            polling=150,
        )
        if not waiting:
            return
        page.wait_for_timeout(50)


def _follow(page: Page, address: str) -> None:
    page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }", address)


def go(page: Page, address: str) -> None:
    """As a link would, without loading the client again."""
    _follow(page, address)
    expect(page).to_have_url(re.compile(rf"{re.escape(address)}($|[?#&])"))
    settle(page)


def speak(page: Page, language: str) -> None:
    """On this device only: the account, which other journeys use, keeps its language."""
    page.evaluate("language => localStorage.setItem('ar.language', language)", language)
    watch(page).clear()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", language)
    settle(page)


def leave(page: Page, screen: Screen) -> str:
    """Go where nothing is, so that what was open before is gone; the words there."""
    page.evaluate(
        """() => document.querySelectorAll('dialog').forEach(
          (one) => one.dispatchEvent(new Event('cancel', { cancelable: true })))"""
    )
    _follow(page, "/my/nowhere" if screen.path.startswith("/my") else NOWHERE)
    page.get_by_text(word(page, "ui:page.missing")).wait_for()
    return str(page.evaluate(f"() => {SHOWN}"))


def enter(context: BrowserContext, screen: Screen) -> Page:
    """A page of a browser in which whoever opens this screen is signed in, at their home."""
    page = context.new_page()
    if screen.who:
        sign_in(context, screen.who)
        page.goto("/my/home" if screen.who == "patient" else "/")
    else:
        page.goto(screen.path)
    return page


def show(page: Page, screen: Screen) -> None:
    """Bring the page to this screen, wherever it was before. Who signs in here has done so."""
    address = screen.at(page) if callable(screen.at) else screen.path + screen.at
    if screen.who is None or screen.pretend:
        page.unroute_all()
        if screen.pretend:
            screen.pretend(page)
        page.goto("about:blank")  # an address that differs after the # only would not be loaded again
        watch(page).clear()
        page.goto(address)
        settle(page)
    else:
        before = leave(page, screen)
        if address != NOWHERE:
            _follow(page, address)
            page.wait_for_function(f"before => ![before, ''].includes({SHOWN})", arg=before)  # its code may come later
        settle(page)
    if screen.then is not do.nothing:
        screen.then(page)
        settle(page)


def groups_of(screens: Iterable[Screen], most: int = 12) -> dict[str, list[Screen]]:
    """By who opens them, so that one sign-in serves many; long ones parted."""
    by_who: dict[str, list[Screen]] = {}
    for screen in screens:
        who = screen.who or ("display" if not screen.speaks else "nobody")
        mine = by_who.setdefault(who, [])
        mine.append(screen)
    return {
        f"{who} {at // most + 1}": mine[at : at + most]
        for who, mine in by_who.items()
        for at in range(0, len(mine), most)
    }

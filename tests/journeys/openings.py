"""What is done to see a page with an id, or a state of a page: by words of either language, keys, and demo names.

Nothing here changes what other journeys share. Where an answer is put in the place of the server's, it is built from
the server's own model.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, Route, expect
from pydantic import BaseModel

from arogya.modules.identity.schemas.counters import CounterPersonRead, CounterState, ThisComputer
from arogya.modules.identity.schemas.links import OfferedPlace
from arogya.modules.identity.schemas.patient_sign_in import CodeAsked, SlipRead
from arogya.modules.identity.schemas.sign_in import SetupState
from arogya.modules.scheduling.waitlist.schemas import OfferByLink
from tests.journeys.conftest import headers
from tests.journeys.words import word

FAMILY_PHONE, ONE_OF_THEM = "9000011207", "Mahesh Deshmukh"
A_PATIENT = "Sunita Deshmukh"
SUNDAY = 6
OLD_TABLE = (
    "UHID,Patient name,Mobile,Sex,DOB,City,Colour\n"
    "OLD-1,Lata Importa,9000055501,F,03/04/1990,Pune,red\n"
    "OLD-2,Nilesh Importa,9000055502,M,21/11/1984,Pune,blue\n"
)


def nothing(_: Page) -> None:
    pass


# Who is asked for ids


def _get(page: Page, who: str, path: str, **query: str | int | bool) -> Any:
    return page.request.get(path, params=query, headers=headers(page, who)).json()


def _post(page: Page, who: str, path: str, body: object) -> Any:
    return page.request.post(path, data=body, headers=headers(page, who)).json()


def a_patient(page: Page) -> str:
    [first, *_] = _post(page, "reception", "/api/patients/search", {"search": A_PATIENT})["items"]
    return f"/patients/{first['id']}"


def a_pair(page: Page) -> str:
    [pair, *_] = _get(page, "admin", "/api/patients/duplicates", status="open", limit=1)["items"]
    return f"/patients/{pair['first']['id']}/merge/{pair['second']['id']}?duplicate={pair['id']}"


def my_visit(page: Page) -> str:
    """The patient's own that is furthest ahead: it can still be moved."""
    visits = _get(page, "patient", "/api/appointments", newest_first=True, limit=50)["items"]
    return f"/my/visits/{next((one for one in visits if one['status'] == 'booked'), visits[0])['id']}"


def a_display(page: Page) -> str:
    [branch, *_] = _get(page, "admin", "/api/me")["facilities"]
    made = _post(page, "admin", "/api/device-links", {"name": "Ground floor hall", "facility_id": branch["id"]})
    link: str = made["link"]
    return link[link.index("/display") :]


# The desk


def _press(page: Page, key: str) -> None:
    page.get_by_role("button", name=word(page, key)).first.click()


def _form(page: Page, key: str) -> Locator:
    return page.get_by_role("form", name=word(page, key))


def _open_choice(form: Locator, key: str) -> None:
    form.get_by_label(word(form.page, key)).first.click()
    expect(form.page.get_by_role("option").first).to_be_visible()


def find_family(page: Page) -> None:
    page.get_by_role("searchbox").first.fill(FAMILY_PHONE)
    expect(page.get_by_role("option").filter(has_text=ONE_OF_THEM)).to_be_visible()


def walk_in(page: Page) -> None:
    find_family(page)
    page.get_by_role("option").filter(has_text=ONE_OF_THEM).click()
    expect(_form(page, "scheduling:desk.walkIn")).to_be_visible()


def walk_in_doctor(page: Page) -> None:
    walk_in(page)
    _open_choice(_form(page, "scheduling:desk.walkIn"), "scheduling:desk.doctor")


def new_patient(page: Page) -> None:
    page.keyboard.press("F2")
    expect(_form(page, "patients:form.title")).to_be_visible()


def book_for_later(page: Page) -> None:
    walk_in(page)
    page.evaluate("() => document.activeElement.blur()")  # a letter typed in a field is the field's
    page.keyboard.press("b")
    expect(_form(page, "scheduling:desk.booking.title")).to_be_visible()


def booking_doctor(page: Page) -> None:
    book_for_later(page)
    _open_choice(_form(page, "scheduling:desk.booking.title"), "scheduling:desk.doctor")


def visit(page: Page) -> None:
    page.get_by_role("grid", name=word(page, "scheduling:desk.queue")).get_by_role("row").nth(1).click()
    expect(page.get_by_role("region", name=word(page, "scheduling:desk.visit"))).to_be_visible()


def move_visit(page: Page) -> None:
    visit(page)
    page.keyboard.press("m")
    expect(page.get_by_role("region", name=word(page, "scheduling:desk.booking.move"))).to_be_visible()


def cancel_visit(page: Page) -> None:
    visit(page)
    page.keyboard.press("x")
    expect(page.get_by_role("dialog")).to_be_visible()


def keys(page: Page) -> None:
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


# The schedule, the waiting list, patients, my account


def a_day_to_come(_: Page) -> str:
    """Tomorrow's schedule, or Monday's: its visits can be moved."""
    day = datetime.now(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=1)
    return f"/schedule?day={day + timedelta(days=1) if day.weekday() == SUNDAY else day}"


def moving(page: Page) -> None:
    page.locator("[data-movable]").first.focus()
    page.keyboard.press("m")
    page.locator("kbd", has_text="1").first.wait_for(state="attached")  # a finger sees no keys


def free_place(page: Page) -> None:
    page.locator("[data-item*='@']").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def off_the_list(page: Page) -> None:
    page.get_by_role("row").nth(1).get_by_role("button").last.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def change(page: Page) -> None:
    _press(page, "patients:record.change")
    expect(_form(page, "patients:record.change")).to_be_visible()


def camera(page: Page) -> None:
    _press(page, "patients:camera.open")
    expect(page.get_by_role("button", name=word(page, "patients:camera.take"))).to_be_visible()


def find_box(page: Page) -> None:
    page.keyboard.press("/")
    page.get_by_role("dialog").get_by_role("combobox").fill("kavita")
    expect(page.get_by_role("option").first).to_be_visible()


def second_step(page: Page) -> None:
    _press(page, "proofs:mine.turnOn")
    expect(page.get_by_label(word(page, "proofs:setUp.secret"))).to_be_visible()


# The doctor, the administrator, the operator


def day_state(page: Page) -> None:
    _press(page, "scheduling:day.open")
    expect(page.get_by_role("menuitem").first).to_be_visible()


def handover(page: Page) -> None:
    day_state(page)
    page.get_by_role("menuitem", name=word(page, "scheduling:handover.open")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def add_hospital(page: Page) -> None:
    _press(page, "identity:hospitals.add")
    expect(_form(page, "identity:hospitals.add")).to_be_visible()


def send_a_file(page: Page) -> None:
    file = {"name": "old-system.csv", "mimeType": "text/csv", "buffer": OLD_TABLE.encode()}
    page.get_by_label(word(page, "importing:choose")).set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("button", name=word(page, "importing:check"))).to_be_visible()


# The patient


def choose_a_time(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"^\d{1,2}:\d{2}$")).first.click()
    expect(page.get_by_role("button", name=word(page, "scheduling:phone.confirm"))).to_be_visible()


def cancel_mine(page: Page) -> None:
    _press(page, "scheduling:phone.cancel")
    expect(page.get_by_role("button", name=word(page, "scheduling:phone.keep"))).to_be_visible()


# Before anybody is in


def answers(path: str, with_: BaseModel | dict[str, object], status: int = 200) -> Callable[[Page], None]:
    """Put in the place of what the server would say."""
    body = with_.model_dump_json() if isinstance(with_, BaseModel) else json.dumps(with_)
    kind = "application/json" if status < 400 else "application/problem+json"

    def put(page: Page) -> None:
        page.route(f"**{path}", lambda route: route.fulfill(status=status, content_type=kind, body=body))

    return put


setup_needed = answers("/api/setup", SetupState(needed=True))
password_for_once = answers("/api/auth/login", {"code": "password_change_required", "status": 403}, 403)
code_needed = answers("/api/auth/login", {"code": "second_factor_needed", "status": 403}, 403)
code_sent = answers("/api/auth/code", CodeAsked(code_id=UUID(int=7), expires_in_s=300, again_in_s=30))
invited = answers(
    "/api/auth/invitation",
    OfferedPlace(hospital="Nirmal Hospital", role="nurse", email="asha@mail.example", has_account=False),
)
a_slip = answers(
    "/api/auth/slip/show",
    SlipRead(hospital_name="Nirmal Hospital", first_name="Sunita", initial="D", age_years=46, is_child=False),
)
shared_counter = answers(
    "/api/counter",
    ThisComputer(
        counter=CounterState(
            id=UUID(int=1), name="Front desk 1", organization_name="Nirmal Hospital", idle_minutes=3,
            people=[
                CounterPersonRead(id=UUID(int=2), name="Rekha Pawar", needs_password=False),
                CounterPersonRead(id=UUID(int=3), name="Manisha Gokhale", needs_password=False),
                CounterPersonRead(id=UUID(int=4), name="Nikhil Apte", needs_password=True),
            ],
        )
    ),
)  # fmt: skip


def an_offer(page: Page) -> None:
    """Held for the next ten minutes, from whenever it is looked at."""
    now = datetime.now(UTC)
    offer = OfferByLink(
        practitioner_name="Dr Kavita Iyer", facility_name="Nirmal Hospital, Kothrud", time_zone="Asia/Kolkata",
        mode="in-person", kind="slot", status="offered", expires_at=now + timedelta(minutes=10),
        starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, minutes=10),
    )  # fmt: skip
    answers("/api/offer-link/show", offer)(page)


def factor_needed(page: Page) -> None:
    """Their own answer, but that the hospital asks for more."""

    def ask_more(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"needs_second_factor": True})

    page.route(re.compile("/api/me$"), ask_more)


def forgot(page: Page) -> None:
    _press(page, "identity:signIn.forgot")
    page.get_by_role("heading", name=word(page, "proofs:forgot.title")).wait_for()


def enter(page: Page) -> None:
    """With any password: the answer is put in."""
    heading = page.get_by_role("heading").first.inner_text()
    page.get_by_label(word(page, "identity:signIn.username.label")).fill("asha")
    page.get_by_label(word(page, "identity:signIn.password.label")).first.fill("given for once")
    _press(page, "identity:signIn.submit")
    expect(page.get_by_role("heading").first).not_to_have_text(heading)


def ask_code(page: Page) -> None:
    page.get_by_label(word(page, "identity:phone.number")).fill(FAMILY_PHONE)
    _press(page, "identity:phone.send")
    expect(page.get_by_label(word(page, "identity:phone.code"))).to_be_visible()

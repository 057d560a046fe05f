"""What people do with a letter and a phone: join by an invitation, prove it is still them, forget, find back in."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import DESK, PASSWORD, PHONE, Running

Person = Callable[..., Page]
FIRST, SECOND = "monsoon umbrella", "lantern by the lake"


def link_to(hospital: Running, address: str, page: str) -> str:
    """The path with its token, from the newest letter to this address."""
    folder = hospital.log.parent / "var/outbox"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for file in sorted(folder.glob("*.eml"), reverse=True):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            found = re.search(rf"(/{page}#\S+)", letter.get_content())
            if letter["To"] == address and found:
                return found[1]
        time.sleep(0.2)
    pytest.fail(f"no letter to {address} leads to {page}")


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/")
    page.get_by_label("Username, e-mail or phone").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def turn_on_second_step(page: Page) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes."""
    secret = page.get_by_label("Secret for the app").inner_text()
    page.get_by_label("The code that the app shows now").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
    page.get_by_role("button", name="Turn it on").click()
    shown = page.get_by_label("Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    return secret, codes


def test_from_an_invitation_to_a_second_step_and_back_after_forgetting(
    person: Person, stranger: Callable[[], Page], hospital: Running
) -> None:
    admin, name = person("admin"), f"ravi{uuid4().hex[:6]}"
    address = f"{name}@mail.example"
    admin.goto("/setup/users")
    admin.get_by_role("button", name="Invite by e-mail").click()
    form = admin.get_by_role("form", name="Invite by e-mail")
    form.get_by_label("E-mail").fill(address)
    form.get_by_label("Role", exact=True).click()
    admin.get_by_role("option", name="Nurse").click()
    form.get_by_role("button", name="Send the invitation").click()
    expect(admin.get_by_role("row").filter(has_text=address)).to_be_visible()

    nurse = stranger()
    nurse.goto(link_to(hospital, address, "invitation"))
    expect(nurse.get_by_role("heading")).to_contain_text("invites you")
    assert "#" not in nurse.url
    assert serious(nurse) == []
    nurse.get_by_label("Your name").fill("Ravi Test")
    nurse.get_by_label("Your username").fill(name)
    nurse.get_by_label("Your password").fill(FIRST)
    nurse.get_by_role("button", name="Join").click()
    expect(nurse).to_have_url(re.compile("/nurse"))

    nurse.goto("/account")
    nurse.get_by_role("button", name="Turn on the second step").click()
    assert serious(nurse) == []
    _, codes = turn_on_second_step(nurse)
    assert len(set(codes)) == 10
    expect(nurse.get_by_text("10 recovery codes are left.")).to_be_visible()

    forgetful = stranger()
    forgetful.goto("/")
    forgetful.get_by_role("button", name="Forgot your password?").click()
    forgetful.get_by_label("Username, e-mail or phone").fill(name)
    forgetful.get_by_role("button", name="Send me a link").click()
    expect(forgetful.get_by_role("status")).to_contain_text("a link is on its way")
    assert serious(forgetful) == []
    forgetful.goto(link_to(hospital, address, "reset"))
    forgetful.get_by_label("New password", exact=True).fill(SECOND)
    forgetful.get_by_label("New password again").fill(SECOND)
    forgetful.get_by_role("button", name="Change password").click()
    forgetful.get_by_role("link", name="Go on to Arogya").click()
    sign_in(forgetful, name, SECOND)
    expect(forgetful.get_by_role("heading", name="Second step")).to_be_visible()
    assert serious(forgetful) == []
    forgetful.get_by_label("Code").fill("000000")
    forgetful.get_by_role("button", name="Sign in").click()
    expect(forgetful.get_by_text("This code is not right")).to_be_visible()
    forgetful.get_by_label("Code").fill(codes[0])
    forgetful.keyboard.press("Enter")
    expect(forgetful).to_have_url(re.compile("/nurse"))

    # The new password signed everybody else out, and the phone is lost: the administrator helps.
    expect(nurse.get_by_role("button", name="Sign in")).to_be_visible()
    admin.reload()
    admin.get_by_label("Find by name or username").fill(name)
    expect(admin.get_by_role("grid", name="Users and roles").get_by_role("row")).to_have_count(2)
    admin.get_by_role("row").filter(has_text=name).click()
    admin.get_by_role("button", name="Lost phone").click()
    admin.get_by_role("dialog").get_by_role("button", name="Reset it for Ravi Test").click()
    expect(admin.get_by_role("button", name="Lost phone")).to_have_count(0)
    sign_in(nurse, name, SECOND)
    expect(nurse).to_have_url(re.compile("/nurse"))


def test_what_was_refused_goes_on_by_itself_once_one_has_shown_who_one_is(person: Person) -> None:
    """The first refusal is put in, for nobody waits the five minutes; the proof and what follows are the server's."""
    admin = person("admin")
    refused = {"count": 0}

    def once(route: object) -> None:
        refused["count"] += 1
        if refused["count"] == 1:
            body = '{"code": "step_up_needed", "opens_window": true, "status": 403}'
            route.fulfill(status=403, content_type="application/problem+json", body=body)  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    admin.route(
        "**/api/sign-in-rules", lambda route: once(route) if route.request.method == "PUT" else route.continue_()
    )
    admin.goto("/setup/signIn")
    admin.get_by_label("Signing without a new proof").fill("45")
    admin.get_by_role("button", name="Save").click()
    dialog = admin.get_by_role("dialog", name="Is it still you?")
    expect(dialog).to_be_visible()
    assert serious(admin) == []
    dialog.get_by_label("Your password").fill("wrong password")
    admin.keyboard.press("Enter")
    expect(dialog.get_by_text("The password that you have now is another")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    admin.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(admin.get_by_text("Saved")).to_be_visible()
    admin.reload()
    expect(admin.get_by_label("Signing without a new proof")).to_have_value("45")


def test_hospital_that_asks_for_a_second_step_leads_its_staff_to_it(
    person: Person, stranger: Callable[[], Page]
) -> None:
    """In a hospital of its own: in the demo's, nobody could sign in any more as the other journeys do."""
    operator, code = person("superadmin"), f"P{uuid4().hex[:5]}".upper()
    operator.goto("/hospitals")
    operator.get_by_role("button", name="Add a hospital").first.click()
    form = operator.get_by_role("form", name="Add a hospital")
    form.get_by_label("Name of the hospital").fill(f"Peepal {code}")
    form.get_by_label("Short code").fill(code)
    form.get_by_label("First branch").fill("Pune")
    form.get_by_label("First administrator's name").fill("Meera Test")
    form.get_by_label("Their username").fill(f"meera{code.lower()}")
    form.get_by_role("button", name="Add a hospital").click()
    once = operator.get_by_label("Password for once").inner_text()

    admin = stranger()
    sign_in(admin, f"meera{code.lower()}", once)
    admin.get_by_label("New password", exact=True).fill(FIRST)
    admin.get_by_label("New password again").fill(FIRST)
    admin.get_by_role("button", name="Change password and go on").click()
    expect(admin.get_by_role("link", name="Set-up")).to_be_visible()
    admin.goto("/setup/signIn")
    admin.get_by_label("Staff need a second step").check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Saved")).to_be_visible()

    held = stranger()
    sign_in(held, f"meera{code.lower()}", FIRST)
    expect(held.get_by_role("heading", name="Set up a second step")).to_be_visible()
    expect(held.get_by_role("link", name="Set-up")).to_have_count(0)
    held.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(held.get_by_label("Secret for the app")).to_be_visible()
    assert (serious(held), sideways(held)) == ([], 0)
    turn_on_second_step(held)
    held.set_viewport_size(DESK)  # type: ignore[arg-type]
    expect(held.get_by_role("link", name="Set-up")).to_be_visible()

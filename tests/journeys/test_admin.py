"""What administrators do: a new user with a password for once, a display by its link, a hospital made and suspended."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

Person = Callable[..., Page]


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/")
    page.get_by_label("Username, e-mail or phone").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def shown_once(page: Page) -> str:
    return page.get_by_label("Password for once").inner_text()


def choose_password(page: Page) -> None:
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("monsoon umbrella")
    page.get_by_label("New password again").fill("monsoon umbrella")
    page.get_by_role("button", name="Change password and go on").click()


def test_a_new_user_chooses_a_password_and_is_signed_out_when_deactivated(
    person: Person, stranger: Callable[[], Page]
) -> None:
    admin, username = person("admin"), f"asha{uuid4().hex[:6]}"
    admin.goto("/setup/users")
    admin.get_by_role("button", name="Add a user").first.click()
    form = admin.get_by_role("form", name="Add a user")
    form.get_by_label("Name", exact=True).fill("Asha Test")
    form.get_by_label("Username").fill(username)
    form.get_by_label("Role", exact=True).click()
    admin.get_by_role("option", name="Nurse").click()
    form.get_by_role("button", name="Add a user").click()
    password = shown_once(admin)

    nurse = stranger()
    sign_in(nurse, username, password)
    choose_password(nurse)
    expect(nurse).to_have_url(re.compile("/nurse"))

    admin.reload()
    admin.get_by_label("Find by name or username").fill(username)
    admin.get_by_role("row").filter(has_text=username).click()
    admin.get_by_role("button", name="Deactivate Asha Test").click()
    admin.get_by_role("dialog").get_by_role("button", name="Deactivate Asha Test").click()
    expect(nurse.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_display_shows_the_queue_by_its_link_until_it_is_revoked(
    person: Person, stranger: Callable[[], Page]
) -> None:
    admin, name = person("admin"), f"Hall {uuid4().hex[:6]}"
    admin.goto("/setup/displays")
    admin.get_by_role("button", name="Add a display").first.click()
    form = admin.get_by_role("form", name="Add a display")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_role("button", name="Add a display").click()
    link = admin.get_by_label("Link for the display").inner_text()

    board = stranger()
    board.goto(link)
    expect(board.get_by_role("table")).to_be_visible()
    assert "#" not in board.url

    admin.reload()  # what is shown only once goes with it
    admin.get_by_role("row").filter(has_text=name).click()
    admin.get_by_role("button", name=f"Revoke the link of {name}").click()
    admin.get_by_role("dialog").get_by_role("button", name=f"Revoke the link of {name}").click()
    expect(board.get_by_role("table")).to_have_count(0)


def test_a_hospital_is_made_with_its_administrator_suspended_and_resumed(
    person: Person, stranger: Callable[[], Page]
) -> None:
    operator, code = person("superadmin"), f"T{uuid4().hex[:5]}".upper()
    name, username = f"Neem {code}", f"first{code.lower()}"
    operator.goto("/hospitals")
    operator.get_by_role("button", name="Add a hospital").first.click()
    form = operator.get_by_role("form", name="Add a hospital")
    form.get_by_label("Name of the hospital").fill(name)
    form.get_by_label("Short code").fill(code)
    form.get_by_label("First branch").fill(f"{name}, Pune")
    form.get_by_label("First administrator's name").fill("Meera Test")
    form.get_by_label("Their username").fill(username)
    form.get_by_role("button", name="Add a hospital").click()
    password = shown_once(operator)

    first = stranger()
    sign_in(first, username, password)
    choose_password(first)
    expect(first.get_by_role("link", name="Set-up")).to_be_visible()

    for act in ("Suspend", "Resume"):
        operator.reload()
        operator.get_by_role("row").filter(has_text=name).click()
        operator.get_by_role("button", name=f"{act} {name}").click()
        operator.get_by_role("dialog").get_by_role("button", name=f"{act} {name}").click()
        if act == "Suspend":
            expect(first.get_by_role("button", name="Sign in")).to_be_visible()
            sign_in(first, username, "monsoon umbrella")
            expect(first.get_by_role("alert")).to_contain_text("This hospital is suspended")
    sign_in(first, username, "monsoon umbrella")
    expect(first.get_by_role("link", name="Set-up")).to_be_visible()

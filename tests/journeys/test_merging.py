"""Two records of one person: found, compared, merged and parted; and who comes without a name."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.axe import serious
from tests.journeys.conftest import headers
from tests.journeys.test_desk import Keyboard, desk, someone

Person = Callable[..., Page]


def twice(page: Page) -> tuple[dict[str, Any], dict[str, Any]]:
    """One person, registered by two desks."""
    name, phone = someone()
    told = {"name": name, "gender": "female", "birth_date": "1990-04-12", "phones": [phone]}
    made = []
    for spelt in (name, f"{name}a"):
        answer = page.request.post("/api/patients", data=told | {"name": spelt}, headers=headers(page))
        assert answer.status == 201, answer.text()
        made.append(answer.json())
    return made[0], made[1]


def test_a_likely_pair_is_compared_merged_and_parted(person: Person) -> None:
    admin = person("admin")
    one, other = twice(admin)
    admin.goto("/duplicates")
    row = admin.get_by_role("grid").get_by_role("row").filter(has_text=other["mrn"])
    expect(row).to_contain_text("phone")
    assert serious(admin) == []
    row.get_by_role("button", name="Compare").click()
    expect(admin.get_by_role("region", name="Are these one person?")).to_contain_text(one["mrn"])
    assert serious(admin) == []
    press = f"Merge {other['name']}, {other['mrn']} into {one['name']}, {one['mrn']}"
    admin.get_by_role("radio").first.check()
    if not admin.get_by_role("button", name=press).is_visible():
        admin.get_by_role("radio").last.check()
    admin.get_by_role("button", name=press, exact=True).click()
    expect(admin).to_have_url(re.compile("/duplicates"))

    at_desk = desk(person)
    at_desk.keyboard.press("/")
    at_desk.keyboard.type(other["mrn"])
    found = at_desk.get_by_role("option")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(one["mrn"])
    expect(found).to_contain_text(f"also {other['mrn']}")

    admin.goto(f"/patients/{other['id']}")
    expect(admin).to_have_url(re.compile(f"/patients/{one['id']}$"))
    merged = admin.get_by_role("region", name="Merged records")
    expect(merged).to_contain_text(other["mrn"])
    assert serious(admin) == []
    merged.get_by_role("button", name="Part them").click()
    admin.get_by_role("dialog").get_by_role("button", name=f"Part {other['name']} from {one['name']}").click()
    expect(merged).to_contain_text("parted")
    admin.goto(f"/patients/{other['id']}")
    expect(admin.get_by_text(other["mrn"]).first).to_be_visible()
    expect(admin).to_have_url(re.compile(f"/patients/{other['id']}$"))


def test_two_people_are_remembered_as_two(person: Person) -> None:
    admin = person("admin")
    _, other = twice(admin)
    admin.goto("/")
    # The account stays English for the other journeys: only this page speaks Hindi.
    admin.route(
        re.compile("/api/me$"), lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    admin.get_by_role("link", name="Duplicates").click()
    admin.get_by_role("button", name="हिन्दी").click()
    row = admin.get_by_role("grid").get_by_role("row").filter(has_text=other["mrn"])
    row.get_by_role("button", name="मिलान करें").click()
    admin.get_by_role("button", name="ये दो लोग हैं").click()
    expect(admin).to_have_url(re.compile("/duplicates"))
    expect(row).to_be_hidden()
    admin.get_by_role("radio", name="दो लोग", exact=True).click(force=True)
    expect(row).to_be_visible()


def test_who_can_say_no_name_takes_two_keys_and_is_named_later(person: Person) -> None:
    page = desk(person)
    keyboard = Keyboard(page)
    keyboard.press("F3")
    expect(page.get_by_role("form", name="New patient").get_by_role("radio").first).to_be_focused()
    keyboard.press("m")
    expect(page.get_by_role("form", name="Walk-in")).to_be_visible()
    expect(page.get_by_role("region", name="Walk-in")).to_contain_text("Unknown male ~40")
    assert keyboard.count == 2
    answer = page.request.get("/api/patients", params={"search": "unknown male", "limit": 200}, headers=headers(page))
    newest = max(answer.json()["items"], key=lambda one: one["id"])
    page.goto(f"/patients/{newest['id']}")
    expect(page.get_by_text("Name not known yet")).to_be_visible()
    page.get_by_role("button", name="Give a name").click()
    name, _ = someone()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("Name not known yet")).to_be_hidden()
    expect(page.get_by_text("Unknown male ~40 until")).to_be_visible()


def test_a_baby_is_its_mothers_and_born_today(person: Person) -> None:
    page = desk(person)
    mother, _ = twice(page)
    page.keyboard.press("F4")
    expect(page.get_by_text("Whose baby?")).to_be_visible()
    page.keyboard.type(mother["mrn"])
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text(mother["mrn"])
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="New patient")
    expect(form.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("f")
    page.keyboard.press("F6")
    page.keyboard.press("Enter")
    walk_in = page.get_by_role("region", name="Walk-in")
    expect(walk_in).to_contain_text(f"Baby of {mother['name']}")
    answer = page.request.get("/api/patients", params={"search": f"baby {mother['name']}"}, headers=headers(page))
    (baby,) = answer.json()["items"]
    assert (baby["age_years"], baby["age_months"], baby["is_medico_legal"]) == (0, 0, True)
    page.goto(f"/patients/{baby['id']}")
    expect(page.get_by_role("link", name=re.compile(mother["mrn"]))).to_be_visible()


def test_a_photo_is_taken_by_the_camera_and_printed_on_the_card(person: Person) -> None:
    page = desk(person)
    one, _ = twice(page)
    page.goto(f"/patients/{one['id']}")
    page.get_by_role("button", name="Take a photo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take", exact=True).click()
    dialog.get_by_role("button", name="Once more").click()
    dialog.get_by_role("button", name="Take", exact=True).click()
    dialog.get_by_role("button", name="Keep this photo").click()
    face = page.get_by_role("img", name=f"Photo of {one['name']}")
    expect(face).to_be_visible()
    expect(face).to_have_js_property("complete", True)
    with page.expect_response(re.compile("/card$")) as printed:
        page.get_by_role("button", name="UHID card").click()
    assert printed.value.headers["content-type"] == "application/pdf"


def test_without_a_camera_a_file_is_chosen(person: Person) -> None:
    page = desk(person)
    one, _ = twice(page)
    page.goto(f"/patients/{one['id']}")
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none')) }")
    page.get_by_role("button", name="Take a photo").click()
    expect(page.get_by_role("alert")).to_contain_text("The camera can't be opened")
    with page.expect_file_chooser():
        page.get_by_role("dialog").get_by_role("button", name="Choose a file").click()

"""A patient's record at the desk: changed by two at once, with a photo, closed and reopened."""

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.test_desk import desk, register, someone

Person = Callable[..., Page]


def record_of_someone(person: Person) -> tuple[Page, str]:
    """A new patient's page, open at the desk."""
    page = desk(person)
    name, phone = someone()
    register(page, name, phone)
    page.goto("/patients")
    page.get_by_role("searchbox").last.fill(name)
    page.get_by_role("grid").get_by_role("row").filter(has_text=name).dblclick()
    expect(page).to_have_url(re.compile("/patients/[0-9a-f-]{36}$"))
    return page, name


def test_who_changes_a_record_second_is_told_and_loses_nothing(person: Person) -> None:
    first, _ = record_of_someone(person)
    second = person("reception")
    second.goto(first.url)
    for page in (first, second):
        page.get_by_role("button", name="Change details").click()
    first.get_by_label("City").fill("Nagpur")
    first.get_by_role("button", name="Save changes").click()
    expect(first.get_by_text("Nagpur")).to_be_visible()

    second.get_by_label("Address").fill("12, Neem Road")
    second.get_by_role("button", name="Save changes").click()
    expect(second.get_by_role("alert")).to_contain_text("Someone else changed this meanwhile")
    expect(second.get_by_label("Address")).to_have_value("12, Neem Road")

    form = second.get_by_role("form", name="Change details")
    second.get_by_role("button", name="Close").click()
    expect(form).to_be_hidden()
    expect(second.get_by_text("Nagpur")).to_be_visible()
    second.get_by_role("button", name="Change details").click()
    second.get_by_label("Address").fill("12, Neem Road")
    second.get_by_role("button", name="Add a contact").click()
    contact = second.get_by_role("group", name="Contact 1")
    second.get_by_role("button", name="Save changes").click()
    expect(contact).to_contain_text("Write the contact's name")
    contact.get_by_label("Name").fill("Suresh Test")
    contact.get_by_label("Relation").fill("father")
    contact.get_by_label("Guardian, acts for the patient").check()
    second.get_by_role("button", name="Save changes").click()
    expect(second.get_by_text("12, Neem Road, Nagpur")).to_be_visible()
    expect(second.get_by_text("Suresh Test · father · guardian")).to_be_visible()


def test_a_photo_is_kept_seen_and_removed(person: Person) -> None:
    page, name = record_of_someone(person)
    file = page.get_by_label("Photo", exact=True)
    file.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    expect(page.get_by_role("alert")).to_contain_text("Choose a JPEG, PNG or WebP picture")
    made = io.BytesIO()
    Image.new("RGB", (300, 400), (180, 120, 90)).save(made, "PNG")
    file.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": made.getvalue()})
    face = page.get_by_role("img", name=f"Photo of {name}")
    expect(face).to_have_js_property("naturalHeight", 400)
    page.get_by_role("button", name="Remove the photo").click()
    expect(face).to_be_hidden()


def test_an_administrator_closes_a_record_and_reopens_it(person: Person) -> None:
    page, name = record_of_someone(person)
    admin = person("admin")
    admin.goto(page.url)
    admin.get_by_role("button", name=f"Close the record of {name}").click()
    admin.get_by_role("dialog").get_by_role("button", name=f"Close the record of {name}").click()
    expect(admin.get_by_text("Closed", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Change details")).to_be_hidden()
    admin.get_by_role("button", name=f"Reopen the record of {name}").click()
    admin.get_by_role("dialog").get_by_role("button", name=f"Reopen the record of {name}").click()
    expect(page.get_by_role("button", name="Change details")).to_be_visible()


def test_one_box_finds_a_patient_or_a_doctor_from_every_page(person: Person) -> None:
    page, name = record_of_someone(person)
    page.goto("/overview")
    expect(page.get_by_role("heading").first).to_be_visible()
    page.keyboard.press("/")
    page.get_by_role("dialog").get_by_role("combobox").fill(name)
    expect(page.get_by_role("option", name=re.compile(name))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/patients/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("kavita iyer")
    page.get_by_role("option", name=re.compile("Dr Kavita Iyer")).click()
    expect(page).to_have_url(re.compile("/schedule"))
    expect(
        page.get_by_role("region", name=re.compile("Kavita Iyer")).or_(page.get_by_text("Dr Kavita Iyer")).first
    ).to_be_visible()

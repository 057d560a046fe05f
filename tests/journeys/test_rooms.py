"""A room and a service from the set-up to the patient who is sent there."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_desk import register, someone
from tests.journeys.test_phone import ENGLISH
from tests.journeys.test_phone import register as become_a_patient

Person = Callable[..., Page]


def choose(form: Locator, field: str, option: str | re.Pattern[str]) -> None:
    form.get_by_role("combobox", name=field).click()
    form.page.get_by_role("option", name=option).filter(visible=True).click()


def test_a_room_and_a_service_are_set_up_booked_and_found(person: Person) -> None:
    tag = uuid4().hex[:4]
    room, service = f"ECG {tag}", f"Heart trace {tag}"
    page = person("admin")

    page.goto("/setup/rooms")
    page.get_by_role("button", name="Add a room").first.click()
    form = page.get_by_role("form", name="Add a room")
    form.get_by_role("button", name="Add a room").click()
    expect(form.get_by_text("This is needed").first).to_be_visible()
    form.get_by_label("Name", exact=True).fill(room)
    choose(form, "Branch", "Kothrud")
    form.get_by_label("Floor").fill("ground floor")
    form.get_by_role("button", name="Add a room").click()
    expect(page.get_by_role("grid").get_by_text(room)).to_be_visible()

    page.get_by_role("button", name="Add a room").first.click()
    form.get_by_label("Name", exact=True).fill(room.upper())
    choose(form, "Branch", "Kothrud")
    form.get_by_role("button", name="Add a room").click()
    expect(form.get_by_text("There is one of this name already.").first).to_be_visible()

    page.goto("/setup/services")
    page.get_by_role("button", name="Add a service").first.click()
    form = page.get_by_role("form", name="Add a service")
    form.get_by_label("Name", exact=True).fill(service)
    form.get_by_label("Fee").fill("250")
    form.get_by_label("Minutes a visit").fill("20")
    form.get_by_role("button", name="Add a service").click()
    expect(page.get_by_role("grid").get_by_text(service)).to_be_visible()

    page.goto("/setup/schedules")
    page.get_by_role("button", name="Add a schedule").first.click()
    form = page.get_by_role("form", name="Add a schedule")
    form.get_by_role("combobox", name="Doctor or service").fill(service)
    page.get_by_role("option", name=service).click()
    expect(form.get_by_label("Minutes a slot")).to_have_value("20")
    choose(form, "Branch", "Kothrud")
    choose(form, "Room", re.compile(room))
    form.get_by_role("button", name="Add a schedule").click()
    expect(page.get_by_role("grid").get_by_text(service)).to_be_visible()
    expect(page.get_by_role("grid").get_by_text(room).first).to_be_visible()

    name, phone = someone()
    desk = person("reception")
    desk.goto("/desk")
    desk.get_by_label("Phone, name, UHID or scan").wait_for()
    register(desk, name, phone)
    desk.get_by_role("button", name="Book for later").click()
    form = desk.get_by_role("form", name="Book for later")
    form.get_by_role("combobox", name="Doctor or service").fill(service)
    desk.get_by_role("option", name=service).click()
    book = form.get_by_role("button", name=re.compile("^Book "))
    next_free = form.get_by_role("button", name=re.compile("^Next free"))
    expect(book.or_(next_free)).to_be_visible()
    if next_free.is_visible():
        next_free.click()
    expect(form).to_contain_text(f"Room: {room}")
    book.click()
    visit = desk.get_by_role("region", name="Visit")
    expect(visit).to_contain_text(name)
    expect(visit).to_contain_text(service)
    expect(visit).to_contain_text(room)
    expect(visit).to_contain_text("₹250")


def test_patients_find_services_under_a_head_of_their_own(phone: Callable[[str], Page]) -> None:
    page = phone("en")
    become_a_patient(page, ENGLISH)  # one of this test's own: at none of these times anywhere else
    page.goto("/my/book")
    services = page.get_by_role("region", name="Services")
    expect(services).to_contain_text("X-ray")
    expect(page.get_by_role("region", name="Doctors")).to_contain_text("Dr Kavita Iyer")
    services.get_by_role("button", name=re.compile(r"^\d{1,2}:\d\d")).first.click()
    page.get_by_role("button", name="Confirm booking").click()
    expect(page.get_by_text("Service", exact=True)).to_be_visible()
    expect(page.get_by_text("Room", exact=True)).to_be_visible()

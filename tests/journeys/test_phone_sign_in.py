"""A patient signs in by the code on their phone, claims their record and their child's; the desk sees and ends it."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.factories.qr import read_qr
from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PASSWORD, PATIENCE_MS, Running, spare_phone
from tests.modules.scheduling.test_printing import squares_drawn


@dataclass(frozen=True)
class Family:
    """Two who share a phone: Asha, 41, with a visit to come, and her son, 8."""

    phone: str
    asha: str
    son: str
    doctor: str
    visit: str


@pytest.fixture
def desk(hospital: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=hospital.url, timeout=PATIENCE_MS / 1000) as client:
        body = {"username": "reception", "password": PASSWORD, "client": "api"}
        token = client.post("/api/auth/login", json=body).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def family(desk: httpx2.Client) -> Family:
    phone = spare_phone()

    def made(**told: Any) -> str:
        answer = desk.post("/api/patients", json={"phones": [phone], **told})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    asha = made(name="Asha Journey", gender="female", birth_date="1985-04-12")
    son = made(name="Om Journey", gender="male", birth_date="2018-02-03")
    today = desk.get("/api/availability", params={"from": time.strftime("%Y-%m-%d"), "days": 14}).json()["items"]
    mine = {one["id"] for one in desk.get("/api/me").json()["facilities"]}
    found = next(one for one in today if one["next"] and one["facility_id"] in mine)
    visit = {
        "patient_id": asha, "practitioner_id": found["practitioner"]["id"], "facility_id": found["facility_id"],
        "starts_at": found["next"][-1]["starts_at"],
    }  # fmt: skip
    booked = desk.post("/api/appointments", json=visit)
    assert booked.status_code == 201, booked.text
    return Family(phone, asha, son, booked.json()["practitioner_name"], booked.json()["id"])


def code_sent_to(hospital: Running, phone: str) -> str:
    """From the simulator's file, as `arogya outbox` shows it."""
    outbox: Path = hospital.log.parent / "var/outbox"
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        for file in sorted(outbox.glob("*.sms"), reverse=True):
            message = file.read_text()
            if message.startswith(f"To: +91{phone}"):
                assert "साइन-इन कोड" in message
                return re.findall(r"\b\d{6}\b", message)[0]
        time.sleep(0.2)
    pytest.fail(f"no message was sent:\n{hospital.log.read_text()[-2000:]}")


def look(page: Page, name: str) -> None:
    assert (serious(page), sideways(page)) == ([], 0), name


def test_a_patient_in_hindi_signs_in_claims_two_records_and_sees_the_visits(
    phone: Callable[[str], Page], hospital: Running, family: Family, person: Callable[..., Page]
) -> None:
    page = phone("hi")
    page.goto("/my")
    number = page.get_by_label("मोबाइल नंबर")
    expect(number).to_be_focused()
    look(page, "number")
    page.get_by_role("button", name="मुझे कोड भेजें").tap()
    expect(page.get_by_text("अपना मोबाइल नंबर लिखें")).to_be_visible()
    number.fill(family.phone)
    page.get_by_role("button", name="मुझे कोड भेजें").tap()

    code = page.get_by_label("संदेश वाला कोड")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^दूसरा कोड 0:\d\d में$"))
    right = code_sent_to(hospital, family.phone)
    code.fill(f"{(int(right) + 1) % 1_000_000:06}")
    expect(page.get_by_role("alert")).to_contain_text("यह कोड सही नहीं है")
    look(page, "code")
    code.fill(right)

    expect(page).to_have_url(re.compile("/my/family$"))
    expect(page.get_by_role("button", name=re.compile(r"^Asha J\."))).to_be_visible()
    expect(page.get_by_text("Journey")).to_have_count(0)
    look(page, "choose")
    page.get_by_role("button", name=re.compile(r"^Asha J\.")).tap()
    page.get_by_label("जन्म का साल").fill("1986")
    page.get_by_role("button", name="Asha का रिकॉर्ड खोलें").tap()
    expect(page.get_by_text("अस्पताल के पास यह नहीं है। 2 और मौके हैं।")).to_be_visible()
    look(page, "year")
    page.get_by_label("जन्म का साल").fill("1985")
    page.get_by_role("button", name="Asha का रिकॉर्ड खोलें").tap()
    expect(page).to_have_url(re.compile("/my/home$"))
    expect(page.get_by_role("heading", name="नमस्ते, Asha")).to_be_visible()
    expect(page.get_by_text(family.doctor).first).to_be_visible()

    tab = page.get_by_role("navigation")
    tab.get_by_role("link", name="मैं").tap()
    page.get_by_role("link", name="किसी को जोड़ें").tap()
    page.get_by_role("button", name=re.compile("^Om J")).tap()
    page.get_by_label("जन्म का साल").fill("2018")
    page.get_by_role("button", name="Om का रिकॉर्ड खोलें").tap()
    expect(page).to_have_url(re.compile("/my/home$"))
    whom = page.get_by_role("group", name="किसके लिए")
    expect(whom.get_by_role("button", name=re.compile("^Om"))).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text(family.doctor)).to_have_count(0)
    tab.get_by_role("link", name="विज़िट").tap()
    expect(page.get_by_text("अभी कोई विज़िट नहीं")).to_be_visible()
    whom.get_by_role("button", name="सभी").tap()
    expect(page.get_by_text(family.doctor).first).to_be_visible()
    look(page, "visits")
    tab.get_by_role("link", name="मैं").tap()
    look(page, "me")

    desk = person("reception")
    desk.goto(f"/patients/{family.asha}")
    access = desk.get_by_role("region", name="Who signs in for this patient")
    expect(access.get_by_text("Asha Journey")).to_be_visible()
    expect(access.get_by_text("the patient")).to_be_visible()
    assert serious(desk) == []
    access.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("button", name="End the access of Asha Journey").click()
    expect(access.get_by_text("Nobody yet")).to_be_visible()
    expect(page.get_by_text(family.doctor)).to_have_count(0)  # the phone follows by itself
    tab.get_by_role("link", name="विज़िट").tap()
    expect(page.get_by_text("अभी कोई विज़िट नहीं")).to_be_visible()
    access.get_by_role("button", name="QR for the phone").click()
    expect(desk.get_by_role("dialog").get_by_role("button", name="Print")).to_be_visible()


def test_a_slip_that_was_used_says_so_and_shows_the_other_way_in(phone: Callable[[str], Page]) -> None:
    page = phone("en")
    page.goto(f"/my/slip#{'A' * 43}")
    expect(page.get_by_text("This slip was used already, or is too old.")).to_be_visible()
    expect(page).to_have_url(re.compile("/my/slip$"))
    look(page, "slip-over")
    page.get_by_role("link", name="Sign in with a code on the phone").tap()
    expect(page.get_by_label("Mobile number")).to_be_visible()
    page.get_by_role("button", name="Sign in with a password").tap()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def scanned(document: bytes) -> str:
    """What a phone's camera reads off the paper: of two codes the larger is for the phone."""
    return read_qr(max(squares_drawn(document), key=len))


def test_a_slip_is_scanned_and_opens_the_childs_record_once(
    phone: Callable[[str], Page], hospital: Running, family: Family, desk: httpx2.Client
) -> None:
    printed = desk.post(f"/api/patients/{family.son}/pass")
    assert printed.status_code == 201, printed.text
    address = scanned(printed.content)
    assert address.startswith(f"{hospital.url}/my/slip#")
    page = phone("en")
    page.goto(address)
    expect(page.get_by_text("Om J.")).to_be_visible()
    expect(page.get_by_text("8 years")).to_be_visible()
    expect(page).to_have_url(re.compile("/my/slip$"))
    page.get_by_label("Year of birth").fill("2017")
    page.get_by_role("button", name="Open the record of Om").tap()
    expect(page.get_by_text("2 more tries")).to_be_visible()
    look(page, "slip")
    page.get_by_label("Year of birth").fill("2018")
    page.get_by_role("button", name="Open the record of Om").tap()
    expect(page).to_have_url(re.compile("/my/home$"))
    page.get_by_role("navigation").get_by_role("link", name="Me", exact=True).tap()
    expect(page.get_by_text("My child")).to_be_visible()
    expect(page.get_by_text("Change my password")).to_have_count(0)

    mothers = scanned(desk.get(f"/api/appointments/{family.visit}/slip").content)
    page.goto(mothers)  # the OPD slip's own, on the phone that is signed in already
    page.get_by_text("I look after them").tap()
    page.get_by_label("Year of birth").fill("1985")
    page.get_by_role("button", name="Open the record of Asha").tap()
    expect(page).to_have_url(re.compile("/my/home$"))
    whom = page.get_by_role("group", name="For whom")
    expect(whom.get_by_role("button", name=re.compile("^Asha"))).to_be_visible()
    expect(whom.get_by_role("button", name=re.compile("^Om"))).to_be_visible()
    expect(page.get_by_text(family.doctor).first).to_be_visible()

    second = phone("en")
    second.goto(mothers)
    expect(second.get_by_text("This slip was used already, or is too old.")).to_be_visible()

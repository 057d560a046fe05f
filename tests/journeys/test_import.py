"""An administrator brings another system's patients in, sees what can't be taken and why, and takes it back."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from arogya.platform.sheets.reading import lines
from tests.journeys.axe import serious, sideways
from tests.journeys.conftest import PHONE
from tests.journeys.pages import go

Person = Callable[..., Page]


def table(mark: str) -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=";").writerows([
        ("UHID", "Patient Name", "लिंग", "DOB", "Mobile No.", "Colour"),
        (f"{mark}-1", f"Importa {mark}a", "महिला", "13/04/1990", "9000011301", "red"),
        (f"{mark}-2", f"Importa {mark}b", "पुरुष", "02/11/1988", "9000011302", "blue"),
        (f"{mark}-3", f"Importa {mark}c", "X?", "31/02/1990", "9000011303", ""),
    ])  # fmt: skip
    return page.getvalue().encode("utf-16")


def send(page: Page, mark: str) -> None:
    page.goto("/patients")
    page.get_by_role("button", name="Import", exact=True).click()
    file = {"name": f"old {mark}.csv", "mimeType": "text/csv", "buffer": table(mark)}
    page.get_by_label("Choose a file").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("combobox", name="What “UHID” holds")).to_have_value("UHID")


def test_a_file_is_checked_taken_in_found_and_taken_back(person: Person, tmp_path: Path) -> None:
    page, mark = person("admin"), uuid4().hex[:6].upper()
    send(page, mark)
    expect(page.get_by_role("combobox", name="What “लिंग” holds")).to_have_value("Sex")
    expect(page.get_by_role("combobox", name="What “Colour” holds")).to_have_value("")
    expect(page.get_by_text(f"Importa {mark}a").first).to_be_visible()
    expect(page.get_by_role("radio", name="Day first")).to_be_checked()
    assert serious(page) == []

    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("2 lines can be taken in")).to_be_visible()
    expect(page.get_by_text("write M, F or O")).to_be_visible()
    expect(page.get_by_text("there is no such day")).to_be_visible()
    assert serious(page) == []
    page.screenshot(path=tmp_path / "checked.png")

    page.get_by_role("button", name="Take in 2 patients").click()
    expect(page.get_by_text("2 patients taken in")).to_be_visible()
    with page.expect_download() as report:
        page.get_by_role("button", name="Report, CSV").click()
    refused = report.value.path().read_text("utf-8-sig")
    assert f"{mark}-3" in refused
    assert "Write M, F or O" in refused

    page.goto("/patients")
    page.get_by_role("searchbox").last.fill(f"importa {mark}a")
    expect(page.get_by_role("grid").get_by_role("row").filter(has_text=f"{mark}-1")).to_be_visible()
    page.get_by_role("button", name="Take the list away").click()
    with page.expect_download() as taken:
        page.get_by_role("menuitem", name="Excel (XLSX)").click()
    [(_, head), (_, row)] = list(lines(taken.value.path().read_bytes()))
    assert row[head.index("UHID")] == f"{mark}-1"

    page.goto("/patients/import")
    page.get_by_role("grid").get_by_role("row").filter(has_text=mark).dblclick()
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("2 records closed again")).to_be_visible()
    page.goto("/patients")
    page.get_by_role("searchbox").last.fill(f"importa {mark}a")
    expect(page.get_by_text("Nobody is found")).to_be_visible()


def test_who_may_not_import_is_not_offered_it(person: Person) -> None:
    page = person("reception")
    page.goto("/patients")
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Take the list away")).to_be_hidden()


def test_a_file_that_is_no_table_is_told_so(person: Person) -> None:
    page = person("admin")
    page.goto("/patients/import")
    file = {"name": "photo.csv", "mimeType": "text/csv", "buffer": b"\0\1\2\3" * 90}
    page.get_by_label("Choose a file").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("no table that can be read")


@pytest.mark.parametrize("phone", [True, False])
def test_in_hindi_in_the_dark_and_on_a_phone(person: Person, phone: bool, tmp_path: Path) -> None:
    page, mark = person("admin"), uuid4().hex[:6].upper()
    page.goto("/")
    # The account stays English for the other journeys: only this page speaks Hindi.
    page.route(
        re.compile("/api/me$"), lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    page.get_by_role("button", name="हिन्दी").click()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.emulate_media(color_scheme="dark")
    if phone:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    go(page, "/patients/import")
    file = {"name": f"old {mark}.csv", "mimeType": "text/csv", "buffer": table(mark)}
    page.get_by_label("फ़ाइल चुनें").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="फ़ाइल जाँचें").click()
    expect(page.get_by_text("2 पंक्तियाँ दर्ज हो सकती हैं")).to_be_visible()
    expect(page.get_by_text("M, F या O लिखें")).to_be_visible()
    assert serious(page) == []
    assert sideways(page) == 0
    page.screenshot(path=tmp_path / f"hindi-{'phone' if phone else 'desk'}.png", full_page=True)

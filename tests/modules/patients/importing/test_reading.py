"""What columns and cells of other systems mean, and what is told instead of guessed."""

from datetime import date
from typing import Any

import pytest

from arogya.modules.patients.importing import cells
from arogya.modules.patients.importing.cells import Age, Unclear
from arogya.modules.patients.importing.headings import TARGETS, guessed
from arogya.modules.patients.importing.lines import Person, Reader


@pytest.mark.parametrize(
    ("headings", "targets"),
    [
        (["UHID No.", "Patient Name", "Gender", "DOB", "Mobile No", "Aadhaar"],
         ["mrn", "name", "gender", "birth_date", "phone", None]),
        (["MR No", "Pt. Name", "Sex (M/F)", "Age (Yrs)", "Contact No.", "Alt. Mobile"],
         ["mrn", "name", "gender", "age", "phone", "phone_2"]),
        (["पंजीकरण संख्या", "मरीज़ का नाम", "लिंग", "जन्म तिथि", "मोबाइल नंबर", "ज़िला"],
         ["mrn", "name", "gender", "birth_date", "phone", "district"]),
        (["OPD No", "First Name", "Last Name", "YOB", "Mobile", "Mobile"],
         ["mrn", "first_name", "last_name", "birth_year", "phone", "phone_2"]),
        (["ABHA Number", "ABHA Address", "PinCode", "E-mail ID", "Father's Name", "Bill Amount"],
         ["abha_number", "abha_address", "postal_code", "email", "father_name", None]),
    ],
)  # fmt: skip
def test_headings_are_guessed_and_what_is_unknown_is_left(headings: list[str], targets: list[str | None]) -> None:
    found = {column: target for target, column in guessed(headings).items()}
    assert [found.get(column) for column in range(len(headings))] == targets


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("1990-04-12", "1990-04-12"), ("12-Apr-1990", "1990-04-12"), ("12 अप्रैल 1990", "1990-04-12"),
        ("13/04/1990", "1990-04-13"), ("04/13/1990", "1990-04-13"), ("१३/०४/१९९०", "1990-04-13"),
        ("32975", "1990-04-12"), ("1990/4/2", "1990-04-02"), ("April 12, 1990", "1990-04-12"),
        ("19900412", "1990-04-12"), ("13.04.1990 00:00:00", "1990-04-13"), ("05/05/1990", "1990-05-05"),
    ],
)  # fmt: skip
def test_dates_are_read(text: str, born: str) -> None:
    assert str(cells.day(text, None)) == born


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/1990", "date_ambiguous"), ("13/04/90", "date_short_year"), ("1990", "date_only_year"),
        ("31/02/1990", "date_impossible"), ("29-02-2023", "date_impossible"), ("soon", "date_unreadable"),
        ("12 Foo 1990", "date_unreadable"), ("45", "date_unreadable"),
    ],
)  # fmt: skip
def test_dates_that_are_unclear_are_told(text: str, code: str) -> None:
    with pytest.raises(Unclear) as told:
        cells.day(text, None)
    assert told.value.code == code


def test_an_order_that_was_told_decides_and_is_not_bent() -> None:
    assert cells.day("03/04/1990", "dmy") == date(1990, 4, 3)
    assert cells.day("03/04/1990", "mdy") == date(1990, 3, 4)
    with pytest.raises(Unclear, match="no such day"):
        cells.day("04/13/1990", "dmy")


def test_the_order_is_seen_where_only_one_can_be() -> None:
    assert cells.order_seen(["03/04/1990", "25/12/1980"]) == "dmy"
    assert cells.order_seen(["12/25/1980"]) == "mdy"
    assert cells.order_seen(["12/25/1980", "25/12/1980"]) is None
    assert cells.order_seen(["03/04/1990", "1990-04-25"]) is None


@pytest.mark.parametrize(
    ("text", "age"),
    [("34", Age(34, None)), ("34 Yrs", Age(34, None)), ("9 months", Age(None, 9)), ("2Y 6M", Age(None, 30)),
     ("10 d", Age(None, 0)), ("३४ वर्ष", Age(34, None)), ("34.0", Age(34, None)), ("7 Y 3 M", Age(7, None))],
)  # fmt: skip
def test_ages_are_read(text: str, age: Age) -> None:
    assert cells.age(text) == age


@pytest.mark.parametrize("text", ["old", "-3", "3 x", "2 y 3 y", "1/2"])
def test_ages_that_are_none_are_told(text: str) -> None:
    with pytest.raises(Unclear):
        cells.age(text)


@pytest.mark.parametrize(
    ("text", "gender"),
    [("M", "male"), ("Male", "male"), ("पुरुष", "male"), ("f", "female"), ("महिला", "female"), ("स्त्री", "female"),
     ("T", "other"), ("Transgender", "other"), ("अन्य", "other"), ("unknown", "unknown"), ("F.", "female")],
)  # fmt: skip
def test_genders_are_read(text: str, gender: str) -> None:
    assert cells.gender(text) == gender


@pytest.mark.parametrize("text", ["1", "X", "M/F"])
def test_genders_that_may_be_anything_are_told(text: str) -> None:
    with pytest.raises(Unclear):
        cells.gender(text)


@pytest.mark.parametrize(
    ("text", "group"), [("B +ve", "B+"), ("O Negative", "O-"), ("ab positive", "AB+"), ("0+", "O+"), ("A−", "A-")]
)
def test_blood_groups_are_read(text: str, group: str) -> None:
    assert cells.blood_group(text) == group


def test_what_spreadsheets_put_around_a_text_is_taken_off() -> None:
    assert cells.said('="00123"') == "00123"
    assert cells.said("'+919000011207") == "+919000011207"
    assert cells.said("'=1") == "=1"
    with pytest.raises(Unclear):
        cells.said("#REF!")


def read(headings: list[str], line: list[str]) -> Any:
    return Reader(guessed(headings), len(headings), None, date(2026, 11, 23), "IN").read(2, line)


def test_a_date_counts_more_than_an_age_and_a_year_is_kept_as_one() -> None:
    both = read(["Name", "DOB", "Age"], ["Ramu", "13/04/1990", "12"])
    assert (str(both.birth.date), both.birth.precision) == ("1990-04-13", "day")
    year = read(["Name", "YOB"], ["Ramu", "1950"])
    assert (str(year.birth.date), year.birth.precision) == ("1950-01-01", "year")
    aged = read(["Name", "Age"], ["Ramu", "34"])
    assert (str(aged.birth.date), aged.birth.precision) == ("1992-11-23", "year")
    assert read(["Name", "YOB"], ["Ramu", "2050"]).reasons[0].code == "year_unreadable"
    assert read(["Name", "Age"], ["Ramu", "150"]).reasons[0].field == "age"


def test_of_an_aadhaar_number_four_digits_are_kept() -> None:
    mapping: dict[Any, int] = {"name": 0, "aadhaar_last4": 1}
    made = Reader(mapping, 2, None, date(2026, 11, 23), "IN").read(2, ["Ramu", "XXXX XXXX 1234"])
    assert isinstance(made, Person)
    assert [(one.kind, one.value) for one in made.request.identifiers] == [("aadhaar_last4", "1234")]


@pytest.mark.parametrize(
    ("heading", "gender", "cell", "kind", "name"),
    [("Father Name", "M", "Om Rane", "S/o", "Om Rane"), ("Father Name", "F", "Om Rane", "D/o", "Om Rane"),
     ("Husband Name", "F", "Om Rane", "W/o", "Om Rane"), ("Guardian", "F", "W/o Om Rane", "W/o", "Om Rane"),
     ("Guardian", "F", "Sona Rane", "C/o", "Sona Rane"), ("Guardian", "M", "s.o. Om", "S/o", "Om")],
)  # fmt: skip
def test_relatives_are_told_by_their_column_or_their_prefix(
    heading: str, gender: str, cell: str, kind: str, name: str
) -> None:
    made = read(["Name", "Sex", heading], ["Ramu", gender, cell])
    assert (made.request.relative_kind, made.request.relative_name) == (kind, name)


def test_the_client_knows_every_target() -> None:
    from pathlib import Path

    written = Path(__file__).resolve().parents[4] / "web/src/features/patients/importing/imports.ts"
    assert all(f"'{target}'" in written.read_text() for target in TARGETS)

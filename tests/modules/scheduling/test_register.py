"""The OPD register: its lines and numbers, what is taken away of it, and who may."""

import csv
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import asyncpg
import httpx2
import pypdf
import pytest

from arogya.modules.scheduling.register import service
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import MONDAY, TUESDAY, also, at, booked, moment, step, stranger
from tests.modules.scheduling.desk import Desk
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection


async def register(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/opd-register", **asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture
async def day(desk: Desk, token_desk: Desk, world: World, clock: FixedClock) -> dict[str, Any]:
    """Monday: Sunita is seen and has paid, Mahesh waits for the other doctor; a booking that nobody came for yet."""
    first = await desk.walk_in(world.a.patient)
    await desk.post(f"/appointments/{first['id']}/receipt", {"method": "cash"})
    await desk.see(clock, 10)
    await desk.call_next()
    second = await token_desk.walk_in(world.a.other_patient)
    await desk.book(world.a.other_patient, moment(MONDAY, "12:00"))
    return {"first": first, "second": second}


async def test_lines_are_who_came_numbered_as_they_came(desk: Desk, world: World, day: dict[str, Any]) -> None:
    first, second = await register(desk, facility_id=str(world.a.main))
    assert first == {
        "appointment_id": day["first"]["id"], "patient_id": str(world.a.patient),
        "practitioner_id": str(world.a.practitioner), "facility_id": str(world.a.main), "day": MONDAY, "number": 1,
        "came_at": at(MONDAY, "10:00"), "patient_mrn": "TA-000001", "patient_name": "Sunita Deshmukh",
        "gender": "female", "age_years": 46, "age_months": 6, "visit": "new", "practitioner_name": "Dr Kavita Iyer",
        "facility_name": "Hospital A of the tests, main", "fee_paise": 60_000,
        "receipt_number": first["receipt_number"], "outcome": "seen",
    }  # fmt: skip
    assert first["receipt_number"].startswith("MAIN/")
    assert (second["number"], second["outcome"], second["receipt_number"]) == (2, "waiting", None)


async def test_numbers_are_of_the_whole_day_whatever_is_asked(desk: Desk, world: World, day: dict[str, Any]) -> None:
    (other,) = await register(desk, practitioner_id=str(world.a.other_practitioner))
    (waits,) = await register(desk, outcome="waiting")
    assert other["number"] == waits["number"] == 2
    assert await register(desk, outcome=["left", "noshow"]) == []
    assert len(await register(desk, outcome=["seen", "waiting"])) == 2


async def test_who_comes_again_is_a_revisit_and_counted_as_old(
    desk: Desk, world: World, day: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(timedelta(days=1))
    await desk.walk_in(world.a.patient)
    (again,) = await register(desk)
    assert (again["visit"], again["number"], again["fee_paise"]) == ("revisit", 1, 0)
    days = {"from": MONDAY, "to": TUESDAY}
    assert [one["visit"] for one in await register(desk, **days)] == ["new", "new", "revisit"]
    assert [one["day"] for one in await register(desk, visit="revisit", **days)] == [TUESDAY]


async def test_who_left_stays_with_the_number_and_who_did_not_come_has_none(
    desk: Desk, world: World, clock: FixedClock
) -> None:
    came = await desk.walk_in(world.a.patient)
    await step(desk.client, world.a, "receptionist", came["id"], "cancel", reason="Could not wait")
    missed = await desk.book(world.a.other_patient, moment(MONDAY, "10:20"))
    clock.advance(timedelta(hours=2))
    await step(desk.client, world.a, "receptionist", missed["id"], "no-show")
    found = await register(desk)
    assert [(one["outcome"], one["number"]) for one in found] == [("left", 1), ("noshow", None)]


async def test_booking_cancelled_before_coming_is_no_line(desk: Desk, world: World) -> None:
    visit = await desk.book(world.a.patient, moment(MONDAY, "10:20"))
    await step(desk.client, world.a, "receptionist", visit["id"], "cancel", reason="Feels better")
    assert await register(desk) == []


async def test_age_is_that_of_the_day(desk: Desk, world: World, owner: Owner) -> None:
    """Reprinted years later it says what it said."""
    await desk.walk_in(world.a.patient)
    await owner.execute("UPDATE patients SET birth_date = '2026-11-01' WHERE id = $1", world.a.patient)
    await owner.execute("UPDATE appointments SET starts_at = starts_at - interval '7 days'")
    (then,) = await register(desk, **{"from": "2026-11-16"})
    assert (then["age_years"], then["age_months"]) == (0, 0)
    await owner.execute("UPDATE patients SET birth_date = '2025-11-20' WHERE id = $1", world.a.patient)
    (then,) = await register(desk, **{"from": "2026-11-16"})
    assert (then["age_years"], then["age_months"]) == (0, 11)


async def test_reading_is_recorded_with_whom_it_showed(
    desk: Desk, world: World, day: dict[str, Any], owner: Owner
) -> None:
    await register(desk, facility_id=str(world.a.main))
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE entity = 'opd_register'")
    assert (row["action"], len(row["entity_ids"])) == ("search", 2)
    assert str(world.a.patient) in row["details"]
    assert "Sunita" not in row["details"]


async def taken_away(desk: Desk, **asked: Any) -> httpx2.Response:
    answer = await desk.get("/opd-register/export", **asked)
    assert answer.status_code == 200, answer.text
    return answer


async def test_headings_are_in_the_language_of_who_asks(desk: Desk, day: dict[str, Any]) -> None:
    asked = {"headers": desk.headers | {"Accept-Language": "hi"}}
    answer = await desk.client.get("/api/opd-register/export", **asked)
    assert next(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))[:4] == ["क्र.", "दिन", "आने का समय", "UHID"]


async def test_csv_holds_every_line_and_no_formula(desk: Desk, world: World, day: dict[str, Any], owner: Owner) -> None:
    await owner.execute("UPDATE patients SET name = '=HYPERLINK(1)' WHERE id = $1", world.a.other_patient)
    answer = await taken_away(desk)
    assert answer.headers["content-disposition"] == 'attachment; filename="opd-register-2026-11-23.csv"'
    head, first, second = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head == [english for english, _ in service.COLUMNS.values()]
    assert dict(zip(head, first, strict=True)) == {
        "No.": "1", "Day": MONDAY, "Came at": "10:00", "UHID": "TA-000001", "Name": "Sunita Deshmukh", "Age": "46 y",
        "Sex": "female", "Visit": "new", "Doctor": "Dr Kavita Iyer", "Branch": "Hospital A of the tests, main",
        "Fee (INR)": "600.00", "Receipt no.": first[11], "Outcome": "seen",
    }  # fmt: skip
    assert first[11].startswith("MAIN/")
    assert second[4] == "'=HYPERLINK(1)"


async def test_xlsx_holds_the_same(desk: Desk, day: dict[str, Any]) -> None:
    answer = await taken_away(desk, form="xlsx")
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        assert book.testzip() is None
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    for fact in ("Receipt no.", "TA-000001", "Sunita Deshmukh", "600.00"):
        assert fact in sheet
    assert "<f>" not in sheet


async def test_taking_it_away_is_recorded_with_the_filters(desk: Desk, day: dict[str, Any], owner: Owner) -> None:
    await taken_away(desk, visit="new", outcome="seen")
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'export'")
    assert row["entity"] == "opd_register"
    assert '"visit": "new"' in row["details"]
    assert '"outcome": ["seen"]' in row["details"]


async def test_printed_page_has_the_lines_and_is_recorded(
    desk: Desk, world: World, day: dict[str, Any], owner: Owner
) -> None:
    answer = await desk.get("/opd-register/pdf", facility_id=str(world.a.main))
    assert answer.headers["content-type"] == "application/pdf"
    page = " ".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(answer.content)).pages)
    for fact in ("OPD register", "Sunita Deshmukh", "TA-000001", "46 y / F", "New", "Dr Kavita Iyer", "600.00", "Seen"):
        assert fact in page
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'print'")
    assert (row["entity"], len(row["entity_ids"])) == ("opd_register", 2)


async def test_more_than_fits_on_paper_is_refused(
    desk: Desk, day: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_PRINTED", 1)
    answer = await desk.get("/opd-register/pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_to_print")
    assert (await desk.get("/opd-register/pdf", outcome="seen")).status_code == 200


async def test_who_may_do_what(desk: Desk, world: World, day: dict[str, Any]) -> None:
    for who, path, query, status in [
        ("nurse", "", {}, 200), ("doctor", "/pdf", {}, 200), ("patient", "", {}, 403), ("patient", "/pdf", {}, 403),
        ("privacy_officer", "", {}, 403), ("hospital_admin", "/export", {}, 200), ("nurse", "/export", {}, 403),
        ("doctor", "/export", {}, 403), ("cashier", "/export", {}, 403), ("patient", "/export", {}, 403),
        ("branch_receptionist", "", {"facility_id": str(world.a.main)}, 403),
        ("branch_receptionist", "/export", {"facility_id": str(world.a.main)}, 403),
        ("branch_receptionist", "/pdf", {"facility_id": str(world.a.main)}, 403),
        ("receptionist", "", {"facility_id": stranger()}, 404),
        ("receptionist", "", {"facility_id": str(world.b.main)}, 404),
    ]:  # fmt: skip
        answer = await desk.as_(who).get(f"/opd-register{path}", **query)
        assert answer.status_code == status, (who, path, answer.text)
    assert (await desk.client.get("/api/opd-register")).status_code == 401


async def test_who_works_at_one_branch_reads_that_ones_lines(
    desk: Desk, world: World, day: dict[str, Any], owner: Owner, clock: FixedClock
) -> None:
    assert await register(desk.as_("branch_receptionist")) == []
    answer = await taken_away(desk.as_("branch_receptionist"))
    assert len(answer.text.splitlines()) == 1
    await also(owner, world.a, "branch_receptionist", "cashier", world.a.main)
    clock.advance(timedelta(seconds=2))  # so long is an actor remembered
    assert (await desk.as_("branch_receptionist").get("/opd-register/export")).text.count("\n") == 1
    assert len(await register(desk.as_("branch_receptionist"))) == 2, "reads both, takes away its own"


async def test_another_hospitals_lines_are_not_there(desk: Desk, world: World, day: dict[str, Any]) -> None:
    answer = await desk.client.get("/api/opd-register", headers=world.b.as_("receptionist"))
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "asked", [{"from": MONDAY, "to": "2026-11-22"}, {"from": "2025-01-01", "to": "2026-11-23"}, {"outcome": "cured"}]
)
async def test_asks_that_make_no_sense(desk: Desk, asked: dict[str, str]) -> None:
    assert (await desk.get("/opd-register", **asked)).status_code == 422


async def test_night_in_another_zone_belongs_to_the_branchs_own_day(
    client: Client, desk: Desk, world: World, owner: Owner
) -> None:
    """23:30 in New York is the next day in Kolkata."""
    await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", world.a.main)
    visit = await booked(client, world.a, starts_at=at(TUESDAY, "19:30"))  # 09:00 there
    await owner.execute(
        "UPDATE appointments SET starts_at = '2026-11-25T04:30Z', arrived_at = '2026-11-25T04:20Z', status = 'arrived'"
    )
    (line,) = await register(desk, **{"from": TUESDAY})
    assert (line["appointment_id"], line["day"]) == (visit["id"], TUESDAY)
    assert await register(desk, **{"from": "2026-11-25"}) == []
    assert "23:20" in (await taken_away(desk, **{"from": TUESDAY})).text

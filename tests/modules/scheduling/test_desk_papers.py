"""The desk's papers: the right facts on them, printed for those who may, each print in the audit."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pypdf
import pytest

from arogya.modules.scheduling import desk_papers
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import MONDAY, TUESDAY, moment, step
from tests.modules.scheduling.desk import Desk
from tests.world import Hospital, World

Owner = asyncpg.Connection
System = Callable[[Hospital], AbstractAsyncContextManager[Context]]


def text_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.content)).pages)


@pytest.fixture
async def visit(desk: Desk, world: World) -> dict[str, Any]:
    return await desk.walk_in(world.a.patient, reason="Fever, 3 days")


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_slip_is_printed(desk: Desk, visit: dict[str, Any], paper: str) -> None:
    answer = await desk.get(f"/appointments/{visit['id']}/slip", paper=paper)
    page = text_of(answer)
    for fact in ("Sunita Deshmukh", "TA-000001", "Dr Kavita Iyer", "600.00", "Hospital A of the tests"):
        assert fact in page
    assert "Sunita" not in answer.headers["content-disposition"]


async def test_slip_lets_in_by_phone_whom_nobody_signs_in_for(
    client: httpx2.AsyncClient, world: World, visit: dict[str, Any], owner: Owner
) -> None:
    """The world's patient has an account already: theirs shows none until it is ended."""
    path, given = f"/api/appointments/{visit['id']}/slip", "SELECT count(*) FROM patient_passes"
    assert (await client.get(path, headers=world.a.as_("receptionist"))).status_code == 200
    assert await owner.fetchval(given) == 0
    await owner.execute("UPDATE patient_accounts SET valid_until = valid_from + interval '1 day'")
    assert (await client.get(path, headers=world.a.as_("nurse"))).status_code == 200
    assert await owner.fetchval(given) == 0, "who may not hand out access hands out none by printing"
    assert (await client.get(path, headers=world.a.as_("receptionist"))).status_code == 200
    assert await owner.fetchval(given) == 1
    await owner.execute("UPDATE patients SET birth_date = NULL")
    assert (await client.get(path, headers=world.a.as_("receptionist"))).status_code == 200
    assert await owner.fetchval(given) == 1


async def test_slip_says_what_the_visit_is(desk: Desk, world: World, visit: dict[str, Any], system: System) -> None:
    async with system(world.a) as ctx:
        slip = await desk_papers.slip_facts(ctx, visit["id"])
    assert (slip.token, slip.doctor, slip.qualifications, slip.registration_number, slip.room) == (
        1, "Dr Kavita Iyer", "MBBS", "TA-1001", "4",
    )  # fmt: skip
    assert (slip.fee_paise, slip.fee_state, slip.starts_at, slip.session) == (60_000, "due", None, None)
    assert (slip.day.isoformat(), slip.valid_till and slip.valid_till.isoformat()) == ("2026-11-23", "2026-11-30")
    assert (slip.patient.uhid, slip.patient.sex, slip.patient.age_years) == ("TA-000001", "female", 46)
    assert slip.letterhead.address == "Pune, Maharashtra"
    assert slip.printed_at.isoformat() == "2026-11-23T10:00:00+05:30"


async def test_slip_of_a_timed_visit_and_of_a_session_say_when(
    desk: Desk, token_desk: Desk, world: World, system: System
) -> None:
    timed = await desk.book(world.a.patient, moment(TUESDAY, "10:20"))
    session = await token_desk.book(world.a.patient, moment(TUESDAY, "09:00"))
    async with system(world.a) as ctx:
        first, second = [await desk_papers.slip_facts(ctx, one["id"]) for one in (timed, session)]
    assert first.starts_at is not None
    assert (first.starts_at.isoformat(), first.token) == ("2026-11-24T10:20:00+05:30", None)
    assert (second.starts_at, second.session) == (None, "09:00–12:00")


async def test_slip_says_paid_and_free(desk: Desk, world: World, clock: FixedClock, system: System) -> None:
    paid = await desk.walk_in(world.a.patient)
    await desk.post(f"/appointments/{paid['id']}/receipt", {"method": "cash"})
    clock.advance(timedelta(days=3))
    free = await desk.walk_in(world.a.patient)
    async with system(world.a) as ctx:
        states = [(await desk_papers.slip_facts(ctx, one["id"])).fee_state for one in (paid, free)]
    assert states == ["paid", "free_revisit"]


async def test_slip_speaks_the_patients_language(desk: Desk, world: World, visit: dict[str, Any], owner: Owner) -> None:
    await owner.execute("UPDATE patients SET language = 'hi' WHERE id = $1", world.a.patient)
    assert "Token" not in text_of(await desk.get(f"/appointments/{visit['id']}/slip"))


async def test_cancelled_visit_has_no_slip(desk: Desk, world: World) -> None:
    visit = await desk.book(world.a.patient, moment(TUESDAY, "10:20"))
    await step(desk.client, world.a, "receptionist", visit["id"], "cancel", reason="Feels better")
    answer = await desk.get(f"/appointments/{visit['id']}/slip")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_receipt_is_printed(desk: Desk, visit: dict[str, Any], paper: str) -> None:
    body = {"method": "upi", "utr": "432109876543"}
    receipt = (await desk.post(f"/appointments/{visit['id']}/receipt", body)).json()
    page = text_of(await desk.get(f"/receipts/{receipt['id']}/pdf", paper=paper))
    for fact in (receipt["number"], "Sunita Deshmukh", "600.00", "432109876543", "receptionist of TA", "unverified"):
        assert fact in page


async def test_day_sheet_lists_everyone_with_a_place(desk: Desk, world: World, visit: dict[str, Any]) -> None:
    await desk.book(world.a.other_patient, moment(MONDAY, "10:40"))
    page = text_of(await desk.get(f"/practitioners/{desk.doctor}/day-sheet", facility_id=str(world.a.main)))
    for fact in ("Dr Kavita Iyer", "Sunita Deshmukh", "Mahesh Deshmukh", "Fever, 3 days", "09:00–13:00"):
        assert fact in page
    tomorrow = text_of(
        await desk.get(f"/practitioners/{desk.doctor}/day-sheet", facility_id=str(world.a.main), day=TUESDAY)
    )
    assert "Deshmukh" not in tomorrow


async def test_day_sheet_leaves_out_who_cancelled_and_says_who_is_inside(
    desk: Desk, world: World, visit: dict[str, Any], system: System, clock: FixedClock
) -> None:
    gone = await desk.book(world.a.other_patient, moment(MONDAY, "10:40"))
    await step(desk.client, world.a, "receptionist", gone["id"], "cancel", reason="Feels better")
    await desk.see(clock, 1)
    async with system(world.a) as ctx:
        sheet = await desk_papers.day_sheet_facts(ctx, desk.doctor, world.a.main, None)
    assert [(row.patient.uhid, row.state, row.token) for row in sheet.rows] == [("TA-000001", "in-consultation", 1)]


async def test_every_print_is_audited(desk: Desk, world: World, visit: dict[str, Any], owner: Owner) -> None:
    receipt = (await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})).json()
    await desk.get(f"/appointments/{visit['id']}/slip")
    await desk.get(f"/receipts/{receipt['id']}/pdf")
    await desk.get(f"/practitioners/{desk.doctor}/day-sheet", facility_id=str(world.a.main))
    rows = await owner.fetch("SELECT * FROM audit_entries WHERE action = 'print' ORDER BY id")
    assert [(row["entity"], [str(one) for one in row["entity_ids"]]) for row in rows] == [
        ("appointment", [visit["id"]]), ("receipt", [receipt["id"]]), ("appointment", [visit["id"]]),
    ]  # fmt: skip
    assert [row["patient_id"] for row in rows] == [world.a.patient, world.a.patient, None]
    assert str(world.a.patient) in rows[2]["details"]


async def test_who_may_print(desk: Desk, world: World, visit: dict[str, Any]) -> None:
    receipt = (await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})).json()
    slip, paid = f"/appointments/{visit['id']}/slip", f"/receipts/{receipt['id']}/pdf"
    sheet, here = f"/practitioners/{desk.doctor}/day-sheet", {"facility_id": str(world.a.main)}
    for who, path, query, status in [
        ("nurse", slip, {}, 200), ("cashier", slip, {}, 403), ("patient", slip, {}, 403),
        ("branch_receptionist", slip, {}, 404),
        ("cashier", paid, {}, 200), ("nurse", paid, {}, 403), ("patient", paid, {}, 403),
        ("branch_receptionist", paid, {}, 404),
        ("doctor", sheet, here, 200), ("patient", sheet, here, 403), ("branch_receptionist", sheet, here, 403),
    ]:  # fmt: skip
        answer = await desk.as_(who).get(path, **query)
        assert answer.status_code == status, (who, path)


async def test_another_hospital_and_strangers_print_nothing(desk: Desk, world: World, visit: dict[str, Any]) -> None:
    receipt = (await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})).json()
    other = Desk(desk.client, world.b, world.b.practitioner)
    for path in (
        f"/appointments/{visit['id']}/slip",
        f"/receipts/{receipt['id']}/pdf",
        f"/practitioners/{desk.doctor}/day-sheet?facility_id={world.a.main}",
        f"/practitioners/{desk.doctor}/day-sheet?facility_id={world.b.main}",
        f"/appointments/{uuid4()}/slip",
        f"/receipts/{uuid4()}/pdf",
    ):
        assert (await other.client.get(f"/api{path}", headers=other.headers)).status_code == 404, path
        assert (await desk.client.get(f"/api{path}")).status_code == 401, path


async def test_paper_that_is_not_sold_is_refused(desk: Desk, visit: dict[str, Any]) -> None:
    assert (await desk.get(f"/appointments/{visit['id']}/slip", paper="a3")).status_code == 422

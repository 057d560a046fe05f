"""Money at the desk: a receipt a visit, numbered without gaps, and what the day comes to."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.receipt_numbers import financial_year, written
from arogya.modules.staff.models import PractitionerFacility
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import MONDAY, TUESDAY, make_patients, moment, step
from tests.modules.answers import refusal
from tests.modules.scheduling.desk import Desk
from tests.world import World

Owner = asyncpg.Connection
InTenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]
UTR = "432109876543"


async def pay(desk: Desk, visit: dict[str, Any], **body: Any) -> httpx2.Response:
    return await desk.post(f"/appointments/{visit['id']}/receipt", body or {"method": "cash"})


async def test_cash_is_receipted(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    answer = await pay(desk, visit)
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert receipt == {
        "id": receipt["id"], "number": "MAIN/26-27/00001", "amount_paise": 60_000, "method": "cash", "utr": None,
        "is_verified": True, "issued_at": "2026-11-23T04:30:00Z", "appointment_id": visit["id"],
        "patient_id": str(world.a.patient), "patient_name": "Sunita Deshmukh", "patient_mrn": "TA-000001",
        "cashier_name": "receptionist of TA",
    }  # fmt: skip
    shown = (await desk.get(f"/appointments/{visit['id']}")).json()
    assert shown["receipt"] == {"id": receipt["id"], "number": receipt["number"], "method": "cash"}


async def test_upi_is_received_and_unverified(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    receipt = (await pay(desk.as_("cashier"), visit, method="upi", utr=UTR)).json()
    assert (receipt["method"], receipt["utr"], receipt["is_verified"]) == ("upi", UTR, False)
    assert receipt["cashier_name"] == "cashier of TA"


@pytest.mark.parametrize(
    "body",
    [{"method": "upi"}, {"method": "cash", "utr": UTR}, {"method": "card"}, {"method": "upi", "utr": "12 34"}, {}],
)
async def test_payment_that_makes_no_sense_is_refused(desk: Desk, world: World, body: dict[str, Any]) -> None:
    visit = await desk.walk_in(world.a.patient)
    answer = await desk.post(f"/appointments/{visit['id']}/receipt", body)
    assert answer.status_code == 422
    assert answer.json()["fields"]


async def test_visit_is_paid_once(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    await pay(desk, visit)
    assert refusal(await pay(desk, visit)) == (409, "already_paid")


async def test_cashier_whose_answer_was_lost_gets_the_same_receipt(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    path, headers = f"/api/appointments/{visit['id']}/receipt", world.a.as_("cashier", "one-payment")
    first, again = [await desk.client.post(path, json={"method": "cash"}, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.json() == first.json()
    assert await owner.fetchval("SELECT count(*) FROM receipts") == 1
    seen = "SELECT count(*) FROM audit_entries WHERE entity = 'receipt' AND action = 'read' AND patient_id = $1"
    assert await owner.fetchval(seen, world.a.patient) == 1
    other = await desk.client.post(path, json={"method": "upi", "utr": UTR}, headers=headers)
    assert refusal(other) == (422, "idempotency_key_reused")
    another = world.a.as_("cashier", "another-payment")
    assert refusal(await desk.client.post(path, json={"method": "cash"}, headers=another)) == (409, "already_paid")


async def test_a_key_opens_no_receipt_of_another_branch(
    desk: Desk, world: World, in_tenant: InTenant, owner: Owner
) -> None:
    async with in_tenant(world.a.organization_id) as session:
        session.add(PractitionerFacility(practitioner_id=desk.doctor, facility_id=world.a.branch))
    visit = await desk.walk_in(world.a.patient, facility_id=str(world.a.branch))
    path, headers = f"/api/appointments/{visit['id']}/receipt", world.a.as_("branch_receptionist", "one-payment")
    assert (await desk.client.post(path, json={"method": "cash"}, headers=headers)).status_code == 201
    await owner.execute("UPDATE receipts SET facility_id = $1", world.a.main)
    assert (await desk.client.post(path, json={"method": "cash"}, headers=headers)).status_code == 404


async def test_without_the_check_the_schema_refuses_a_second_receipt(desk: Desk, world: World, owner: Owner) -> None:
    """The control: the unique key is the last word."""
    visit = await desk.walk_in(world.a.patient)
    await pay(desk, visit)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_receipts_appointment"):
        await owner.execute(
            "INSERT INTO receipts SELECT organization_id, gen_random_uuid(), 'X/1', appointment_id, patient_id, "
            "facility_id, amount_paise, method, utr, is_verified, issued_at FROM receipts"
        )


@pytest.mark.usefixtures("fifty_connections")
async def test_two_cashiers_take_one_payment(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    answers = await asyncio.gather(*(pay(desk, visit) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_paid"}


@pytest.mark.usefixtures("fifty_connections")
async def test_thirty_receipts_at_once_have_no_gap(desk: Desk, world: World, in_tenant: InTenant) -> None:
    """Ten of them are refused in between: what is refused takes no number."""
    async with in_tenant(world.a.organization_id) as session:
        people = await make_patients(session, 30)
    visits = [await desk.walk_in(person) for person in people]
    answers = await asyncio.gather(*(pay(desk, visit) for visit in [*visits, *visits[:10]]))
    assert [answer.status_code for answer in answers].count(409) == 10
    numbers = sorted(answer.json()["number"] for answer in answers if answer.status_code == 201)
    assert numbers == [f"MAIN/26-27/{n:05d}" for n in range(1, 31)]


async def test_numbers_begin_anew_in_april_and_at_each_branch(
    desk: Desk, world: World, in_tenant: InTenant, clock: FixedClock, owner: Owner
) -> None:
    async with in_tenant(world.a.organization_id) as session:
        first, second, third = await make_patients(session, 3)
        session.add(PractitionerFacility(practitioner_id=desk.doctor, facility_id=world.a.branch))
    await pay(desk, await desk.walk_in(first))
    visit = await desk.walk_in(second, facility_id=str(world.a.branch))
    assert (await pay(desk, visit)).json()["number"] == "BRN/26-27/000001"
    clock.at = moment("2027-04-01", "00:10")
    await owner.execute("UPDATE sessions SET expires_at = 'infinity'")
    next_year = Desk(desk.client, replace(world.a, clock=clock), desk.doctor)
    assert (await pay(next_year, await next_year.walk_in(third))).json()["number"] == "MAIN/27-28/00001"


async def test_free_revisit_has_nothing_to_pay(desk: Desk, world: World, clock: FixedClock) -> None:
    await pay(desk, await desk.walk_in(world.a.patient))
    clock.advance(timedelta(days=5))
    again = await desk.walk_in(world.a.patient)
    assert again["is_free_revisit"] is True
    assert refusal(await pay(desk, again)) == (422, "nothing_to_pay")


async def test_cancelled_visit_takes_no_money(desk: Desk, world: World) -> None:
    visit = await desk.book(world.a.patient, moment(TUESDAY, "10:00"))
    await step(desk.client, world.a, "receptionist", visit["id"], "cancel", reason="Feels better")
    assert refusal(await pay(desk, visit)) == (409, "wrong_state")


async def test_day_is_totalled_whatever_page_is_shown(
    desk: Desk, world: World, in_tenant: InTenant, clock: FixedClock
) -> None:
    async with in_tenant(world.a.organization_id) as session:
        people = await make_patients(session, 4)
    for n, person in enumerate(people):
        visit = await desk.walk_in(person)
        await pay(desk, visit, **({"method": "cash"} if n else {"method": "upi", "utr": UTR}))
    answer = (await desk.get("/receipts", facility_id=str(world.a.main), limit=1)).json()
    assert (answer["cash_paise"], answer["upi_paise"], answer["total_paise"]) == (180_000, 60_000, 240_000)
    assert (answer["total"], [one["number"] for one in answer["items"]]) == (4, ["MAIN/26-27/00004"])
    clock.advance(timedelta(days=1))
    today = (await desk.get("/receipts", facility_id=str(world.a.main))).json()
    assert (today["items"], today["total_paise"]) == ([], 0)
    yesterday = (await desk.get("/receipts", facility_id=str(world.a.main), day=MONDAY)).json()
    assert yesterday["total"] == 4


async def test_day_is_the_branchs_own(desk: Desk, world: World, clock: FixedClock) -> None:
    """At one in the morning in Kolkata it is still yesterday in UTC."""
    clock.at = moment(TUESDAY, "01:00")
    await pay(desk, await desk.walk_in(world.a.patient))
    assert (await desk.get("/receipts", facility_id=str(world.a.main), day=TUESDAY)).json()["total"] == 1
    assert (await desk.get("/receipts", facility_id=str(world.a.main), day=MONDAY)).json()["total"] == 0


async def test_money_is_audited_and_told(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    receipt = (await pay(desk, visit)).json()
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE entity = 'receipt' AND action = 'create'")
    assert (row["patient_id"], row["user_id"]) == (world.a.patient, world.a.users["receptionist"])
    assert receipt["id"] in {str(one) for one in row["entity_ids"]}
    told = await owner.fetchval("SELECT payload::text FROM outbox_events WHERE name = 'ReceiptIssued'")
    assert receipt["id"] in told
    await desk.get("/receipts", facility_id=str(world.a.main))
    assert (
        await owner.fetchval("SELECT count(*) FROM audit_entries WHERE entity = 'receipt' AND action = 'search'") == 1
    )


@pytest.mark.parametrize("who", ["patient", "nurse", "doctor", "pharmacist"])
async def test_only_who_takes_money_may(desk: Desk, world: World, who: str) -> None:
    visit = await desk.walk_in(world.a.patient)
    assert (await pay(desk.as_(who), visit)).status_code == 403
    assert (await desk.as_(who).get("/receipts", facility_id=str(world.a.main))).status_code == 403


async def test_other_branches_and_hospitals_reach_nothing(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    other = desk.as_("branch_receptionist")
    assert (await pay(other, visit)).status_code == 404
    assert (await other.get("/receipts", facility_id=str(world.a.main))).status_code == 403
    stranger = Desk(desk.client, world.b, world.b.practitioner)
    assert (await pay(stranger, visit)).status_code == 404
    assert (await stranger.get("/receipts", facility_id=str(world.a.main))).status_code == 404
    assert (await pay(desk, {"id": str(uuid4())})).status_code == 404
    assert (
        await desk.client.post(f"/api/appointments/{visit['id']}/receipt", json={"method": "cash"})
    ).status_code == 401


@pytest.mark.parametrize(
    ("day", "year"),
    [("2026-04-01", "26-27"), ("2027-03-31", "26-27"), ("2026-03-31", "25-26"), ("2099-12-31", "99-00")],
)
def test_financial_year_runs_from_april_to_march(day: str, year: str) -> None:
    assert financial_year(date.fromisoformat(day)) == year


@pytest.mark.parametrize(
    ("code", "n", "number"),
    [
        ("KOT", 123, "KOT/26-27/000123"),
        ("K", 1, "K/26-27/000001"),
        ("MAIN", 1, "MAIN/26-27/00001"),
        ("NASHIK-2", 1, "NASHI/26-27/0001"),
        ("NASHIK-2", 12345, "NASH/26-27/12345"),
        ("KOT", 1_234_567, "KO/26-27/1234567"),
    ],
)
def test_number_has_sixteen_characters_at_most(code: str, n: int, number: str) -> None:
    assert written(code, "26-27", n) == number
    assert len(number) <= 16

"""Who reads at one branch and works at another: what they may do at the second they may not do at the first.

Such a person finds what is refused them, so nothing but the check of the deed itself stands in their way.
"""

from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from tests.factories.scheduling import TUESDAY, add_exception, also, at
from tests.modules.scheduling.desk import Desk
from tests.modules.scheduling.test_receipts import refusal
from tests.modules.scheduling.test_waitlist import answer, cancel, full, joined, offered, people  # noqa: F401
from tests.world import World

Client = httpx2.AsyncClient
WHO = "branch_receptionist"


@pytest.fixture(autouse=True)
async def reads_at_main(owner: asyncpg.Connection, world: World) -> None:
    """A nurse at the main house, who reads there and books nothing."""
    await also(owner, world.a, WHO, "nurse", world.a.main)


async def test_money_is_taken_at_ones_own_branch(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    away = desk.as_(WHO)
    assert (await away.get(f"/appointments/{visit['id']}")).status_code == 200
    assert refusal(await away.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})) == (403, "forbidden")
    assert (await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})).status_code == 201


async def test_place_is_kept_at_ones_own_branch(desk: Desk, world: World) -> None:
    wanted = {"practitioner_id": str(world.a.practitioner), "starts_at": at(TUESDAY, "10:00")}
    assert refusal(await desk.as_(WHO).post("/holds", wanted)) == (403, "forbidden")
    assert refusal(await desk.as_(WHO).post("/appointments", {**wanted, "patient_id": str(world.a.patient)})) == (
        403, "forbidden",
    )  # fmt: skip
    assert (await desk.post("/holds", wanted)).status_code == 201


async def test_line_is_looked_after_at_ones_own_branch(client: Client, desk: Desk, world: World) -> None:
    entry = await joined(client, world.a, world.a.patient)
    away = desk.as_(WHO)
    assert [one["id"] for one in (await away.get("/waitlist")).json()["items"]] == [entry["id"]]
    for word, body in (("priority", {"is_priority": True}), ("leave", None)):
        assert refusal(await away.post(f"/waitlist/{entry['id']}/{word}", body)) == (403, "forbidden")
    assert (await desk.post(f"/waitlist/{entry['id']}/leave")).status_code == 200


async def test_offer_is_answered_at_ones_own_branch(
    client: Client,
    world: World,
    full: list[Any],  # noqa: F811
    people: list[UUID],  # noqa: F811
    relay_once: Any,
) -> None:
    await joined(client, world.a, people[12])
    await cancel(client, world.a, full[5])
    await relay_once()
    offer = (await offered(client, world.a))[str(people[12])]
    for word in ("accept", "decline"):
        assert refusal(await answer(client, world.a, offer["id"], word, WHO)) == (403, "forbidden")
    assert (await answer(client, world.a, offer["id"], "accept")).status_code == 201


async def test_leave_of_a_branch_is_worked_on_there(client: Client, desk: Desk, world: World) -> None:
    """At the main house alone, where this person changes no booking."""
    made = await add_exception(client, world.a, facility_id=world.a.main)
    assert made.status_code == 201, made.text
    asked = {"exception_id": made.json()["id"]}
    assert refusal(await desk.as_(WHO).post("/leave-cascades/preview", asked)) == (403, "forbidden")
    assert (await desk.post("/leave-cascades/preview", asked)).status_code == 200

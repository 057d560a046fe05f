"""One's own notifications: nobody else's, the count right, names only for who may see them."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy import select

from arogya.modules.notifications.models import Notification
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]


async def raise_one(ctx: Context, user_id: UUID, template: str = "appointment.booked", **params: Any) -> UUID:
    one = Notification(
        user_id=user_id, event_id=uuid4(), template=template, channel="in-app", raised_at=ctx.now(),
        params={name: str(value) for name, value in params.items()},
    )  # fmt: skip
    ctx.add(one)
    await ctx.session.flush()
    return one.id


async def inbox(client: httpx2.AsyncClient, at: Hospital, who: str, query: str = "") -> dict[str, Any]:
    read = await client.get(f"/api/notifications{query}", headers=at.as_(who))
    assert read.status_code == 200, read.text
    return read.json()


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/read-all"), ("POST", f"/{UUID(int=7)}/read")])
async def test_stranger_is_asked_to_sign_in(client: httpx2.AsyncClient, world: World, method: str, path: str) -> None:
    assert (await client.request(method, f"/api/notifications{path}")).status_code == 401


async def test_super_admin_has_no_inbox_in_a_hospital(client: httpx2.AsyncClient, world: World) -> None:
    assert (await client.get("/api/notifications", headers=world.as_super_admin())).status_code == 403


async def test_newest_first_with_how_many_are_unread(
    client: httpx2.AsyncClient, world: World, system: System, clock: FixedClock
) -> None:
    a = world.a
    made = []
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        async with system(a) as ctx:
            made.append(str(await raise_one(ctx, a.users["nurse"])))
            await raise_one(ctx, a.users["doctor"])
    box = await inbox(client, a, "nurse")
    assert [one["id"] for one in box["items"]] == made[::-1]
    assert (box["total"], box["total_capped"], box["unread"]) == (3, False, 3)
    assert box["items"][0]["raised_at"] == "2026-11-23T04:33:00Z"
    assert (await client.post(f"/api/notifications/{made[0]}/read", headers=a.as_("nurse"))).status_code == 204
    assert [one["id"] for one in (await inbox(client, a, "nurse", "?unread=true"))["items"]] == [made[2], made[1]]
    assert [one["id"] for one in (await inbox(client, a, "nurse", "?unread=false"))["items"]] == [made[0]]
    page = await inbox(client, a, "nurse", "?limit=1&skip=1")
    assert (page["items"][0]["id"], page["total"], page["unread"]) == (made[1], 3, 2)


async def test_reading_twice_keeps_the_first_time(
    client: httpx2.AsyncClient, world: World, system: System, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    a = world.a
    async with system(a) as ctx:
        one = await raise_one(ctx, a.users["nurse"])
    for _ in range(2):
        assert (await client.post(f"/api/notifications/{one}/read", headers=a.as_("nurse"))).status_code == 204
        clock.advance(timedelta(hours=1))
    assert (await inbox(client, a, "nurse"))["items"][0]["read_at"] == "2026-11-23T04:30:00Z"
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'NotificationsRead'") == 1


async def test_another_users_notification_is_not_there(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a = world.a
    async with system(a) as ctx:
        one = await raise_one(ctx, a.users["doctor"])
    async with system(world.b) as ctx:
        foreign = await raise_one(ctx, world.b.users["nurse"])
    for notification_id in (one, foreign, uuid4()):
        refused = await client.post(f"/api/notifications/{notification_id}/read", headers=a.as_("nurse"))
        assert refused.status_code == 404
    assert (await inbox(client, a, "nurse"))["items"] == []
    assert (await client.post("/api/notifications/read-all", headers=a.as_("nurse"))).status_code == 204
    assert (await inbox(client, a, "doctor"))["unread"] == 1
    assert (await inbox(client, world.b, "nurse"))["unread"] == 1


async def test_one_who_works_in_two_hospitals_reads_each_alone(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a, b = world.a, world.b
    async with system(b) as ctx:
        await raise_one(ctx, a.users["doctor"])
    assert (await inbox(client, a, "doctor"))["items"] == []
    await client.post("/api/notifications/read-all", headers=a.as_("doctor"))
    async with system(b) as ctx:
        assert (await ctx.session.scalars(select(Notification.read_at))).all() == [None]


async def test_names_are_those_that_the_reader_may_see(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a = world.a
    of_visit = {"patient_id": a.other_patient, "practitioner_id": a.practitioner, "facility_id": a.main}
    async with system(a) as ctx:
        for who in ("receptionist", "patient"):
            await raise_one(ctx, a.users[who], **of_visit)
    seen = (await inbox(client, a, "receptionist"))["items"][0]["params"]
    assert seen["patient_name"] == "Mahesh Deshmukh"
    assert seen["practitioner_name"] == "Dr Kavita Iyer"
    assert seen["facility_name"] == "Hospital A of the tests, main"
    hidden = (await inbox(client, a, "patient"))["items"][0]["params"]
    assert hidden["patient_name"] is None, "this patient is not theirs"
    assert hidden["practitioner_name"] == "Dr Kavita Iyer"


async def test_names_are_todays(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    a = world.a
    async with system(a) as ctx:
        await raise_one(ctx, a.users["patient"], patient_id=a.patient)
    await owner.execute("UPDATE patients SET name = 'Sunita Rao' WHERE id = $1", a.patient)
    assert (await inbox(client, a, "patient"))["items"][0]["params"]["patient_name"] == "Sunita Rao"


async def test_own_notifications_leave_no_audit_row(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    async with system(world.a) as ctx:
        await raise_one(ctx, world.a.users["nurse"], patient_id=world.a.patient)
    await inbox(client, world.a, "nurse")
    assert await owner.fetchval("SELECT count(*) FROM audit_entries") == 0


async def test_two_screens_read_all_at_once(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    a = world.a
    async with system(a) as ctx:
        for _ in range(40):
            await raise_one(ctx, a.users["nurse"])
    answers = await asyncio.gather(
        *(client.post("/api/notifications/read-all", headers=a.as_("nurse")) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {204}
    assert (await inbox(client, a, "nurse"))["unread"] == 0
    told = await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'NotificationsRead'")
    assert told == 1, "the others found nothing left to read"

"""What changes of a person's rights is felt on an open socket within a second: real sockets, real time."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import websockets

from tests.platform.test_realtime import Live, happen, live, silent, told
from tests.world import World

__all__ = ["happen", "live"]  # fixtures


@pytest.fixture
async def http(live: Live) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=live.http) as client:
        yield client


@pytest.fixture
async def lead(http: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> str:
    """A role that hears of patients, held alone by the world's lab technician."""
    body = {"name": "Desk lead", "permissions": ["patient.read"]}
    answer = await http.post("/api/roles", json=body, headers=world.a.as_("hospital_admin"))
    assert answer.status_code == 201, answer.text
    role_id = str(answer.json()["id"])
    await owner.execute(
        "UPDATE memberships SET role = NULL, custom_role_id = $1 WHERE user_id = $2",
        UUID(role_id), world.a.users["lab_technician"],
    )  # fmt: skip
    return role_id


async def closed_within_a_second(socket: Any) -> float:
    """Seconds until the server closes it with 4401."""
    began = time.monotonic()
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(1):
            while True:
                await socket.recv()
    assert socket.close_code == 4401
    return time.monotonic() - began


async def topics_of(socket: Any, happen: Any, world: World) -> set[str]:
    """The topics that it hears of when a patient is registered."""
    await happen(world.a, 1)
    heard = set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while True:
                heard.add(json.loads(await socket.recv())["topic"])
    return heard - {"organization"}


async def test_changed_role_changes_what_a_socket_hears(
    live: Live, http: httpx2.AsyncClient, world: World, lead: str, happen: Any
) -> None:
    admin, who = world.a.as_("hospital_admin"), "lab_technician"
    socket = await live.open(world.a, who)
    await told(socket, 1)
    assert await topics_of(socket, happen, world) == {"patients"}
    waits = []
    for permissions, heard in (([], set()), (["patient.read", "receipt.read"], {"patients"})):
        url = f"/api/roles/{lead}"
        assert (await http.patch(url, json={"permissions": permissions}, headers=admin)).status_code == 200
        waits.append(await closed_within_a_second(socket))
        socket = await live.open(world.a, who)
        assert (await told(socket, 1))[0]["type"] == "hello"
        assert await topics_of(socket, happen, world) == heard
    print(f"\na socket fell {max(waits):.2f} s after its role was changed, at most")
    await socket.close()


async def test_socket_falls_with_the_deactivated_role_and_opens_no_more(
    live: Live, http: httpx2.AsyncClient, world: World, lead: str
) -> None:
    socket = await live.open(world.a, "lab_technician")
    await told(socket, 1)
    assert (await http.delete(f"/api/roles/{lead}", headers=world.a.as_("hospital_admin"))).status_code == 204
    await closed_within_a_second(socket)
    ended = time.monotonic()
    while (await http.post("/api/realtime/ticket", headers=world.a.as_("lab_technician"))).status_code != 403:
        assert time.monotonic() - ended < 1
        await asyncio.sleep(0.05)


async def test_socket_of_who_is_not_concerned_stays(
    live: Live, http: httpx2.AsyncClient, world: World, lead: str
) -> None:
    socket = await live.open(world.a, "receptionist")
    await told(socket, 1)
    await http.patch(f"/api/roles/{lead}", json={"permissions": []}, headers=world.a.as_("hospital_admin"))
    assert await silent(socket, 1.5)
    await socket.close()


async def test_role_given_and_ended_is_felt_on_the_socket(
    live: Live, http: httpx2.AsyncClient, world: World, happen: Any
) -> None:
    """The privacy officer hears of no receipt; as a cashier too they do, and then no more."""
    admin, who = world.a.as_("hospital_admin"), "privacy_officer"
    url = f"/api/users/{world.a.users[who]}/memberships"
    socket = await live.open(world.a, who)
    await told(socket, 1)
    given = await http.post(url, json={"role": "cashier"}, headers=admin)
    assert given.status_code == 201
    first = await closed_within_a_second(socket)
    await asyncio.sleep(0.6)  # what is remembered of them is old by then
    socket = await live.open(world.a, who)
    await told(socket, 1)
    assert (await http.delete(f"{url}/{given.json()['id']}", headers=admin)).status_code == 204
    second = await closed_within_a_second(socket)
    print(f"\na socket fell {max(first, second):.2f} s after a membership changed, at most")


async def test_who_changed_it_is_told_to_open_pages(
    live: Live, http: httpx2.AsyncClient, world: World, lead: str, relay: Any
) -> None:
    """The holder's page reads its rights again when it hears of the change: the socket opens anew and catches up."""
    socket = await live.open(world.a, "receptionist")
    hello = (await told(socket, 1))[0]
    await http.patch(f"/api/roles/{lead}", json={"permissions": []}, headers=world.a.as_("hospital_admin"))
    await relay.stamp()
    heard = (await told(socket, 2))[-1]  # that it was made, and that it was changed
    assert heard["ids"] == {"custom_role_id": lead}
    assert heard["seq"] > hello["seq"]
    assert (heard["event"], heard["topic"]) == ("CustomRoleChanged", "organization")
    await socket.close()

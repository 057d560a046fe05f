"""What a log line says of a request and what it never says, and the headers that every answer carries."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from arogya.app import create_app
from arogya.platform.clock import SystemClock
from arogya.platform.settings import Settings
from tests.factories.patients import a_patient
from tests.world import World


async def test_a_line_names_the_route_and_nobody(
    client: httpx2.AsyncClient, world: World, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    desk = world.a.as_("receptionist")
    told = a_patient(name="Zubeda Nowhere", phones=["90000 77777"], mrn="OLD-7777")
    made = (await client.post("/api/patients", headers=desk, json=told)).json()
    await client.get(f"/api/patients/{made['id']}?note=Zubeda", headers=desk)
    await client.get("/api/patients?search=Zubeda", headers=desk)
    await client.get("/api/Zubeda/90000", headers=desk)
    refused = await client.post("/api/patients", headers=desk, json=told)
    assert refused.status_code == 409
    found = logged()
    assert [(one["method"], one["route"], one["status"]) for one in found] == [
        ("POST", "/api/patients", 201),
        ("GET", "/api/patients/{patient_id}", 200),
        ("GET", "/api/patients", 200),
        ("GET", "/api/{path}", 404),
        ("POST", "/api/patients", 409),
    ]
    whole = json.dumps(found)
    for secret in ("Zubeda", "90000", "OLD-7777", made["id"], desk["Authorization"].split(".")[-1]):
        assert secret not in whole
    assert all(one["organization_id"] == str(world.a.organization_id) for one in found if one["status"] != 404)


@pytest.mark.parametrize("given", ["abcdef12", "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d"])
async def test_an_id_that_was_given_goes_through_to_the_answer_and_the_log(
    client: httpx2.AsyncClient, logged: Callable[[], list[dict[str, Any]]], given: str
) -> None:
    answer = await client.get("/api/patients", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"], answer.json()["request_id"]) == (given, given)
    assert logged()[-1]["request_id"] == given


@pytest.mark.parametrize("given", ["short", "a b c d e f g h", "x" * 65, 'quote"quote"', None])
async def test_what_is_no_id_gets_a_fresh_one(
    client: httpx2.AsyncClient, logged: Callable[[], list[dict[str, Any]]], given: str | None
) -> None:
    answer = await client.get("/api/patients", headers={"X-Request-ID": given} if given else {})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert logged()[-1]["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("origin", "held"), [("https://hospital.example", True), ("http://hospital.example", False), (None, False)]
)
async def test_only_an_https_address_of_ones_own_is_held_to_https(
    config: Settings, origin: str | None, held: bool
) -> None:
    """With `--lan` the certificate is our own and `localhost` every program's: a year of https would lock them out."""
    app = create_app(config.model_copy(update={"public_origin": origin}), SystemClock())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://localhost:8000") as browser:
        answer = await browser.get("/healthz")
    assert ("strict-transport-security" in answer.headers) is held
    await app.state.database.dispose()

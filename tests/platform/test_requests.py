"""What every request holds to, shown on a small application of the platform alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import httpx2
import pytest
from asyncpg import Connection
from fastapi import FastAPI, Query
from sqlalchemy import text

from arogya.app import connect
from arogya.modules.organizations.models import Department
from arogya.platform import problems
from arogya.platform.access import PUBLIC, Context, requires
from arogya.platform.bodies import Body, Read
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.errors import Conflict, Forbidden, NotFound
from arogya.platform.idempotency import once
from arogya.platform.settings import Settings
from arogya.platform.telemetry import Telemetry
from arogya.platform.web import Router
from arogya.policy import Permission
from tests.world import World

Reader = Annotated[Context, requires(Permission.PATIENT_READ)]
router = Router(prefix="/api/planted")


class Named(Body):
    name: str


class Made(Read):
    id: UUID
    name: str


@router.post("/deferred", status_code=201)
async def fail_at_commit(ctx: Reader) -> dict[str, str]:
    """Its constraint is checked at the commit, after the endpoint has answered."""
    await ctx.session.execute(text("INSERT INTO deferred VALUES (1), (1)"))
    return {"answer": "done"}


@router.post("/departments", status_code=201, response_model=Made)
async def make_department(body: Named, ctx: Reader) -> Department:
    async def make() -> Department:
        row = Department(name=body.name)
        ctx.add(row)
        await ctx.session.flush()
        await asyncio.sleep(0.02)
        return row

    async def reread(department_id: UUID) -> Department:
        return await ctx.session.get_one(Department, (ctx.organization_id, department_id))

    return await once(ctx, make, reread)


@router.post("/departments/{number}/copies", status_code=201, response_model=Made)
async def copy_department(number: int, body: Named, ctx: Reader) -> Department:
    return await make_department(body, ctx)


@router.get("/forbidden")
async def forbid(ctx: Reader) -> None:
    ctx.add(Department(name="must roll back"))
    await ctx.session.flush()
    raise Forbidden


@router.get("/missing/{patient_id}")
async def miss(patient_id: UUID, ctx: Reader) -> None:
    raise NotFound().about("patient", patient_id)


@router.get("/conflict")
async def conflict(ctx: Reader) -> None:
    raise Conflict("two at once", extra={"with": str(ctx.organization_id)})


@router.get("/crash")
async def crash(ctx: Reader) -> None:
    raise ValueError("Sunita Deshmukh 9000011207")


@router.get("/echo")
async def echo(_: Annotated[None, PUBLIC], word: Annotated[str, Query(max_length=5)]) -> str:
    return word


@pytest.fixture
async def client(config: Settings, clock: FixedClock, world: World) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    connect(app, config, clock)
    problems.install(app)
    app.include_router(router)
    app.add_middleware(Telemetry)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as made:
        yield made
    await app.state.database.dispose()


async def test_commit_that_fails_is_no_success(client: httpx2.AsyncClient, world: World, owner: Connection) -> None:
    """With FastAPI's default scope the client would have its 201 before the commit fails."""
    await owner.execute("CREATE TABLE deferred (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    await owner.execute("GRANT INSERT ON deferred TO arogya_app")
    answer = await client.post("/api/planted/deferred", headers=world.a.as_("receptionist"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"


async def test_stranger_and_bad_tokens_are_refused(client: httpx2.AsyncClient, world: World) -> None:
    good = world.a.as_("receptionist")["Authorization"]
    for header in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic abc"}, {"Authorization": good[:-4]}):
        answer = await client.get("/api/planted/conflict", headers=header)
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_denial_is_recorded_though_its_transaction_rolls_back(
    client: httpx2.AsyncClient, world: World, owner: Connection
) -> None:
    headers = world.a.as_("receptionist")
    assert (await client.get("/api/planted/forbidden", headers=headers)).status_code == 403
    patient_id = new_id()
    assert (await client.get(f"/api/planted/missing/{patient_id}", headers=headers)).status_code == 404
    assert (await client.get("/api/planted/conflict", headers=world.a.as_("privacy_officer"))).status_code == 409
    rows = await owner.fetch("SELECT * FROM audit_entries ORDER BY at, id")
    assert [(row["outcome"], json.loads(row["details"])["code"]) for row in rows] == [
        ("denied", "forbidden"),
        ("denied", "not_found"),
    ]
    assert rows[1]["entity_ids"] == [patient_id]
    assert rows[0]["user_id"] == world.a.users["receptionist"]
    assert await owner.fetchval("SELECT count(*) FROM departments WHERE name = 'must roll back'") == 0


async def test_denials_with_every_connection_taken_do_not_wait_for_themselves(
    client: httpx2.AsyncClient, world: World
) -> None:
    headers = world.a.as_("receptionist")
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*(client.get("/api/planted/forbidden", headers=headers) for _ in range(24)))
    assert {answer.status_code for answer in answers} == {403}


async def test_fifty_posts_with_one_key_have_one_effect(
    client: httpx2.AsyncClient, world: World, owner: Connection
) -> None:
    headers = world.a.as_("receptionist", key="one-click")
    answers = await asyncio.gather(
        *(client.post("/api/planted/departments", headers=headers, json={"name": "Once"}) for _ in range(50))
    )
    good = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert good
    assert len(set(good)) == 1
    assert await owner.fetchval("SELECT count(*) FROM departments WHERE name = 'Once'") == 1
    again = await client.post("/api/planted/departments", headers=headers, json={"name": "Once"})
    assert (again.status_code, again.json()["id"]) == (201, good[0])


async def test_control_without_its_unique_key_one_click_has_many_effects(
    client: httpx2.AsyncClient, world: World, owner: Connection
) -> None:
    await owner.execute(
        "ALTER TABLE idempotency_keys DROP CONSTRAINT uq_idempotency_keys_organization_id_user_id_route_key"
    )
    await owner.execute("ALTER TABLE departments DROP CONSTRAINT uq_departments_organization_id_name")
    headers = world.a.as_("receptionist", key="one-click")
    await asyncio.gather(
        *(client.post("/api/planted/departments", headers=headers, json={"name": "Twice"}) for _ in range(10))
    )
    assert await owner.fetchval("SELECT count(*) FROM departments WHERE name = 'Twice'") > 1


async def test_key_used_for_another_body_is_refused(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("receptionist", key="k1")
    first = await client.post("/api/planted/departments", headers=headers, json={"name": "First"})
    assert first.status_code == 201
    other = await client.post("/api/planted/departments", headers=headers, json={"name": "Second"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_key_used_for_another_record_is_refused(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("receptionist", key="k1")
    first = await client.post("/api/planted/departments/1/copies", headers=headers, json={"name": "First"})
    assert first.status_code == 201
    other = await client.post("/api/planted/departments/2/copies", headers=headers, json={"name": "First"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("keys", [["one", "two"], ["same", "same"], [""], ["with space"], ["x" * 129]])
async def test_what_is_no_key_is_refused(client: httpx2.AsyncClient, world: World, keys: list[str]) -> None:
    headers = [*world.a.as_("receptionist").items(), *(("Idempotency-Key", key) for key in keys)]
    answer = await client.post("/api/planted/departments", headers=headers, json={"name": "First"})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["name"] == "Idempotency-Key"


async def test_key_of_another_person_or_hospital_is_another_key(client: httpx2.AsyncClient, world: World) -> None:
    made = []
    for headers in (world.a.as_("receptionist", key="same"), world.a.as_("nurse", key="same"),
                    world.b.as_("receptionist", key="same")):  # fmt: skip
        answer = await client.post("/api/planted/departments", headers=headers, json={"name": f"D{len(made)}"})
        assert answer.status_code == 201
        made.append(answer.json()["id"])
    assert len(set(made)) == 3


async def test_refusal_frees_its_key(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("receptionist", key="retry-me")
    taken = await client.post("/api/planted/departments", headers=headers, json={"name": "General medicine"})
    assert taken.status_code == 409
    later = await client.post("/api/planted/departments", headers=headers, json={"name": "Free name"})
    assert later.status_code == 201


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"name": "a", "name": "b"}', "duplicate_key"),
        (b'{"name": NaN}', "not_a_number"),
        (b'{"name": "\\u0000"}', "nul_character"),
        (b'{"name": "\\ud800"}', "lone_surrogate"),
        (b'{"name": 7}', "string_type"),
        (b'{"name": "a", "role": "admin"}', "extra_forbidden"),
        (b"{}", "missing"),
        (b"[]", "model_type"),
    ],
)
async def test_bad_body_is_a_problem_that_names_the_field(
    client: httpx2.AsyncClient, world: World, raw: bytes, code: str
) -> None:
    headers = world.a.as_("receptionist") | {"Content-Type": "application/json"}
    answer = await client.post("/api/planted/departments", headers=headers, content=raw)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [field["code"] for field in answer.json()["fields"]] == [code]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "rubbish"])
async def test_body_that_is_not_called_json_is_told_to_be(client: httpx2.AsyncClient, world: World, kind: str) -> None:
    headers = world.a.as_("receptionist") | {"Content-Type": kind}
    answer = await client.post("/api/planted/departments", headers=headers, content=b'{"name": "a"}')
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")
    assert answer.headers["content-type"] == "application/problem+json"
    stranger = await client.post("/api/planted/departments", headers={"Content-Type": kind}, content=b'{"name": "a"}')
    assert stranger.status_code == 401


async def test_json_by_its_other_names_and_no_body_at_all(client: httpx2.AsyncClient, world: World) -> None:
    for n, kind in enumerate(["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]):
        headers = world.a.as_("receptionist") | {"Content-Type": kind}
        made = await client.post("/api/planted/departments", headers=headers, content=f'{{"name": "D{n}"}}'.encode())
        assert made.status_code == 201, kind
    missing = await client.post("/api/planted/departments", headers=world.a.as_("receptionist"))
    assert (missing.status_code, missing.json()["fields"][0]["code"]) == (422, "missing")


async def test_stranger_learns_nothing_of_the_body_rules(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/planted/departments", json={"wrong": 1})
    assert answer.status_code == 401


@pytest.mark.parametrize("is_length_told", [True, False])
async def test_huge_body_is_refused_unread(client: httpx2.AsyncClient, world: World, is_length_told: bool) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(50):
            yield b"x" * 1_000_000

    content = b'{"name": "' + b"x" * 50_000_000 if is_length_told else in_pieces()
    headers = world.a.as_("receptionist") | {"Content-Type": "application/json"}
    answer = await client.post("/api/planted/departments", headers=headers, content=content)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_crash_tells_the_client_nothing_but_a_reference(client: httpx2.AsyncClient, world: World) -> None:
    answer = await client.get("/api/planted/crash", headers=world.a.as_("receptionist"))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "internal_error")
    assert "Deshmukh" not in answer.text
    assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("address", "field", "code"),
    [
        ("/echo?other=%41&word=a%00", "word", "nul_character"),
        ("/echo?word=%ff", "word", "not_utf8"),
        ("/echo?word=%ed%a0%80", "word", "not_utf8"),
        ("/echo?%00=1", "\x00", "nul_character"),
        ("/missing/%00", "path", "nul_character"),
        ("/missing/%c3%28", "path", "not_utf8"),
    ],
)
async def test_untakeable_bytes_in_the_address_are_refused_by_where_they_stand(
    client: httpx2.AsyncClient, address: str, field: str, code: str
) -> None:
    answer = await client.get(f"/api/planted{address}")
    assert answer.status_code == 422
    assert [(one["name"], one["code"]) for one in answer.json()["fields"]] == [(field, code)]

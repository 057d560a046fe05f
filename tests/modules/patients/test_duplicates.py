"""Likely duplicates: who is compared, how it is scored, and that a judgement stays."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from asyncpg import Connection

from arogya.modules.patients.duplicates import refresh
from arogya.modules.patients.duplicates.keys import keys_of
from arogya.modules.patients.duplicates.scores import LISTED_FROM, Person, compared
from arogya.modules.patients.jobs import find_duplicates
from arogya.platform import jobs
from tests.factories.patients import a_patient, make_many
from tests.world import World

Client = httpx2.AsyncClient
Once = Callable[[], Awaitable[None]]

KAVITA = Person(
    id=uuid4(), words=("kavita", "rane"), relative_words=("suresh", "rane"), birth_date=date(1990, 4, 12),
    birth_date_precision="day", gender="female", postal_code="411001", mother_id=None,
    phones=frozenset({"+919000011207"}),
)  # fmt: skip


def like_kavita(**told: Any) -> Person:
    return replace(KAVITA, id=uuid4(), **told)


ELSEWHERE: dict[str, Any] = {"relative_words": (), "postal_code": None, "phones": frozenset()}


@pytest.mark.parametrize(
    ("other", "score", "because"),
    [
        (like_kavita(), 100, ("name", "phone", "birth_date", "relative", "postal_code")),
        (like_kavita(relative_words=(), postal_code=None), 100, ("name", "phone", "birth_date")),
        (like_kavita(relative_words=(), postal_code=None, birth_date=None), 75, ("name", "phone")),
        (like_kavita(**ELSEWHERE), 65, ("name", "birth_date")),
        (like_kavita(**ELSEWHERE | {"words": ("kavitha", "raane")}), 63, ("name", "birth_date")),
        (like_kavita(**ELSEWHERE | {"birth_date": date(1990, 12, 4)}), 55, ("name", "birth_date")),
        (like_kavita(relative_words=(), postal_code=None, birth_date=date(1960, 4, 12)), 55, ("name", "phone")),
        (like_kavita(relative_words=(), postal_code=None, gender="male"), 70, ("name", "phone", "birth_date")),
        (
            like_kavita(phones=frozenset(), birth_date=date(1990, 1, 1), birth_date_precision="year"),
            75,
            ("name", "relative", "birth_date", "postal_code"),
        ),
        (like_kavita(words=("sunil", "kadam")), 0, ()),
        (like_kavita(words=("baby", "of", "kavita", "rane"), mother_id=KAVITA.id), 0, ()),
    ],
)
def test_the_score_is_what_the_page_says(other: Person, score: int, because: tuple[str, ...]) -> None:
    found = compared(KAVITA, other)
    assert (found.score, found.because) == (score, because)
    assert compared(other, KAVITA) == found
    if found.score >= LISTED_FROM:
        assert keys_of(KAVITA) & keys_of(other), "what is listed must be compared"


def test_a_record_that_says_nothing_is_known_to_be_looked_at() -> None:
    nobody = Person(uuid4(), ("k",), (), None, "day", "unknown", None, None, frozenset())
    assert keys_of(nobody) == {f"i:{nobody.id}"}


@pytest.fixture
def admin(world: World) -> dict[str, str]:
    return world.a.as_("hospital_admin")


async def register(client: Client, admin: dict[str, str], **told: Any) -> str:
    answer = await client.post("/api/patients", json=a_patient(**told), headers=admin)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def pairs(client: Client, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/patients/duplicates", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def ids(pair: dict[str, Any]) -> set[str]:
    return {pair["first"]["id"], pair["second"]["id"]}


@pytest.fixture
async def alike(client: Client, admin: dict[str, str]) -> tuple[str, str]:
    one = await register(client, admin, name="Kavita Rane", phones=["90000 33333"])
    return one, await register(
        client, admin, name="Kavitha Raane", phones=["90000 33333"], birth_date=None, age_years=36
    )


async def test_a_new_patient_is_on_the_list_within_the_relays_round(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once
) -> None:
    assert await pairs(client, admin) == []
    await relay_once()
    (pair,) = await pairs(client, admin)
    assert ids(pair) == set(alike)
    assert (pair["score"], pair["because"], pair["status"]) == (85, ["name", "phone", "birth_date"], "open")


async def test_open_lists_hear_that_they_are_old(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once, owner: Connection
) -> None:
    heard = "SELECT count(*) FROM outbox_events WHERE name = 'LikelyDuplicatesChanged' AND seq IS NOT NULL"
    await relay_once()
    assert await owner.fetchval(heard) == 1
    await client.patch(f"/api/patients/{alike[1]}", json={"city": "Pune"}, headers=admin)
    await relay_once()
    assert await owner.fetchval(heard) == 1
    await client.patch(f"/api/patients/{alike[1]}", json={"name": "Sunil Kadam"}, headers=admin)
    await relay_once()
    assert await owner.fetchval(heard) == 2
    await client.patch(f"/api/patients/{alike[1]}", json={"name": "Kavita Rane"}, headers=admin)
    await relay_once()
    (pair,) = await pairs(client, admin)
    await client.post(f"/api/patients/duplicates/{pair['id']}/dismiss", headers=admin)
    await relay_once()
    assert await owner.fetchval(heard) == 4


async def test_a_change_takes_the_pair_off_and_puts_it_on(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once
) -> None:
    await relay_once()
    for name, expected in (("Sunil Kadam", []), ("Kavita Rane", [set(alike)])):
        await client.patch(f"/api/patients/{alike[1]}", json={"name": name}, headers=admin)
        await relay_once()
        assert [ids(pair) for pair in await pairs(client, admin)] == expected


async def test_not_the_same_is_remembered(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once, owner: Connection
) -> None:
    await relay_once()
    (pair,) = await pairs(client, admin)
    answer = await client.post(f"/api/patients/duplicates/{pair['id']}/dismiss", headers=admin)
    assert (answer.status_code, answer.json()["status"]) == (200, "different")
    await client.patch(f"/api/patients/{alike[1]}", json={"name": "Kavita Rane"}, headers=admin)
    await relay_once()
    assert await pairs(client, admin) == []
    assert [ids(one) for one in await pairs(client, admin, status="different")] == [set(alike)]
    row = await owner.fetchrow("SELECT status, decided_by FROM patient_duplicates")
    assert row is not None
    assert row["status"] == "different"
    assert row["decided_by"] is not None
    assert await owner.fetchval("SELECT count(*) FROM audit_entries WHERE entity = 'patient_duplicate'") == 1
    answer = await client.post(f"/api/patients/duplicates/{pair['id']}/reopen", headers=admin)
    assert answer.json()["decided_at"] is None
    assert len(await pairs(client, admin)) == 1


async def test_what_is_merged_leaves_the_list_at_once_and_parted_stays_off(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once
) -> None:
    await relay_once()
    merged = await client.post(f"/api/patients/{alike[0]}/merges", json={"merged_id": alike[1]}, headers=admin)
    assert await pairs(client, admin) == []
    await relay_once()
    await client.post(f"/api/patients/{alike[0]}/merges/{merged.json()['id']}/undo", headers=admin)
    await relay_once()
    assert await pairs(client, admin) == []
    assert [ids(one) for one in await pairs(client, admin, status="different")] == [set(alike)]


async def test_a_family_on_one_phone_is_no_pair(client: Client, admin: dict[str, str], relay_once: Once) -> None:
    for name in ("Kavita Rane", "Suresh Rane", "Tara Rane"):
        await register(client, admin, name=name, phones=["90000 33333"])
    await relay_once()
    assert await pairs(client, admin) == []


async def test_an_unknown_one_is_compared_once_named(client: Client, admin: dict[str, str], relay_once: Once) -> None:
    known = await register(client, admin, name="Kavita Rane", phones=["90000 33333"])
    body = {"gender": "female", "is_unknown": True, "age_years": 36, "phones": ["90000 33333"]}
    unknown = (await client.post("/api/patients", json=body, headers=admin)).json()["id"]
    await relay_once()
    assert await pairs(client, admin) == []
    await client.patch(f"/api/patients/{unknown}", json={"name": "Kavita Rane"}, headers=admin)
    await relay_once()
    assert [ids(pair) for pair in await pairs(client, admin)] == [{known, unknown}]


async def test_the_job_finds_what_no_event_told_and_is_idle_then(
    client: Client,
    admin: dict[str, str],
    alike: tuple[str, str],
    work: jobs.Work,
    monkeypatch: pytest.MonkeyPatch,
    owner: Connection,
) -> None:
    await owner.execute("UPDATE patients SET updated_at = '2026-11-23 04:00Z'")  # by the tests' clock, as all else
    await find_duplicates(work)
    assert [ids(pair) for pair in await pairs(client, admin)] == [set(alike)]
    again: list[Any] = []
    monkeypatch.setattr("arogya.modules.patients.jobs.refresh", lambda *told: again.append(told))
    await find_duplicates(work)
    assert again == []


async def test_a_key_that_everybody_shares_is_not_followed(
    client: Client, admin: dict[str, str], work: jobs.Work, monkeypatch: pytest.MonkeyPatch, owner: Connection
) -> None:
    monkeypatch.setattr(refresh, "MOST_OF_ONE_KEY", 3)
    for n in range(8):
        await register(client, admin, name="Kavita Rane", phones=["90000 33333"], birth_date=f"19{50 + n}-04-12")
    await find_duplicates(work)
    assert await owner.fetchval("SELECT count(*) FROM patient_duplicates") == 0


async def test_only_who_may_merge_sees_and_judges(
    client: Client, world: World, admin: dict[str, str], alike: tuple[str, str], relay_once: Once
) -> None:
    await relay_once()
    (pair,) = await pairs(client, admin)
    for who in ("receptionist", "doctor", "nurse", "privacy_officer", "patient"):
        headers = world.a.as_(who)
        assert (await client.get("/api/patients/duplicates", headers=headers)).status_code == 403, who
        for step in ("dismiss", "reopen"):
            answer = await client.post(f"/api/patients/duplicates/{pair['id']}/{step}", headers=headers)
            assert answer.status_code == 403, who
    elsewhere = world.b.as_("hospital_admin")
    assert await pairs(client, elsewhere) == []
    answer = await client.post(f"/api/patients/duplicates/{pair['id']}/dismiss", headers=elsewhere)
    assert answer.status_code == 404
    assert alike


async def test_whom_the_list_showed_is_on_record(
    client: Client, admin: dict[str, str], alike: tuple[str, str], relay_once: Once, owner: Connection
) -> None:
    await relay_once()
    await pairs(client, admin)
    row = await owner.fetchrow("SELECT action, entity_ids FROM audit_entries WHERE route LIKE 'GET %duplicates'")
    assert row is not None
    assert row["action"] == "search"
    assert set(row["entity_ids"]) == {UUID(one) for one in alike}


async def test_the_list_takes_one_look_however_many_patients(
    client: Client, admin: dict[str, str], world: World, owner: Connection, work: jobs.Work
) -> None:
    """Every record gets its keys, once; nobody is compared with everybody."""
    await make_many(owner, world.a.organization_id, 3000)
    await find_duplicates(work)
    counted = await owner.fetchrow(
        "SELECT count(DISTINCT patient_id) AS people, count(*) AS keys FROM patient_match_keys "
        "WHERE organization_id = $1", world.a.organization_id,
    )  # fmt: skip
    assert counted is not None
    assert counted["people"] == 3002
    assert counted["keys"] < 3002 * 8
    assert await pairs(client, admin) is not None

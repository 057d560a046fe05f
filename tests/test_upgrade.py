"""What an earlier state of the program wrote is there, row by row, and readable after today's has taken over."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.app import create_app
from arogya.backup import restore
from arogya.launch import database, newest_schema
from arogya.modules.identity.api import mint_access_token
from arogya.platform import database_roles as roles
from arogya.platform import migrate
from arogya.platform.access import Claims
from arogya.platform.clock import FixedClock
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import OWNER_ROLE, Settings
from tests.conftest import KEYS, NOW, settings_for

EARLIER = sorted(Path(__file__).with_name("earlier").glob("*.backup.gz"))
SCHEMAS = [path.name.removesuffix(".backup.gz") for path in EARLIER]

Contents = dict[str, tuple[list[str], list[str]]]
"""By table: its columns, and its rows in them."""


def earlier_backup(schema: str, folder: Path) -> Path:
    file = folder / f"{schema}.backup"
    file.write_bytes(gzip.decompress(Path(__file__).with_name("earlier").joinpath(f"{schema}.backup.gz").read_bytes()))
    return file


@pytest.fixture(params=SCHEMAS)
def schema(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def restored(postgres: EmbeddedPostgres, schema: str, tmp_path: Path) -> Settings:
    """A database as that state of the program left it."""
    name = f"earlier_{schema}_{tmp_path.name}".lower()
    roles.provision(postgres.url(), KEYS, name)
    config = settings_for(postgres, name, tmp_path)
    restore(config, earlier_backup(schema, tmp_path))
    return config


@asynccontextmanager
async def owner_of(config: Settings) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


async def contents(config: Settings, known: Contents | None = None) -> Contents:
    """Every table; known: in the columns that it had then, so that what a migration added is left aside."""
    found: Contents = {}
    async with owner_of(config) as owner:
        columns = await owner.fetch(
            "SELECT relname, array_agg(attname::text ORDER BY attnum) "
            "FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped "
            "AND relname <> 'alembic_version' GROUP BY relname"
        )
        for table, names in columns:
            if known is not None and table not in known:
                continue
            chosen = known[table][0] if known is not None else names
            listed = ", ".join(f'"{name}"' for name in chosen)
            rows = await owner.fetch(f"SELECT to_jsonb(t)::text FROM (SELECT {listed} FROM {table}) t ORDER BY 1")
            found[table] = (chosen, [row[0] for row in rows])
    return found


def upgrade(config: Settings) -> None:
    migrate.upgrade(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))


async def schema_of(config: Settings) -> str:
    async with owner_of(config) as owner:
        return str(await owner.fetchval("SELECT version_num FROM alembic_version"))


def test_every_row_is_still_there(restored: Settings, schema: str) -> None:
    assert asyncio.run(schema_of(restored)) == schema, "a restore leaves the schema to the next start"
    before = asyncio.run(contents(restored))
    assert len(before["patients"][1]) >= 8
    upgrade(restored)
    assert asyncio.run(schema_of(restored)) == newest_schema()
    after = asyncio.run(contents(restored, before))
    assert after.keys() == before.keys()
    for table, held in before.items():
        assert after[table] == held, table


@pytest.mark.parametrize("schema", SCHEMAS[-1:], indirect=True)
def test_a_lost_row_would_be_noticed(restored: Settings) -> None:
    """The control of the test above."""
    before = asyncio.run(contents(restored))
    upgrade(restored)

    async def lose() -> None:
        async with owner_of(restored) as owner:
            await owner.execute("DELETE FROM patient_contacts")
            await owner.execute("UPDATE patients SET name = name || ' ' WHERE name LIKE 'Kavita%'")

    asyncio.run(lose())
    after = asyncio.run(contents(restored, before))
    assert {table for table in before if after[table] != before[table]} == {"patient_contacts", "patients"}


class Reader:
    """Somebody who signed in before the upgrade, and reads after it."""

    def __init__(self, client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def get(self, path: str, **query: str) -> Any:
        answer = await self._client.get(path, headers=self._headers, params=query)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()


def token_of(user: UUID, session: UUID, organization: UUID) -> dict[str, str]:
    claims = Claims("user", user, session, organization)
    return {"Authorization": f"Bearer {mint_access_token(KEYS, claims, NOW, timedelta(days=7))}"}


async def test_all_of_it_is_readable_through_the_api(restored: Settings) -> None:
    await asyncio.to_thread(upgrade, restored)
    app = create_app(restored, FixedClock(NOW))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        owner_of(restored) as owner,
        httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client,
    ):
        people = await owner.fetch(
            "SELECT value, user_id, sessions.id AS session, organization_id FROM login_identifiers "
            "JOIN sessions USING (user_id) WHERE value = ANY ($1)",
            [f"{hospital}-{role}" for hospital in ("ta", "tb") for role in _READS],
        )
        assert len(people) == 2 * len(_READS)
        for person in people:
            reader = Reader(client, token_of(person["user_id"], person["session"], person["organization_id"]))
            own = person["organization_id"]
            await _READS[person["value"].partition("-")[2]](reader, owner, own)
    await app.state.database.dispose()


async def reads_the_desk(reader: Reader, owner: Any, organization: UUID) -> None:
    patients = {
        row["id"]: row for row in await owner.fetch("SELECT * FROM patients WHERE organization_id = $1", organization)
    }
    for patient_id, patient in patients.items():
        told = await reader.get(f"/api/patients/{patient_id}")
        expected = patients[patient["merged_into_id"] or patient_id]
        assert (told["name"], told["name_local"]) == (expected["name"], expected["name_local"])
    for visit in await owner.fetch("SELECT * FROM appointments WHERE organization_id = $1", organization):
        told = await reader.get(f"/api/appointments/{visit['id']}")
        assert told["status"] == visit["status"]
    facility = await owner.fetchval(
        "SELECT min(facility_id::text) FROM queue_tokens WHERE organization_id = $1", organization
    )
    waiting = await owner.fetchval("SELECT count(*) FROM queue_tokens WHERE organization_id = $1", organization)
    assert waiting == 4
    assert await reader.get("/api/queue", facility_id=facility)
    found = await reader.get("/api/patients", search="kavita")
    assert any(one["name"] == "Kavita Rane" for one in found["items"])


async def reads_the_office(reader: Reader, _owner: Any, _organization: UUID) -> None:
    for path in ("departments", "facilities", "practitioners", "schedules", "staff", "users", "schedule-exceptions"):
        assert (await reader.get(f"/api/{path}"))["items"], path


async def reads_the_trail(reader: Reader, owner: Any, organization: UUID) -> None:
    told = await reader.get("/api/audit", limit="100")
    kept = await owner.fetchval(
        "SELECT count(*) FROM audit_entries WHERE organization_id = $1 AND route <> 'GET /api/audit'", organization
    )
    assert len(told["items"]) >= min(kept, 100)


_READS = {"receptionist": reads_the_desk, "hospital_admin": reads_the_office, "privacy_officer": reads_the_trail}


@pytest.mark.parametrize("schema", SCHEMAS[:1], indirect=True)
def test_todays_program_starts_on_an_earlier_data_folder(schema: str, tmp_path: Path, memory_folder: Path) -> None:
    chosen = Settings(data_dir=memory_folder / f"earlier-{schema}", secret_key=KEYS.hex)
    restore(chosen, earlier_backup(schema, tmp_path))
    with database(chosen, migrated=False) as (stopped, _):
        assert asyncio.run(schema_of(stopped)) == schema
        before = asyncio.run(contents(stopped))
    with database(chosen) as (running, _):
        assert asyncio.run(schema_of(running)) == newest_schema()
        assert asyncio.run(contents(running, before)) == before

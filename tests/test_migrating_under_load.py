"""The next release runs its migrations while this one serves, and no request fails; what must not be done, does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent, indent

import asyncpg
import httpx2
import pytest
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from arogya.modules.organizations.models import Department
from arogya.platform import migrate, web
from arogya.platform.database import Database
from arogya.platform.prepared import prepare, rows
from arogya.platform.problems import goes_through_next_time, problem_of_database_error
from arogya.platform.settings import OWNER_ROLE, Settings
from tests.factories.patients import a_patient
from tests.world import World

PATIENCE_S = 120
ASKERS = 6
ROUNDS_AFTER = 3
"""How often each goes round once more when the migrations are through: what they prepared before is asked for again."""

# What the rules of tests/architecture/test_migrations.py leave to a release, on the tables that every request reads.
HARMLESS = (
    """
    for table in ("sessions", "appointments", "patients", "audit_entries", "outbox_events", "memberships", "users"):
        op.add_column(table, sa.Column("next_note", sa.String(), nullable=True))
        op.add_column(table, sa.Column("next_count", sa.Integer(), server_default=sa.text("1"), nullable=False))
    """,
    """
    op.execute("ALTER TABLE patients ADD CONSTRAINT ck_patients_next CHECK (next_count > 0) NOT VALID")
    """,
    """
    op.execute("ALTER TABLE patients VALIDATE CONSTRAINT ck_patients_next")
    """,
    """
    add_index_beside_traffic("ix_patients_next", "patients", ["organization_id", "next_count"])
    """,
)
RENAMES = ("""op.alter_column("patients", "name_local", new_column_name="local_name")""",)


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put migrations behind the newest one."""
    usual = migrate.config

    def release(*steps: str) -> None:
        before = migrate.newest()
        for number, step in enumerate(steps):
            revision = f"99{number:02}"
            body = indent(dedent(step), "    ")
            (tmp_path / f"{revision}_next.py").write_text(
                "import sqlalchemy as sa\nfrom alembic import op\n"
                "from arogya.platform.tables import add_index_beside_traffic\n"
                f'revision = "{revision}"\ndown_revision = "{before}"\nbranch_labels = depends_on = None\n'
                f"def upgrade() -> None:\n{body}\n"
            )
            before = revision

        def with_these() -> Config:
            made = usual()
            folder = Path(migrate.__file__).parent.parent / "migrations" / "versions"
            made.set_main_option("version_locations", f"{folder};{tmp_path}")
            made.set_main_option("path_separator", ";")
            return made

        monkeypatch.setattr(migrate, "config", with_these)

    return release


async def run_migrations(config: Settings) -> None:
    await asyncio.to_thread(migrate.upgrade, config.role_url(OWNER_ROLE).render_as_string(hide_password=False))


async def a_round(client: httpx2.AsyncClient, world: World, statuses: Counter[int]) -> None:
    """What a desk does all day."""
    desk = world.a.as_("receptionist")
    at_the_branch = {"facility_id": str(world.a.main)}
    registered = await client.post("/api/patients", headers=desk, json=a_patient(name_local="कविता"))
    statuses[registered.status_code] += 1
    for path, query in (
        (f"/api/patients/{world.a.patient}", {}),
        ("/api/patients", {"search": "kavita"}),
        ("/api/appointments/today", at_the_branch),
        ("/api/queue", at_the_branch),
    ):
        statuses[(await client.get(path, headers=desk, params=query)).status_code] += 1


async def asked_meanwhile(
    client: httpx2.AsyncClient, world: World, migrating: Callable[[], Awaitable[None]]
) -> Counter[int]:
    """The statuses of all that was asked from before the migrations until well after them."""
    statuses: Counter[int] = Counter()
    is_over = asyncio.Event()
    warm = [asyncio.Event() for _ in range(ASKERS)]

    async def ask(number: int) -> None:
        rounds_after = 0
        while rounds_after < ROUNDS_AFTER:
            rounds_after += is_over.is_set()
            await a_round(client, world, statuses)
            warm[number].set()

    asking = asyncio.gather(*(ask(number) for number in range(ASKERS)))
    for one in warm:
        await one.wait()
    before = statuses.total()
    await migrating()
    is_over.set()
    await asking
    assert statuses.total() >= before + ASKERS * ROUNDS_AFTER
    return statuses


async def test_nobody_notices_what_keeps_to_the_rules(
    client: httpx2.AsyncClient,
    world: World,
    config: Settings,
    owner: asyncpg.Connection,
    next_release: Callable[..., None],
) -> None:
    await owner.execute("CREATE INDEX ix_patients_next ON patients (id)")  # as a try that was broken off leaves one
    next_release(*HARMLESS)
    statuses = await asked_meanwhile(client, world, lambda: run_migrations(config))
    assert statuses.keys() == {200, 201}, statuses
    assert await owner.fetchval("SELECT version_num FROM alembic_version") == "9903"
    made = await owner.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_patients_next'")
    assert "(organization_id, next_count)" in made


async def test_a_renamed_column_is_noticed(
    client: httpx2.AsyncClient, world: World, config: Settings, next_release: Callable[..., None]
) -> None:
    """The control: what the rules forbid does fail."""
    next_release(*RENAMES)
    statuses = await asked_meanwhile(client, world, lambda: run_migrations(config))
    assert statuses[500] > 0, statuses


class TestStatementsFromBefore:
    """A statement that was prepared before the types of its result changed is refused once by PostgreSQL."""

    CHANGES_A_TYPE = tuple(
        f"""op.execute("ALTER TABLE {table} ALTER COLUMN {column} TYPE text")"""
        for table, column in (("patients", "name"), ("practitioners", "name"), ("sessions", "client"))
    )

    async def test_nobody_notices(
        self, client: httpx2.AsyncClient, world: World, config: Settings, next_release: Callable[..., None]
    ) -> None:
        next_release(*self.CHANGES_A_TYPE)
        statuses = await asked_meanwhile(client, world, lambda: run_migrations(config))
        assert statuses.keys() == {200, 201}, statuses

    async def test_without_the_second_try_one_is_asked_to_come_again(
        self,
        client: httpx2.AsyncClient,
        world: World,
        config: Settings,
        next_release: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The control."""
        monkeypatch.setattr(web, "goes_through_next_time", lambda _: False)
        next_release(*self.CHANGES_A_TYPE)
        statuses = await asked_meanwhile(client, world, lambda: run_migrations(config))
        assert statuses[503] > 0, statuses
        assert 500 not in statuses

    async def test_every_connection_knows_after_the_first_refusal(
        self, database: Database, world: World, owner: asyncpg.Connection
    ) -> None:
        assert await self.refused_of_four(database, world) == []
        await owner.execute("ALTER TABLE departments ALTER COLUMN name TYPE text")
        (refused,) = await self.refused_of_four(database, world)
        assert goes_through_next_time(refused)
        problem = problem_of_database_error(refused)
        assert problem
        assert problem.status == 503
        assert await self.refused_of_four(database, world) == []

    async def refused_of_four(self, database: Database, world: World) -> list[DBAPIError]:
        """Four connections that are there at once send the same statement, one after the other."""
        all_there, turn = asyncio.Barrier(4), asyncio.Lock()

        async def ask() -> None:
            async with database.transaction(world.a.organization_id) as session:
                await all_there.wait()
                async with turn:
                    await rows(session, _DEPARTMENTS)

        said = await asyncio.gather(*(ask() for _ in range(4)), return_exceptions=True)
        return [one for one in said if isinstance(one, DBAPIError)]


_DEPARTMENTS = prepare(select(Department.id, Department.name))


class TestTheSecondTry:
    """One that was chosen to end a deadlock, which a sequence stands for: it remembers what was rolled back."""

    @pytest.fixture
    async def chosen(self, owner: asyncpg.Connection) -> Callable[[str, int], Awaitable[None]]:
        async def choose(table: str, times: int) -> None:
            """So often will an insert into the table be refused."""
            await owner.execute(
                f"""
                CREATE SEQUENCE tries;
                GRANT USAGE, SELECT ON tries TO arogya_app;
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'chosen' USING ERRCODE = '40P01'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse();
                """
            )

        return choose

    async def register(self, client: httpx2.AsyncClient, world: World) -> httpx2.Response:
        desk = world.a.as_("receptionist", key="once-and-no-more")
        return await client.post("/api/patients", headers=desk, json=a_patient(name="Once Only"))

    async def kept(self, owner: asyncpg.Connection) -> tuple[int, int]:
        """How many were registered, and how many inserts were tried."""
        return (
            await owner.fetchval("SELECT count(*) FROM patients WHERE name = 'Once Only'"),
            await owner.fetchval("SELECT last_value FROM tries"),
        )

    async def test_goes_through_and_has_one_effect(
        self,
        client: httpx2.AsyncClient,
        world: World,
        owner: asyncpg.Connection,
        chosen: Callable[..., Awaitable[None]],
    ) -> None:
        await chosen("patients", 1)
        assert (await self.register(client, world)).status_code == 201
        assert await self.kept(owner) == (1, 2)
        assert (await self.register(client, world)).status_code == 201
        assert await self.kept(owner) == (1, 2), "its key is remembered"

    async def test_is_the_last(
        self,
        client: httpx2.AsyncClient,
        world: World,
        owner: asyncpg.Connection,
        chosen: Callable[..., Awaitable[None]],
    ) -> None:
        await chosen("patients", 2)
        refused = await self.register(client, world)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert await self.kept(owner) == (0, 2)

    async def test_is_not_made_of_what_is_more_than_one_transaction(
        self, client: httpx2.AsyncClient, owner: asyncpg.Connection, chosen: Callable[..., Awaitable[None]]
    ) -> None:
        await chosen("login_throttles", 1)
        body = {"username": "ta-doctor", "password": "a wrong password"}
        assert (await client.post("/api/auth/login", json=body)).status_code == 503
        assert await owner.fetchval("SELECT last_value FROM tries") == 1


class TestBehindALongReader:
    """Such as an export. Who waits for the table behind it must not make everybody wait behind themselves."""

    @asynccontextmanager
    async def reading(self, config: Settings) -> AsyncIterator[asyncpg.Connection]:
        reader = await asyncpg.connect(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))
        try:
            await reader.execute("BEGIN; SELECT count(*) FROM patients")
            yield reader
        finally:
            await reader.close()

    async def someone_waits_for_patients(self, owner: asyncpg.Connection) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await owner.fetchval(
                "SELECT count(*) FROM pg_locks WHERE relation = 'patients'::regclass AND NOT granted"
            ):
                await asyncio.sleep(0.01)

    def look(self, client: httpx2.AsyncClient, world: World) -> "asyncio.Task[httpx2.Response]":
        desk = world.a.as_("receptionist")
        return asyncio.create_task(client.get(f"/api/patients/{world.a.patient}", headers=desk))

    async def test_the_migration_gives_way_and_comes_again(
        self,
        client: httpx2.AsyncClient,
        world: World,
        config: Settings,
        owner: asyncpg.Connection,
        next_release: Callable[..., None],
    ) -> None:
        next_release(*HARMLESS[:1])
        async with self.reading(config):
            migrating = asyncio.create_task(run_migrations(config))
            for _ in range(2):
                await self.someone_waits_for_patients(owner)
                assert (await self.look(client, world)).status_code == 200
            assert not migrating.done()
        await migrating
        assert await owner.fetchval("SELECT version_num FROM alembic_version") == "9900"

    async def test_else_everybody_waits(
        self,
        client: httpx2.AsyncClient,
        world: World,
        config: Settings,
        owner: asyncpg.Connection,
        next_release: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The control."""
        monkeypatch.setattr(migrate, "_GIVE_WAY", text("SELECT 1"))
        next_release(*HARMLESS[:1])
        async with self.reading(config):
            migrating = asyncio.create_task(run_migrations(config))
            await self.someone_waits_for_patients(owner)
            looking = self.look(client, world)
            _, waiting = await asyncio.wait({looking}, timeout=2)
            assert waiting
        await migrating
        assert (await looking).status_code == 200

    async def test_it_says_what_is_in_the_way_in_the_end(
        self,
        config: Settings,
        next_release: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
        client: httpx2.AsyncClient,
    ) -> None:
        monkeypatch.setattr(migrate, "_TRIED_FOR_S", 0.0)
        next_release(*HARMLESS[:1])
        async with self.reading(config):
            with pytest.raises(migrate.TablesInUse, match="has to change is in use"):
                await run_migrations(config)

"""Migrations run while the code of before still serves: what would break or hold up its requests is refused."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from arogya.platform import database_roles as roles
from arogya.platform import migrate
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import OWNER_ROLE, Settings
from tests.conftest import KEYS, settings_for

OF_A_HANDFUL_OF_ROWS = {
    "booking_rules", "custom_roles", "departments", "device_links", "external_organizations", "facilities",
    "organizations", "practitioner_facilities", "practitioners", "rooms", "schedule_exceptions", "schedule_sessions",
    "schedules", "shared_counters", "sign_in_rules", "staff_members",
}  # fmt: skip
"""What a hospital sets up by hand. To look through such a table takes no time; every other one grows."""

BREAKS_OLD_CODE = {
    "renames": r"ALTER TABLE (?P<table>\w+) RENAME",
    "drops a column": r"ALTER TABLE (?P<table>\w+) DROP COLUMN",
    "drops a table": r"DROP TABLE (IF EXISTS )?(?P<table>\w+)",
    "changes a type": r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ (SET DATA )?TYPE",
    "forbids NULL": r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ SET NOT NULL",
    "takes a default away": r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ DROP DEFAULT",
    "adds what must be written": r"ALTER TABLE (?P<table>\w+) ADD COLUMN (?!.*DEFAULT).*NOT NULL",
}
HOLDS_UP_TRAFFIC = {
    "makes an index at once": r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON (?P<table>\w+)",
    "looks through the table": r"ALTER TABLE (?P<table>\w+) ADD CONSTRAINT (?!.*NOT VALID).*(CHECK|FOREIGN KEY)",
    "makes an index for a constraint": r"ALTER TABLE (?P<table>\w+) ADD CONSTRAINT .*(UNIQUE(?! USING)|EXCLUDE)",
}
INSTEAD = {
    "renames": "add the new column, write both, read the new one; drop the old one a release later",
    "drops a column": "a release after the last code that names it; then say so in AGREED",
    "drops a table": "a release after the last code that names it; then say so in AGREED",
    "changes a type": "add a column of the new type",
    "forbids NULL": "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID once all code writes it, VALIDATE it",
    "takes a default away": "a release after the first code that always writes it",
    "adds what must be written": "give it a server default",
    "makes an index at once": "platform.tables.add_index_beside_traffic, in a migration of its own",
    "looks through the table": "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration",
    "makes an index for a constraint": "a unique index beside traffic, then ADD CONSTRAINT … UNIQUE USING INDEX",
}

BEFORE_THE_RULE = {
    ("0005", "memberships", "looks through the table"),
    ("0007", "appointments", "looks through the table"),
    ("0007", "appointments", "makes an index at once"),
    ("0009", "patients", "looks through the table"),
    ("0009", "patients", "makes an index at once"),
    ("0010", "queue_tokens", "looks through the table"),
    ("0011", "patient_phones", "makes an index at once"),
    ("0011", "sessions", "looks through the table"),
    ("0012", "appointments", "looks through the table"),
    ("0012", "appointments", "makes an index at once"),
    ("0012", "appointments", "makes an index for a constraint"),
    ("0012", "holds", "looks through the table"),
    ("0012", "holds", "makes an index for a constraint"),
    ("0012", "waitlist_offers", "looks through the table"),
    ("0012", "waitlist_offers", "makes an index for a constraint"),
    ("0013", "waitlist_offers", "makes an index for a constraint"),
}
"""(revision, table, what): from before anybody ran Arogya in earnest. Nothing is added here."""

AGREED: dict[tuple[str, str, str], str] = {}
"""(revision, table, what) to the reason for which it does no harm."""


def faults(statement: str, tables: set[str]) -> list[tuple[str, str]]:
    """(table, what) of a statement that touches tables which were there before."""
    said = " ".join(statement.split())
    found = []
    for kinds, spared in ((BREAKS_OLD_CODE, set[str]()), (HOLDS_UP_TRAFFIC, OF_A_HANDFUL_OF_ROWS)):
        for what, pattern in kinds.items():
            for match in re.finditer(pattern, said, re.IGNORECASE):
                if match["table"] in tables - spared:
                    found.append((match["table"], what))
    return found


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Every statement that goes through SQLAlchemy meanwhile."""
    said: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    yield said
    event.remove(Engine, "before_cursor_execute", hear)


def tables_in(config: Settings) -> set[str]:
    async def ask() -> set[str]:
        owner = await asyncpg.connect(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))
        try:
            return {
                row[0] for row in await owner.fetch("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            }
        finally:
            await owner.close()

    return asyncio.run(ask())


def test_what_would_break_or_hold_up_running_code_is_refused(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    name = "migrations_read"
    roles.provision(postgres.url(), KEYS, name)
    config = settings_for(postgres, name, tmp_path)
    owner_url = config.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    found: set[tuple[str, str, str]] = set()
    revisions = reversed(list(ScriptDirectory.from_config(migrate.config()).walk_revisions()))
    for revision in revisions:
        there = tables_in(config)
        with overheard() as said:
            migrate.upgrade(owner_url, revision.revision)
        found |= {(revision.revision, table, what) for one in said for table, what in faults(one, there)}
    new = {one: INSTEAD[one[2]] for one in sorted(found - BEFORE_THE_RULE - AGREED.keys())}
    assert not new
    assert not BEFORE_THE_RULE - found, "an exception that excuses nothing"
    assert not AGREED.keys() - found, "an exception that excuses nothing"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ALTER TABLE patients RENAME name TO full_name", "renames"),
        ("ALTER TABLE patients RENAME TO persons", "renames"),
        ("ALTER TABLE patients DROP COLUMN name", "drops a column"),
        ("DROP TABLE patients", "drops a table"),
        ("ALTER TABLE patients ALTER COLUMN name TYPE text", "changes a type"),
        ("ALTER TABLE patients ALTER COLUMN name SET NOT NULL", "forbids NULL"),
        ("ALTER TABLE patients ALTER COLUMN name DROP DEFAULT", "takes a default away"),
        ("ALTER TABLE patients ADD COLUMN age INTEGER NOT NULL", "adds what must be written"),
        ("CREATE INDEX ix_name ON patients (name)", "makes an index at once"),
        ("CREATE UNIQUE INDEX ix_name ON patients USING gist (name)", "makes an index at once"),
        ("ALTER TABLE patients ADD CONSTRAINT ck CHECK (name <> '')", "looks through the table"),
        ("ALTER TABLE patients ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES b (a)", "looks through the table"),
        ("ALTER TABLE patients ADD CONSTRAINT uq UNIQUE (name)", "makes an index for a constraint"),
        ("ALTER TABLE patients ADD CONSTRAINT ex\n EXCLUDE USING gist (a WITH =)", "makes an index for a constraint"),
    ],
)
def test_each_fault_is_seen(statement: str, what: str) -> None:
    assert faults(statement, {"patients"}) == [("patients", what)]
    assert faults(statement, set()) == [], "a new table holds nobody up"


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE patients ADD COLUMN note VARCHAR",
        "ALTER TABLE patients ADD COLUMN n INTEGER DEFAULT 1 NOT NULL",
        "CREATE INDEX CONCURRENTLY ix_name ON patients (name)",
        "ALTER TABLE patients ADD CONSTRAINT ck CHECK (name <> '') NOT VALID",
        "ALTER TABLE patients VALIDATE CONSTRAINT ck",
        "ALTER TABLE patients ADD CONSTRAINT uq UNIQUE USING INDEX ix_name",
        "ALTER TABLE patients ALTER COLUMN name DROP NOT NULL",
        "UPDATE patients SET name = name",
    ],
)
def test_what_does_no_harm_is_let_through(statement: str) -> None:
    assert faults(statement, {"patients"}) == []

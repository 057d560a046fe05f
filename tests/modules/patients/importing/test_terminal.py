"""`arogya import patients`: the same rules without a worker, gone on with by the same command."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from arogya.modules.patients.api import FileOptions, ImportTold, column_guesses, import_file
from arogya.modules.patients.importing import running
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.operator import OperatorError
from tests.modules.patients.importing.files import csv_of, person
from tests.world import World

Take = Callable[..., Awaitable[ImportTold]]


@pytest.fixture
def take(database: Database, clock: FixedClock, world: World, tmp_path: Path) -> Take:
    async def taken(raw: bytes, tell: Callable[[ImportTold], None] = lambda _: None, **options: Any) -> ImportTold:
        file = tmp_path / "old.csv"
        file.write_bytes(raw)
        chosen = FileOptions(**({"report": tmp_path / "refused.csv"} | options))
        return await import_file(database, clock, world.a.organization_id, file, chosen, tell=tell)

    return taken


async def count(owner: asyncpg.Connection) -> int:
    return int(await owner.fetchval("SELECT count(*) FROM patients WHERE mrn LIKE 'OLD-%'"))


async def test_a_dry_run_writes_no_patient_and_the_run_does(
    take: Take, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    raw = csv_of(person(1), person(2, Sex="Q"))
    dry = await take(raw, is_dry_run=True)
    assert (dry.status, dry.taken, dry.refused, await count(owner)) == ("checked", 1, 1, 0)
    done = await take(raw)
    assert (done.status, done.taken, done.refused, await count(owner)) == ("done", 1, 1, 1)
    _, refused = list(csv.reader(io.StringIO((tmp_path / "refused.csv").read_text("utf-8-sig"), newline="")))
    assert refused[:3] == ["3", "Sex: Write M, F or O", "OLD-00002"]


async def test_the_same_command_goes_on_where_it_was_broken_off(
    take: Take, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 2)
    raw = csv_of(*(person(n) for n in range(1, 8)))

    def power_cut(told: ImportTold) -> None:
        if told.lines_done >= 4:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await take(raw, tell=power_cut)
    assert await count(owner) == 4
    done = await take(raw)
    assert (done.status, done.taken, done.lines_done, await count(owner)) == ("done", 7, 7, 7)
    assert await owner.fetchval("SELECT count(*) FROM patient_imports") == 1


async def test_a_guess_is_mended_and_a_column_left_out(take: Take, owner: asyncpg.Connection) -> None:
    raw = csv_of(["x-9", "Importa Mended", "5"], headings=("Old No", "Patient Name", "Age"))
    assert column_guesses(raw) == (["Old No", "Patient Name", "Age"], {"name": "Patient Name", "age": "Age"})
    await take(raw, columns={"mrn": "Old No", "age": ""})
    row = await owner.fetchrow("SELECT name, birth_date FROM patients WHERE mrn = 'X-9'")
    assert tuple(row) == ("Importa Mended", None)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"columns": {"colour": "Sex"}}, "There is no colour"), ({"columns": {"mrn": "No"}}, "no column No"),
        ({"dates": "ymd"}, "dmy or mdy"), ({"columns": {"name": ""}}, "which column holds the name"),
    ],
)  # fmt: skip
async def test_what_can_not_be_is_told_in_a_sentence(
    take: Take, owner: asyncpg.Connection, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(OperatorError, match=says):
        await take(csv_of(person(1)), **options)
    assert await owner.fetchval("SELECT count(*) FROM patient_imports") == 0

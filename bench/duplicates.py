"""`python -m bench.duplicates [patients]`: how long the worklist of likely duplicates takes to make and to keep.

One hospital; families of three on one phone; a third know only their age; two in a hundred are registered twice, with a
letter doubled in the name. Prints a table.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from arogya.modules.organizations.models import Organization
from arogya.modules.patients.duplicates.refresh import refresh
from arogya.modules.patients.duplicates.service import listed
from arogya.modules.patients.jobs import find_duplicates
from arogya.platform import database_roles as roles
from arogya.platform import migrate
from arogya.platform.clock import SystemClock, new_id
from arogya.platform.database import Database
from arogya.platform.jobs import Work
from arogya.platform.keys import Keys
from arogya.platform.messages import Email, TextMessage
from arogya.platform.paging import Paging
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings
from arogya.platform.signals import dsn

TWICE = 0.02
_ONSETS = ("k", "kh", "g", "ch", "j", "t", "d", "n", "p", "b", "m", "r", "l", "v", "s", "h", "sh")
_VOWELS = ("a", "i", "u", "e", "o", "aa")
_COLUMNS = ["organization_id", "id", "mrn", "name", "sort_name", "birth_date", "birth_date_precision", "gender",
            "postal_code", "language", "is_unknown", "is_medico_legal", "is_deceased", "is_active", "created_at",
            "updated_at", "version"]  # fmt: skip


class _Nowhere:
    async def send(self, message: Email | TextMessage) -> None:
        raise AssertionError("nothing is sent here")


def _names(chance: random.Random, count: int) -> list[str]:
    made = set()
    while len(made) < count:
        made.add("".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(chance.choice((2, 3)))))
    return sorted(made)


async def fill(owner: "asyncpg.Connection[asyncpg.Record]", organization_id: UUID, count: int) -> int:
    """Patients and their phones; answers how many were registered twice."""
    chance = random.Random(1)
    given, family = _names(chance, 800), _names(chance, 400)
    # Some names are common: the first tenth of each list is borne by half.
    pick = lambda names: names[int(len(names) * chance.random() ** 3.3)]  # noqa: E731
    now, people, phones, twice = datetime.now(UTC), [], [], 0
    surname, phone, pin = "", "", ""
    while len(people) < count:
        if len(people) % 3 == 0:
            surname, phone, pin = pick(family), f"+91{6_000_000_000 + len(people)}", str(411_000 + chance.randrange(60))
        name, born = f"{pick(given)} {surname}", date(1940, 1, 1) + timedelta(chance.randrange(31_000))
        precision = "day" if chance.random() < 0.67 else "year"
        gender = chance.choice(("male", "female"))
        again = chance.random() < TWICE
        twice += again
        for spelt in (name, name.replace("a", "aa", 1)) if again else (name,):
            id_ = new_id()
            people.append((organization_id, id_, f"B-{len(people):07d}", spelt.title(), spelt,
                           born if precision == "day" else date(born.year, 1, 1), precision, gender, pin, "en", False,
                           False, False, True, now, now, 1))  # fmt: skip
            phones.append((organization_id, new_id(), id_, phone, phone, 0, now))
    await owner.execute("ALTER TABLE patients NO FORCE ROW LEVEL SECURITY")  # COPY takes none with it
    await owner.execute("ALTER TABLE patient_phones NO FORCE ROW LEVEL SECURITY")
    await owner.copy_records_to_table("patients", records=people, columns=_COLUMNS)
    await owner.copy_records_to_table(
        "patient_phones", records=phones,
        columns=["organization_id", "id", "patient_id", "number", "e164", "position", "created_at"],
    )  # fmt: skip
    await owner.execute("ALTER TABLE patients FORCE ROW LEVEL SECURITY")
    await owner.execute("ALTER TABLE patient_phones FORCE ROW LEVEL SECURITY")
    await owner.execute("ANALYZE patients; ANALYZE patient_phones")
    return twice


async def measure(config: Settings, count: int) -> None:
    database = Database(config.role_url(APP_ROLE), pool_size=4)
    owner = await asyncpg.connect(dsn(config.role_url(OWNER_ROLE)))
    async with database.transaction() as session:
        hospital = Organization(name="Hospital of the bench", code="BN")
        session.add(hospital)
        await session.flush()
    twice = await fill(owner, hospital.id, count)
    work = Work(database, SystemClock(), _Nowhere(), _Nowhere(), "", config.keys)
    first = await _timed(lambda: find_duplicates(work))
    await owner.execute("ANALYZE patient_match_keys; ANALYZE patient_duplicates")
    idle = await _timed(lambda: find_duplicates(work))
    ids = [row["id"] for row in await owner.fetch("SELECT id FROM patients ORDER BY random() LIMIT 200")]
    one = []
    for id_ in ids:
        async with work.context(hospital.id, "bench") as ctx:
            one.append(await _timed(lambda: refresh(ctx, [id_])))  # noqa: B023 - awaited at once
    page = []
    for skip in range(0, 1000, 50):
        async with work.context(hospital.id, "bench") as ctx:
            page.append(await _timed(lambda: listed(ctx, "open", Paging(skip=skip, limit=50))))  # noqa: B023
    keys = await owner.fetchval("SELECT count(*) FROM patient_match_keys")
    found = await owner.fetchval("SELECT count(*) FROM patient_duplicates")
    print(f"patients {count}, registered twice {twice}, keys {keys}, pairs listed {found}")
    print(f"all compared, first time   {first:8.1f} s  ({first / count * 1e6:.0f} µs a patient)")
    print(f"nothing to do              {idle:8.3f} s")
    print(f"one changed, median / p99  {statistics.median(one) * 1e3:8.1f} / {sorted(one)[-2] * 1e3:.1f} ms")
    print(f"a page of 50, median / max {statistics.median(page) * 1e3:8.1f} / {max(page) * 1e3:.1f} ms")
    await owner.close()
    await database.dispose()


async def _timed(do: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await do()
    return time.perf_counter() - begun


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    keys = Keys(bytes(range(32)))
    with tempfile.TemporaryDirectory(prefix="arogya-bench-") as folder, EmbeddedPostgres(Path(folder)) as server:
        roles.provision(server.url(), keys, "bench")
        config = Settings(database_url=server.url(database="bench"), secret_key=keys.hex, data_dir=Path(folder))
        migrate.upgrade(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))
        asyncio.run(measure(config, count))


if __name__ == "__main__":
    main()

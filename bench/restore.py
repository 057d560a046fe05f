"""`python -m bench.restore [--people N]`: how long it takes to go back to a moment in a gigabyte of data.

A base backup is taken, a part of the data changed, the moment noted, more changed; then `arogya restore --to` runs as
an operator runs it, and what it brings back is looked at.
"""

import argparse
import asyncio
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from arogya.backup import take_base_now
from arogya.demo import fill
from arogya.launch import database
from arogya.platform.postgres.archive import Archive, mark_of
from arogya.platform.postgres.archivist import Archivist, received
from arogya.platform.settings import Settings
from bench import crowd, results

PEOPLE = 250_000
CHANGED = "UPDATE patients SET version = version + 1 WHERE mrn LIKE 'NH-%'"
COUNT = "SELECT (SELECT count(*) FROM patients), (SELECT sum(version) FROM patients)"


async def prepare(url: str, people: int) -> None:
    to = await asyncpg.connect(url)
    organization = await to.fetchval("SELECT id FROM organizations ORDER BY created_at, id LIMIT 1")
    await crowd.fill(to, organization, people)
    await to.execute("CHECKPOINT")
    await to.close()


async def ask(url: str, query: str) -> asyncpg.Record | None:
    to = await asyncpg.connect(url)
    try:
        return await to.fetchrow(query)
    finally:
        await to.close()


def drill(folder: Path, people: int) -> tuple[float, float, float]:
    """GB of data, seconds of the base backup, seconds until the data of the moment are back."""
    chosen = Settings(data_dir=folder, database_url=None)
    with database(chosen) as (running, postgres):
        assert postgres
        fill(running, lambda *_: None)
        url = postgres.url(database="arogya")
        asyncio.run(prepare(url, people))
        size = asyncio.run(ask(url, "SELECT pg_database_size('arogya') / 1e9::float8"))
        assert size
        archive = Archive(running.archive_folder)
        archivist = Archivist(postgres, archive, key=mark_of(running.keys), keep=dt.timedelta(days=7))
        archivist.begin()
        while not (archive.status.exists() and received(postgres.url(), 0)):
            time.sleep(0.1)
        began = time.monotonic()
        take_base_now(chosen)
        base = time.monotonic() - began
        asyncio.run(ask(url, CHANGED))
        before = asyncio.run(ask(url, COUNT))
        time.sleep(1.1)
        moment = dt.datetime.now(dt.UTC)
        time.sleep(1.1)
        asyncio.run(ask(url, CHANGED))
        archivist.stop()
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "arogya", "restore", "--to", f"{moment:%F %H:%M:%S}+00:00"], check=True,
        env=os.environ | {"AROGYA_DATA_DIR": str(folder)},
    )  # fmt: skip
    took = time.monotonic() - began
    with database(chosen) as (_, postgres):
        assert postgres
        if asyncio.run(ask(postgres.url(database="arogya"), COUNT)) != before:
            raise SystemExit("What came back is not what was there.")
    return float(size[0]), base, took


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.restore")
    asked.add_argument("--people", type=int, default=PEOPLE)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        size, base, took = drill(Path(name) / "var", told.people)
    print(f"{size:.2f} GB: base backup in {base:.0f} s, back to the moment in {took:.0f} s")
    if size >= 1:
        results.keep({"restore_1gb_s": round(took)})


if __name__ == "__main__":
    main()

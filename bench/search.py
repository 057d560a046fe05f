"""`python -m bench.search`: finding one of a million patients of one hospital through the API, one search at a time.

Sign-in, row security, spelling variants and the audit row included. What is typed: the 20 commonest beginnings (of two
and three letters) and words, two words, two beginnings, phones, UHIDs, ABHA numbers, other spellings. `--folder` keeps
the million for the next run.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import asyncpg

from arogya.demo import fill, is_needed
from arogya.launch import database
from arogya.platform.settings import Settings
from bench import crowd, results
from bench.__main__ import PORT, sign_in, wait_for

PEOPLE = 1_000_000
ROUNDS = 3
_BEGINNINGS = """SELECT left(split_part(sort_name, ' ', 1), $2) AS typed FROM patients TABLESAMPLE SYSTEM (2)
    WHERE organization_id = $1 AND sort_name ~ '^[a-z]' GROUP BY 1 ORDER BY count(*) DESC LIMIT 20"""
_WORDS = """SELECT word AS typed FROM patients TABLESAMPLE SYSTEM (2), unnest(string_to_array(sort_name, ' ')) word
    WHERE organization_id = $1 AND word ~ '^[a-z]{2}' GROUP BY 1 ORDER BY count(*) DESC LIMIT 20"""
_SOME = """SELECT p.name, p.mrn, ph.number AS phone, i.value AS abha FROM patients p TABLESAMPLE SYSTEM (0.5)
    JOIN patient_phones ph ON ph.organization_id = p.organization_id AND ph.patient_id = p.id
    JOIN patient_identifiers i ON i.organization_id = p.organization_id AND i.patient_id = p.id
    WHERE p.organization_id = $1 AND p.name ~ '^[A-Za-z ]+$' LIMIT 40"""


async def prepare(url: str, people: int) -> dict[str, list[str]]:
    """Fill the demo's hospital up, unless it is full; and what will be typed."""
    to = await asyncpg.connect(url)
    organization = await to.fetchval(
        "SELECT organization_id FROM memberships JOIN login_identifiers l USING (user_id) WHERE l.value = 'reception'"
    )
    there = await to.fetchval("SELECT count(*) FROM patients WHERE organization_id = $1", organization)
    if there < people:
        began = time.monotonic()
        await crowd.fill(to, organization, people - there)
        print(f"{people - there:,} patients made in {time.monotonic() - began:.0f} s", flush=True)
    chance = random.Random(3)
    typed = {
        f"{length} letters": [r["typed"] for r in await to.fetch(_BEGINNINGS, organization, length)]
        for length in (2, 3)
    }
    typed["a word"] = [r["typed"] for r in await to.fetch(_WORDS, organization)]
    some = await to.fetch(_SOME, organization)
    names = [[word.lower() for word in r["name"].split() if len(word) > 1] for r in some]
    typed["two words"] = [" ".join(name) for name in names]
    typed["two commonest words"] = [" ".join(chance.sample(typed["a word"], 2)) for _ in range(20)]
    typed["two beginnings"] = [" ".join(word[:3] for word in reversed(name)) for name in names]
    typed["another spelling"] = [" ".join(word.replace("sh", "s").replace("v", "w") + "a" for word in n) for n in names]
    typed["phone"] = [r["phone"] for r in some]
    typed["end of a phone"] = [r["phone"][-4:] for r in some]
    typed["UHID"] = [r["mrn"] for r in some]
    typed["ABHA"] = [r["abha"] for r in some]
    await to.close()
    return typed


def measure(typed: dict[str, list[str]]) -> dict[str, list[float]]:
    token = sign_in()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    asked = [(kind, text) for kind, texts in typed.items() for text in texts]
    taken: dict[str, list[float]] = {kind: [] for kind in typed}
    for n in range(ROUNDS + 1):
        random.Random(n).shuffle(asked)
        for kind, text in asked:
            body = json.dumps({"search": text, "limit": 20}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/patients/search", body, headers)
            began = time.perf_counter()
            with urllib.request.urlopen(request) as answer:
                answer.read()
            if n:  # the first round warms the caches that a hospital at work has warm
                taken[kind].append((time.perf_counter() - began) * 1000)
    return taken


def report(taken: dict[str, list[float]]) -> dict[str, Any]:
    for kind, times in taken.items():
        print(
            f"{kind:20} {len(times):4} searches  median {statistics.median(times):6.1f} ms  worst {max(times):6.1f} ms"
        )
    every = sorted(one for times in taken.values() for one in times)
    found = {"search_1m_median_ms": round(statistics.median(every), 1),
             "search_1m_p99_ms": round(every[int(len(every) * 0.99)], 1)}  # fmt: skip
    print(found)
    return found


def run(folder: Path, people: int) -> dict[str, Any]:
    with database(Settings(data_dir=folder, database_url=None)) as (running, postgres):
        assert postgres
        if is_needed(running):
            fill(running, lambda *_: None)
        typed = asyncio.run(prepare(postgres.url(database="arogya"), people))
        env = os.environ | {"DATABASE_URL": str(running.database_url), "AROGYA_DATA_DIR": str(folder)}
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1", "--port", str(PORT),
                   "--log-level", "error", "--factory", "arogya.app:create_app"]  # fmt: skip
        server = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        try:
            wait_for("/healthz")
            return report(measure(typed))
        finally:
            server.terminate()
            server.wait(20)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.search")
    asked.add_argument("--people", type=int, default=PEOPLE)
    asked.add_argument("--folder", type=Path, help="Keep the data here; without it they go at the end.")
    told = asked.parse_args()
    if told.folder:
        found = run(told.folder, told.people)
    else:
        with tempfile.TemporaryDirectory() as name:
            found = run(Path(name) / "var", told.people)
    if told.people == PEOPLE:
        results.keep(found)


if __name__ == "__main__":
    main()

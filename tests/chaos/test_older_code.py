"""The code of before the newest migration serves while that runs, and today's code beside it, on one database."""

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from arogya.platform import migrate
from arogya.platform.postgres import EmbeddedPostgres
from tests.chaos.scale import LONG, report
from tests.factories.patients import a_patient
from tests.program import ROOT, Arogya, clean_environment, end, eventually

KEY = {"AROGYA_SECRET_KEY": "07" * 32}
DESKS = 6
ROUNDS_AFTER = 5

pytestmark = pytest.mark.skipif(not LONG, reason="make chaos only: it needs the repository's history")


def git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Path]:
    """A checkout of the commit before the one that brought the newest migration."""
    brought = git(
        "log", "--diff-filter=A", "--format=%H", "-1", "--", f"arogya/migrations/versions/{migrate.newest()}_*"
    )
    assert brought, "the newest migration is not committed yet"
    folder = tmp_path / "older"
    git("worktree", "add", "--detach", str(folder), f"{brought}~1")
    shutil.copytree(ROOT / "arogya" / "_web", folder / "arogya" / "_web")
    yield folder
    git("worktree", "remove", "--force", str(folder))


def prepare(root: Path, url: str, data_dir: Path) -> None:
    told = KEY | {"PYTHONPATH": str(root), "AROGYA_DATA_DIR": str(data_dir), "DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-m", "arogya", "db", "init"], cwd=root, capture_output=True, text=True, check=False,
        env=clean_environment() | told,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


async def version(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()


class Desk:
    """One clerk of the demo, at one of the programs."""

    def __init__(self, arogya: Arogya) -> None:
        self._client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{arogya.port}", timeout=60)
        self.statuses: Counter[int] = Counter()

    async def sign_in(self) -> None:
        body = {"username": "reception", "password": "arogya-demo", "client": "api"}
        answer = await self._client.post("/api/auth/login", json=body)
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._branch = (await self._client.get("/api/me")).json()["facilities"][0]["id"]

    async def a_round(self) -> None:
        name, key = f"Beside Test {uuid4().hex[:8]}", {"Idempotency-Key": uuid4().hex}
        made = await self._client.post("/api/patients", json=a_patient(name=name), headers=key)
        self.statuses[made.status_code] += 1
        if made.status_code == 201:
            found = await self._client.get(f"/api/patients/{made.json()['id']}")
            self.statuses[found.status_code] += 1
        for path in ("/api/appointments/today", "/api/queue", "/api/practitioners-today"):
            answer = await self._client.get(path, params={"facility_id": self._branch})
            self.statuses[answer.status_code] += 1


async def test_code_of_before_serves_through_the_newest_migration(older: Path, tmp_path: Path) -> None:
    with ExitStack() as running:
        server = running.enter_context(EmbeddedPostgres(tmp_path / "server"))
        owner = server.url(database="arogya")
        prepare(older, owner, tmp_path / "a" / "var")
        found = server.url("arogya_app", database="arogya")

        def start(root: Path, name: str) -> Arogya:
            (tmp_path / name).mkdir(exist_ok=True)
            data_dir = tmp_path / name / "var"
            one = Arogya(data_dir, "demo", root=root, PYTHONPATH=str(root), DATABASE_URL=found, **KEY)
            running.callback(end, one)
            assert eventually(one.is_ready), one.said
            return one

        before = start(older, "a")
        desks = [Desk(before) for _ in range(DESKS)]
        for desk in desks:
            await desk.sign_in()
        over = asyncio.Event()

        async def work(desk: Desk) -> None:
            rounds_after = 0
            while rounds_after < ROUNDS_AFTER:
                rounds_after += over.is_set()
                await desk.a_round()

        working = [asyncio.create_task(work(desk)) for desk in desks]
        await asyncio.sleep(2)
        assert await version(owner) != migrate.newest()
        await asyncio.to_thread(prepare, ROOT, owner, tmp_path / "b" / "var")
        assert await version(owner) == migrate.newest()
        beside = Desk(await asyncio.to_thread(start, ROOT, "b"))
        await beside.sign_in()
        for _ in range(ROUNDS_AFTER):
            await beside.a_round()
        over.set()
        await asyncio.gather(*working)
        statuses: Counter[int] = sum((one.statuses for one in [*desks, beside]), Counter())
    print(f"{migrate.newest()} under the code of before it and today's beside: {dict(statuses)}")
    assert statuses.keys() <= {200, 201}, statuses
    report("older", answers=statuses.total())

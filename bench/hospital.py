"""The demo hospital with the whole product at work on it (server, worker, database), and people who are signed in."""

import asyncio
import os
import random
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from arogya.demo import fill
from arogya.launch import database
from arogya.modules.identity.api import mint_access_token
from arogya.platform.access import Claims
from arogya.platform.settings import Settings
from arogya.policy import ROLE_PERMISSIONS, Permission, Role

READY_WITHIN_S = 120
_STAFF = """SELECT DISTINCT m.user_id, m.role FROM memberships m JOIN login_identifiers l ON l.user_id = m.user_id
    WHERE m.organization_id = $1 AND (m.facility_id IS NULL OR m.facility_id = $2) AND m.role NOT IN ('patient')
    AND m.valid_until IS NULL ORDER BY 1, 2"""
_AT_WORK = """SELECT EXISTS (SELECT 1 FROM outbox_events WHERE done_at IS NULL AND parked_at IS NULL) OR EXISTS (
    SELECT 1 FROM procrastinate_jobs
    WHERE status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now()))"""
_SESSION = """INSERT INTO sessions (id, user_id, organization_id, client, n, token_hash, rotated_at, device_hash,
    user_agent, address, created_at, last_seen_at, expires_at, opened_by)
    VALUES ($1, $2, $3, 'api', 0, $4, $5, $4, 'bench', '', $5, $5, $6, 'password')"""


@dataclass
class Demo:
    """The filled hospital. url: of a superuser, for looking and for undoing."""

    running: Settings
    url: str
    folder: Path


@dataclass(frozen=True)
class Person:
    """Someone of the staff on one device."""

    role: Role
    token: str

    def may(self, permission: Permission) -> bool:
        return permission in ROLE_PERMISSIONS[self.role]


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    settings = Settings(data_dir=folder / "var", database_url=None)
    with database(settings) as (running, postgres):
        assert postgres
        fill(running, lambda *_: None)
        asyncio.run(_note_commits(postgres.url(database="arogya")))
    with database(settings) as (running, postgres):
        assert postgres
        yield Demo(running, postgres.url(database="arogya"), folder)


async def _note_commits(url: str) -> None:
    """From its next start on PostgreSQL keeps when each transaction was committed."""
    to = await asyncpg.connect(url)
    await to.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await to.close()


@contextmanager
def serving(at: Demo, processes: int = 1) -> Iterator[tuple[int, int]]:
    """`arogya serve` on that hospital, as an operator starts it: its port, and its process."""
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": str(at.running.database_url), "AROGYA_DATA_DIR": str(at.folder / "var"), "PORT": str(port),
        "AROGYA_SERVER_PROCESSES": str(processes),
    }  # fmt: skip
    with (at.folder / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "arogya", "serve"], env=env, stdout=log, stderr=log)
    try:
        wait_until_ready(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(60)


def wait_until_ready(port: int, server: subprocess.Popen[bytes], within_s: float = READY_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("The server did not come up.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def sign_in(at: Demo, organization_id: UUID, facility_id: UUID, count: int) -> list[Person]:
    """So many sessions of the staff of one branch, all roles in turn; by the key: passwords take their time."""
    to = await asyncpg.connect(at.url)
    now = datetime.now(UTC)
    staff = [(row["user_id"], Role(row["role"])) for row in await to.fetch(_STAFF, organization_id, facility_id)
             if row["role"]]  # fmt: skip
    by_role: dict[Role, list[UUID]] = {}
    for user_id, role in staff:
        by_role.setdefault(role, []).append(user_id)
    chance, people = random.Random(5), []
    for n in range(count):
        role = sorted(by_role)[n % len(by_role)]
        session_id, user_id = uuid4(), chance.choice(by_role[role])
        await to.execute(_SESSION, session_id, user_id, organization_id, secrets.token_bytes(32), now,
                         now + timedelta(days=1))  # fmt: skip
        claims = Claims("user", user_id, session_id, organization_id)
        people.append(Person(role, mint_access_token(at.running.keys, claims, now, timedelta(hours=6))))
    await to.close()
    return people


async def at_rest(at: Demo) -> None:
    """Until every event was delivered and no job is due, so that no run pays for the one before."""
    to = await asyncpg.connect(at.url)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and await to.fetchval(_AT_WORK):
        await asyncio.sleep(0.25)
    await to.close()


def percentiles(seconds: list[float]) -> dict[str, float]:
    """In milliseconds."""
    ordered = sorted(seconds)
    return {f"p{q}_ms": round(1000 * ordered[min(len(ordered) - 1, len(ordered) * q // 100)], 1) for q in (50, 95, 99)}


async def where(at: Demo) -> tuple[Any, Any]:
    """The hospital and the branch of the demo's front desk."""
    to = await asyncpg.connect(at.url)
    row = await to.fetchrow("""SELECT m.organization_id AS o, coalesce(m.facility_id, (SELECT id FROM facilities f
        WHERE f.organization_id = m.organization_id ORDER BY created_at, id LIMIT 1)) AS f FROM memberships m
        JOIN login_identifiers l ON l.user_id = m.user_id WHERE l.value = 'reception'""")
    await to.close()
    return row["o"], row["f"]

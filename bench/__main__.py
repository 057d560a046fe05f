"""`python -m bench`: the product beside both floors on one PostgreSQL, its start and its idle memory."""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from arogya.demo import fill
from arogya.launch import database
from arogya.platform.settings import Settings
from bench import plan, processes, results
from bench.without import DUTIES

PORT = 8199
PRODUCT, FLOOR, DURABLE = "product", "floor", "durable floor"
TARGETS = {PRODUCT: "bench.without:create_app", FLOOR: "bench.floor:app", DURABLE: "bench.floor:app"}
WITHOUT = "product without "


def wait_for(path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}").close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"Nothing answered at {path} within a minute.")


def sign_in() -> str:
    body = json.dumps({"username": "reception", "password": "arogya-demo", "client": "api"}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/api/auth/login", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def run(name: str, requests: list[dict[str, Any]], environment: dict[str, str], folder: Path) -> dict[str, Any]:
    env = os.environ | environment | {"DURABLE": "1" if name == DURABLE else "0"}
    is_product, left_out = name.startswith(PRODUCT), name.removeprefix(WITHOUT) if name.startswith(WITHOUT) else ""
    env["WITHOUT"] = left_out
    if left_out == "row-security":
        env["DATABASE_URL"] = env["DATABASE_APP_URL"] = environment["FLOOR_URL"]
    factory = ["--factory"] if is_product else []
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1", "--port", str(PORT),
               "--backlog", "2048", "--backpressure", "2048", "--log-level", "error",
               *factory, TARGETS[PRODUCT if is_product else name]]  # fmt: skip
    server = subprocess.Popen(command, env=env, stderr=(folder / "server.log").open("wb"))
    try:
        wait_for("/healthz" if is_product else "/docs")
        file = folder / "plan.json"
        file.write_text(json.dumps({"token": sign_in() if is_product else "", "requests": requests}))
        before = processes.cpu_s(server.pid)
        said = subprocess.run([sys.executable, "-m", "bench.client", str(PORT), file], capture_output=True, check=True)
        cpu = processes.cpu_s(server.pid) - before
    finally:
        server.terminate()
        server.wait(20)
    found = json.loads(said.stdout)
    errors = sum(n for what, n in found["seen"].items() if what.split()[1] not in {"200", "201"})
    return {"req_s": len(requests) / found["seconds"], "cpu_ms": 1000 * cpu / len(requests), "errors": errors,
            "seen": found["seen"], "load": os.getloadavg()[0]}  # fmt: skip


async def hospital(url: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """What the floor is told of the demo's reception, and what is asked of both."""
    to = await asyncpg.connect(url)
    row = await to.fetchrow("""SELECT m.user_id AS u, m.organization_id AS o,
        coalesce(m.facility_id, (SELECT id FROM facilities f WHERE f.organization_id = m.organization_id
        ORDER BY created_at, id LIMIT 1)) AS f FROM memberships m
        JOIN login_identifiers l ON l.user_id = m.user_id WHERE l.value = 'reception'""")
    made = await plan.requests(to, row["o"], row["f"])
    await to.close()
    told = {"FLOOR_URL": url, "FLOOR_ORGANIZATION": row["o"], "FLOOR_FACILITY": row["f"], "FLOOR_USER": row["u"]}
    return {name: str(value) for name, value in told.items()}, made


async def forget(url: str, began: Any) -> None:
    """Each run finds the same data: what the last one booked goes."""
    to = await asyncpg.connect(url)
    for table in ("queue_tokens", "appointments", "audit_entries", "outbox_events", "idempotency_keys"):
        column = "at" if table == "audit_entries" else "created_at"
        await to.execute(f"DELETE FROM {table} WHERE {column} > $1", began)
    await to.close()


def mix(folder: Path, runs: int, names: Iterable[str] = TARGETS) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with database(Settings(data_dir=folder / "var", database_url=None)) as (running, postgres):
        assert postgres
        fill(running, lambda *_: None)
        url = postgres.url(database="arogya")
        floors, requests = asyncio.run(hospital(url))
        began = datetime.now(UTC)
        env = {"DATABASE_URL": str(running.database_url), "AROGYA_DATA_DIR": str(folder / "var")} | floors
        for _ in range(runs):
            for name, results in found.items():
                results.append(run(name, requests, env, folder))
                asyncio.run(forget(url, began))
                print(name, results[-1], flush=True)
    return found


def start_and_idle(folder: Path) -> tuple[float, float]:
    env = os.environ | {"AROGYA_DATA_DIR": str(folder / "var"), "PORT": str(PORT)}
    began = time.monotonic()
    server = subprocess.Popen([sys.executable, "-m", "arogya", "serve"], env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for("/")
        warm = time.monotonic() - began
        time.sleep(8)
        return warm, processes.pss_mb(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def costs(runs: int) -> int:
    """What sign-in, row security, audit and outbox take of a request, each by leaving it out."""
    with tempfile.TemporaryDirectory() as name:
        found = mix(Path(name), runs, [PRODUCT, *(f"{WITHOUT}{duty}" for duty in DUTIES)])
    for name, each in found.items():
        req_s, cpu = (sorted(one[of] for one in each) for of in ("req_s", "cpu_ms"))
        print(f"{name:30} {statistics.median(req_s):7.0f} req/s {statistics.median(cpu):6.2f} ms CPU/request "
              f"({cpu[0]:.2f} to {cpu[-1]:.2f}) {sum(o['errors'] for o in each)} errors")  # fmt: skip
    return 0


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench")
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--costs", action="store_true", help="only the product, whole and with one duty left out")
    told = asked.parse_args()
    runs = told.runs
    if told.costs:
        return costs(runs)
    with tempfile.TemporaryDirectory() as name:
        found = mix(Path(name), runs)
        warm, memory = start_and_idle(Path(name))
    median = {name: statistics.median(one["req_s"] for one in each) for name, each in found.items()}
    for name, each in found.items():
        cpu = statistics.median(one["cpu_ms"] for one in each)
        print(f"{name:14} {median[name]:7.0f} req/s {cpu:6.2f} ms CPU/request {sum(o['errors'] for o in each)} errors")
    errors = sum(one["errors"] for one in found[PRODUCT])
    summary = {
        "mix_share_of_floor": round(median[PRODUCT] / median[FLOOR], 3),
        "mix_share_of_durable_floor": round(median[PRODUCT] / median[DURABLE], 3),
        "mix_errors": errors, "idle_memory_mb": round(memory), "warm_start_s": round(warm, 2),
    }  # fmt: skip
    print(summary)
    results.keep(summary | {"runs": found})
    return 1 if any(one["errors"] for each in found.values() for one in each) else 0


if __name__ == "__main__":
    sys.exit(main())

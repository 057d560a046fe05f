"""`python -m bench.short`: the mix in a minute, for `make test` to see whether the product has become slower.

What is compared is the processor's time of the server's processes for a request, the floor's against the product's, in
runs that follow each other: unlike requests a second it stays the same when other programs want the machine too.
`--record` keeps the median as what the test goes by.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from arogya.demo import fill
from arogya.launch import database
from arogya.platform.settings import Settings
from bench import plan
from bench.__main__ import FLOOR, PRODUCT, forget, hospital, run

REQUESTS = 200
AT_ONCE = 16
"""As many as the product works on at once: more would wait in line, and be shed where the machine is slow."""
RECORDED = Path(__file__).parent / "recorded.json"
TOO_SLOW = 0.7
"""Below so much of the recorded share the product has become slower; above, it may be the machine."""
MOST_TURNED_AWAY = 0.05
"""A busy machine may have some told to come again; many would make the product look cheap."""

Run = Callable[[str], dict[str, Any]]


@contextmanager
def runs(folder: Path) -> Iterator[Run]:
    """What measures one of the bench's targets, each time on the same data."""
    with database(Settings(data_dir=folder / "var", database_url=None)) as (running, postgres):
        assert postgres
        fill(running, lambda *_: None)
        url = postgres.url(database="arogya")
        plan.REQUESTS = REQUESTS
        floors, requests = asyncio.run(hospital(url))
        began = datetime.now(UTC)
        env = {"DATABASE_URL": str(running.database_url), "AROGYA_DATA_DIR": str(folder / "var")} | floors

        def one(name: str) -> dict[str, Any]:
            with patch.dict(os.environ, BENCH_CONNECTIONS=str(AT_ONCE)):
                found = run(name, requests, env, folder)
            asyncio.run(forget(url, began))
            return found

        yield one


def cpu_share(one: Run) -> float:
    """The floor's processor time for a request, of the product's in the run after it."""
    floor, product = one(FLOOR), one(PRODUCT)
    wrong = [what for what in product["seen"] if what.split()[1] not in {"200", "201", "503"}]
    if wrong or product["errors"] > MOST_TURNED_AWAY * REQUESTS:
        raise SystemExit(f"The product did not do its work: {product['seen']}")
    return float(floor["cpu_ms"] / product["cpu_ms"])


def recorded() -> dict[str, float]:
    found: dict[str, float] = json.loads(RECORDED.read_text())
    return found


def bar() -> float:
    return TOO_SLOW * recorded()["cpu_share_of_floor"]


def is_too_slow(one: Run) -> tuple[bool, list[float]]:
    """Whether two of three runs are below the bar; a third only where two disagree."""
    shares = [cpu_share(one), cpu_share(one)]
    if (shares[0] < bar()) != (shares[1] < bar()):
        shares.append(cpu_share(one))
    return sum(share < bar() for share in shares) >= 2, shares


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.short")
    asked.add_argument("--record", action="store_true")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, runs(Path(name)) as one:
        shares = [cpu_share(one) for _ in range(5)]
    share = round(statistics.median(shares), 3)
    print(f"processor time of the floor by the product's: {share} (runs {', '.join(f'{s:.3f}' for s in shares)})")
    if told.record:
        RECORDED.write_text(json.dumps(recorded() | {"cpu_share_of_floor": share}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

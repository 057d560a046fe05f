"""The product keeps its distance to the floor: below 0.7 of the recorded share in two of three runs it has become slow.

By the processor's time and not by the clock: another worker's tests have the other half of the machine meanwhile.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from bench import __main__ as bench
from bench import plan, short
from tests.journeys.conftest import free_port


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[short.Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "PORT", free_port())
        patch.setattr(plan, "REQUESTS", short.REQUESTS)
        for name in ("DATABASE_URL", "AROGYA_DATA_DIR", "AROGYA_SECRET_KEY"):
            patch.delenv(name, raising=False)
        with short.runs(tmp_path_factory.mktemp("bench")) as one:
            yield one


def test_product_is_as_fast_as_recorded(one_run: short.Run) -> None:
    is_too_slow, shares = short.is_too_slow(one_run)
    assert not is_too_slow, f"of the floor: {shares}, recorded {short.recorded()['cpu_share_of_floor']}"


def test_control_product_that_wastes_the_processor_is_found_out(
    one_run: short.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bench.TARGETS, bench.PRODUCT, "tests.bench.slowed:create_app")
    assert short.cpu_share(one_run) < short.bar()


@pytest.mark.parametrize(
    ("runs", "is_too_slow", "counted"),
    [("good good", False, 2), ("slow slow", True, 2), ("slow good good", False, 3), ("good slow slow", True, 3)],
)
def test_two_of_three_runs_decide(runs: str, is_too_slow: bool, counted: int) -> None:
    """One slow run may be the machine."""
    cost = {"good": 1 / short.bar() - 0.01, "slow": 1 / short.bar() + 0.01}
    to_come = [cost[one] for one in runs.split()]

    def run(name: str) -> dict[str, Any]:
        cpu_ms = 1.0 if name == bench.FLOOR else to_come.pop(0)
        return {"cpu_ms": cpu_ms, "errors": 0, "seen": {"book 201": 9}}

    found, shares = short.is_too_slow(run)
    assert (found, len(shares)) == (is_too_slow, counted)


@pytest.mark.parametrize(("seen", "errors"), [({"book 500": 1}, 1), ({"book 503": 11, "book 201": 189}, 11)])
def test_product_that_does_not_do_its_work_is_not_taken_for_quick(seen: dict[str, int], errors: int) -> None:
    with pytest.raises(SystemExit, match="did not do its work"):
        short.cpu_share(lambda _: {"cpu_ms": 1.0, "errors": errors, "seen": seen})

"""What `make bench` prints at its end, and that it fails where a bar is missed."""

from pathlib import Path

import pytest

from bench import results, table, users

BENCH = Path(table.__file__).parent
HELD = {bar.name: bar.bar for bar in table.BARS}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "FILE", tmp_path / "results.json")
    return results.FILE


def test_all_that_is_held_passes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results.keep(HELD)
    assert table.main() == 0
    assert capsys.readouterr().out.count(" held ") == len(table.BARS)


@pytest.mark.parametrize("bar", table.BARS, ids=lambda bar: bar.name)
def test_one_that_is_missed_fails(file: Path, capsys: pytest.CaptureFixture[str], bar: table.Bar) -> None:
    worse = -1e-6 if bar.name == "mix_share_of_floor" else 1e-6
    results.keep(HELD | {bar.name: bar.bar + worse})
    assert table.main() == 1
    (line,) = (line for line in capsys.readouterr().out.splitlines() if table.MISSED in line)
    assert line.endswith(bar.what)


def test_newest_figure_of_a_name_stays_with_its_moment(file: Path) -> None:
    results.keep({"warm_start_s": 1.8})
    results.keep({"make_run_s": 50})
    figures, moments = results.newest()
    assert figures == {"warm_start_s": 1.8, "make_run_s": 50}
    assert moments.keys() == figures.keys()


def test_each_bar_has_a_part_that_measures_it() -> None:
    parts = "".join(file.read_text() for file in BENCH.glob("*.py") if file.name != "table.py")
    measured = {*users.flat({"users": {50: [LEVEL], 200: [LEVEL], 500: [LEVEL]}, "overload": [RUSH]})}
    assert [bar.name for bar in table.BARS if bar.name not in measured and f'"{bar.name}"' not in parts] == []


LEVEL = {"p50_ms": 10.0, "p99_ms": 20.0, "errors": 3}
RUSH = {"neither": {"book 500": 2}, "accepted": {"p99_ms": 900.0}, "recovered_s": 1}


def test_people_at_work_in_figures() -> None:
    slowest = {"accepted": {"p99_ms": 950.0}, "recovered_s": 4}
    found = {"users": {200: [LEVEL, LEVEL], 500: [LEVEL, LEVEL]}, "overload": [RUSH, RUSH | slowest]}
    assert users.flat(found) == {
        "users_200_p50_ms": 10.0, "users_200_p99_ms": 20.0, "errors_200_users": 6,
        "users_500_p50_ms": 10.0, "users_500_p99_ms": 20.0, "errors_500_users": 6,
        "overload_lost": 4, "overload_accepted_p99_ms": 950.0, "overload_recovered_s": 4,
    }  # fmt: skip

"""The web client: its types, its rules, its own tests, and that it was made from the API that is there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import openapi

ROOT = Path(__file__).parent.parent


@pytest.fixture
def npm() -> str:
    found = shutil.which("npm")
    if not found:
        pytest.fail("The web client's tests need Node.js with npm: https://nodejs.org")
    return found


def run(npm: str, *script: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [npm, "run", "--silent", *script], cwd=ROOT / "web", check=False, text=True, timeout=600,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("script", [["check"], ["test"], ["api", "--", "--check"], ["weight"]], ids=" ".join)
def test_web_client_passes(npm: str, script: list[str]) -> None:
    done = run(npm, *script)
    assert done.returncode == 0, done.stdout


def test_control_page_over_its_weight_is_named(npm: str) -> None:
    done = run(npm, "weight", "--", "200")
    assert done.returncode == 1
    assert "Over the bar: staff" in done.stdout
    assert "patient" not in done.stdout.rpartition("Over the bar")[2]


def test_description_of_the_api_is_the_one_that_the_client_was_made_from() -> None:
    assert openapi.described() == openapi.KEPT.read_text(), "run `make api` and commit what changes"

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


@pytest.mark.slow
@pytest.mark.parametrize("script", [["check"], ["test"], ["api", "--", "--check"]], ids=" ".join)
def test_web_client_passes(npm: str, script: list[str]) -> None:
    done = subprocess.run(
        [npm, "run", "--silent", *script], cwd=ROOT / "web", check=False, text=True, timeout=600,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_description_of_the_api_is_the_one_that_the_client_was_made_from() -> None:
    assert openapi.described() == openapi.KEPT.read_text(), "run `make api` and commit what changes"

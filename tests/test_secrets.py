"""No secret lies in the repository, and what must be kept is kept where only its owner reads it."""

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from arogya.lan import certificate_for_lan
from arogya.platform.keys import Keys

ROOT = Path(__file__).parent.parent
KNOWN_KINDS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{20}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}"
    r"|xox[abpr]-[0-9A-Za-z-]{20,}|sk_live_[0-9A-Za-z]{20,}|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"
    r"|postgres(?:ql)?://\w+:(?!password\b|p@|secret\b|\{|\.\.\.|…|wrong\b|x\b|pw\b)[^\s@'\"{]{8,}@(?!localhost|127\.)"
)
ASSIGNED = re.compile(
    r"(?i)(?:secret|passw(?:or)?d|api_?key|token)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/=_-]{24,})[\"']"
)
TEXTS = {".py", ".ts", ".tsx", ".js", ".mjs", ".json", ".md", ".toml", ".yml", ".yaml", ".html", ".sh", ".txt", ""}
EXAMPLES = {"AZDzwnoQfD6aUw1qfxssPSdJ2xqWk0wR8t3yLk5mQpA", "AZjxxKXGfns6nVUMnR4vOk0Rl2uUUaJpXEfQp1nJrTo"}
"""Of links, in the API's description: they open nothing anywhere."""
LOCKS = {"package-lock.json", "requirements.lock", "requirements-dev.lock", "common_passwords.txt"}


def chance_in(word: str) -> float:
    """Bits a letter."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())


def secrets_in(text: str) -> Iterator[str]:
    yield from (found[0][:40] for found in KNOWN_KINDS.finditer(text))
    yield from (found[1] for found in ASSIGNED.finditer(text) if chance_in(found[1]) > 4)


def files() -> list[Path]:
    """What is committed; where there is no git, what a checkout would hold."""
    try:
        said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        found = [ROOT / name for name in said.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [
            one for folder in ("arogya", "tests", "web/src", "docs", "scripts") for one in (ROOT / folder).rglob("*")
        ]
    return [one for one in found if one.is_file() and one.suffix in TEXTS and one.name not in LOCKS]


def test_no_secret_lies_in_the_repository() -> None:
    looked_at = files()
    assert len(looked_at) > 300
    found = {
        str(one.relative_to(ROOT)): told
        for one in looked_at
        if (told := {*secrets_in(one.read_text(errors="replace"))} - EXAMPLES)
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN " + "PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "DATABASE_URL=postgresql://arogya:" + "Kx83jdm2Lq@db.example/arogya",
        'SECRET_KEY = "' + "q8Jx2mZr7Lw4Tn9Vb3Kc6Hd1" + '"',
    ],
)
def test_control_a_planted_secret_is_found(planted: str) -> None:
    assert [*secrets_in(f"# settings\n{planted}\n")]


def test_keys_are_read_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    Keys.kept_in(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
    certificate = certificate_for_lan(tmp_path)
    assert certificate.path.stat().st_mode & 0o777 == 0o600

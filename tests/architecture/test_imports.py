"""Who may import whom is checked on every run, and the check is able to fail."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*program, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_modules_import_only_downwards_and_through_front_doors() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_planted_imports_are_caught(tmp_path: Path) -> None:
    copy = tmp_path / "tree"
    copy.mkdir()
    subprocess.run(["cp", "-r", str(ROOT / "arogya"), str(copy / "arogya")], check=True)
    planted = copy / "arogya/modules/organizations/planted.py"
    planted.write_text(
        "from arogya.modules.scheduling import api\nfrom arogya.modules.patients.models import Patient\n"
    )
    result = lint(copy)
    assert result.returncode == 1
    assert "Modules look down, never up BROKEN" in result.stdout
    assert "front door is its api and its events BROKEN" in result.stdout

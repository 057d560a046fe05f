"""scripts/setup.py: what a newcomer sees while it works, and the one sentence where it can't."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = Path(__file__).parent.parent / "scripts" / "setup.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(SETUP, tmp_path / "scripts")
    (tmp_path / "requirements.lock").write_text("one==1 \\\n    --hash=sha256:aa\n")
    (tmp_path / "requirements-dev.lock").write_text("one==1 \\\n    --hash=sha256:aa\n")
    return tmp_path


def with_programs(folder: Path, **scripts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)


def with_pip(checkout: Path, script: str) -> None:
    """A virtual environment whose python answers as pip would."""
    with_programs(
        checkout / ".venv" / "bin", pip="", python=f'case "$*" in *purelib*) echo {checkout} ;; *) {script} ;; esac'
    )


def set_up(checkout: Path, *steps: str, path: str = "/usr/bin:/bin") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, checkout / "scripts" / "setup.py", *steps], capture_output=True, text=True, check=False,
        env={"PATH": path},
    )  # fmt: skip


def test_what_pip_mutters_is_not_shown_where_all_is_well(checkout: Path) -> None:
    with_pip(checkout, "echo Collecting one==1; echo WARNING: Location is ignored >&2; echo Successfully installed")
    done = set_up(checkout, "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Installing requirements.lock into .venv ...\n"
    assert set_up(checkout, "run").stdout == "", "the second time there is nothing to do"


def test_command_of_the_readme_is_there_in_a_checkout(checkout: Path) -> None:
    with_pip(checkout, "echo $*")
    set_up(checkout, "run")
    said = subprocess.run([checkout / ".venv/bin/arogya", "backup", "a b"], capture_output=True, text=True, check=True)
    assert said.stdout == "-m arogya backup a b\n"


def test_what_pip_complains_of_is_shown_and_then_a_sentence(checkout: Path) -> None:
    with_pip(checkout, "echo WARNING: retrying; echo ERROR: No matching distribution found for one==1; exit 1")
    done = set_up(checkout, "run")
    assert done.returncode == 1
    assert "ERROR: No matching distribution found for one==1" in done.stdout
    assert "WARNING" not in done.stdout
    assert done.stderr.startswith("arogya: requirements.lock could not be installed")
    assert done.stderr.count("\n") == 1


def test_a_full_disk_is_said_as_such(checkout: Path) -> None:
    with_pip(checkout, "echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1")
    assert set_up(checkout, "run").stderr == "arogya: the disk is full: free some space and start again.\n"


def test_an_environment_whose_python_is_gone_is_made_again(checkout: Path) -> None:
    with_pip(checkout, "true")
    assert set_up(checkout, "run").returncode == 0
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").symlink_to(checkout / "gone")
    (checkout / "requirements.lock").write_text("")
    done = set_up(checkout, "run")
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv" / "bin" / "python").exists()


def test_a_missing_node_or_one_too_old_is_said_in_one_sentence(checkout: Path) -> None:
    with_programs(checkout / "old", node="echo v18.19.0", npm="")
    for path, expected in (("none", "is needed to build the web client"), ("old", "this is v18.19.0")):
        done = set_up(checkout, "node_modules", path=str(checkout / path))
        assert done.returncode == 1
        assert expected in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_client_that_is_built_needs_no_node(checkout: Path) -> None:
    (checkout / "web").mkdir()
    (checkout / "web" / "package-lock.json").write_text("{}")
    built = checkout / "arogya" / "_web"
    with_programs(
        checkout / "bin",
        node="echo v22.1.0",
        npm=f"case $1 in ci) mkdir -p node_modules ;; *) mkdir -p {built}; echo > {built}/index.html ;; esac",
    )
    done = set_up(checkout, "web", path=f"{checkout / 'bin'}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    again = set_up(checkout, "web", path=str(checkout / "none"))
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")

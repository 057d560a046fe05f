"""What `pip install dist/arogya-*.whl && arogya demo` brings: the command, all that it needs, the table of sign-ins."""

import subprocess
import sys
from importlib.metadata import Distribution, version
from pathlib import Path

from packaging.requirements import Requirement

from arogya.demo import SIGN_INS
from tests.journeys.conftest import ROOT, Running


def test_demo_prints_its_address_and_a_sign_in_for_each_role(hospital: Running) -> None:
    said = hospital.log.read_text()
    assert hospital.url in said
    assert "Password of each: arogya-demo" in said
    table = said[said.index("Demo sign-ins") :]
    assert {name for _, name in SIGN_INS if f" {name} " in table} == {
        "reception", "doctor", "nurse", "pharmacist", "cashier", "lab", "admin", "privacy", "superadmin", "patient",
    }  # fmt: skip


def test_wheel_installs_the_command_and_names_all_it_needs(tmp_path: Path) -> None:
    (wheel,) = (ROOT / "dist").glob("arogya-*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", tmp_path, wheel]
    subprocess.run(pip, check=True, capture_output=True)
    said = subprocess.run(
        [tmp_path / "bin" / "arogya", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert "demo" in said.stdout
    installed = Distribution.at(next(tmp_path.glob("arogya-*.dist-info")))
    needed = [one for one in map(Requirement, installed.requires or []) if not one.marker or one.marker.evaluate()]
    assert len(needed) > 20
    assert [str(one) for one in needed if version(one.name) not in one.specifier] == []

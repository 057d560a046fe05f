"""A few planted faults, always the same, so that the planting itself stays alive; `make mutants` plants all of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.access import faults
from tests.access.planting import NotPlanted, text_fault

ROOT = Path(__file__).resolve().parents[2]


def test_faults_have_their_place() -> None:
    """Whoever writes a guarded line anew writes its fault anew."""
    planted = list(faults.by_hand())
    assert len(planted) > 100
    assert [fault.name for fault in planted if not fault.where] == []
    assert len(list(faults.in_the_code())) > 150


def test_a_fault_without_a_place_is_refused() -> None:
    with pytest.raises(NotPlanted, match="stands 0 times"):
        text_fault("control", "platform/etags.py", "nothing of the kind", "")
    with pytest.raises(NotPlanted, match="no function comes out different"):
        text_fault("control", "platform/etags.py", "    if tag is None:", "    if tag  is None:")


def test_planted_faults_are_noticed_and_none_is_seen_where_there_is_none() -> None:
    """In a process of its own: a fork of this one would share the other tests' database."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    told = subprocess.run(
        [sys.executable, "-m", "tests.access", "--sample"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    verdicts = re.findall(r"^(killed|survived|broken|unmet) +(\w+) ", told, re.MULTILINE)
    noticed = [family for verdict, family in verdicts if verdict == "killed"]
    assert sorted(noticed) == ["permission", "request", "scope", "session", "tenant", "token"], told
    assert [one for one in verdicts if one[0] != "killed"] == [("survived", "control")], told

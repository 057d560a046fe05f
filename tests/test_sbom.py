"""What the product is made of: every part that the locks name is in the list, with a licence that we take."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts import sbom

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.bill()


def pinned_in(lock: str) -> set[str]:
    """Read in another way than the program does: every `name==version` at the start of a line."""
    lines = (ROOT / lock).read_text().splitlines()
    return {f"pkg:pypi/{line.split()[0].replace('==', '@')}" for line in lines if re.match(r"[a-z0-9].*==", line)}


def test_every_python_package_of_the_locks_is_there(bill: dict[str, Any]) -> None:
    found = {one["purl"]: one["scope"] for one in bill["components"] if one["purl"].startswith("pkg:pypi/")}
    assert set(found) == pinned_in("requirements-dev.lock")
    assert {purl for purl, scope in found.items() if scope == "required"} == pinned_in("requirements.lock")


def test_every_file_that_a_python_package_may_be_is_there(bill: dict[str, Any]) -> None:
    locked = re.findall(r"--hash=sha256:([0-9a-f]{64})", (ROOT / "requirements-dev.lock").read_text())
    told = [said["value"] for one in bill["components"] for said in one.get("properties", [])]
    assert sorted(told) == sorted(locked)


def test_every_package_of_the_web_client_is_there(bill: dict[str, Any]) -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    locked = {
        f"pkg:npm/{where.split('node_modules/')[-1].replace('@', '%40')}@{said['version']}"
        for where, said in packages.items()
        if where
    }
    assert {one["purl"] for one in bill["components"] if one["purl"].startswith("pkg:npm/")} == locked


def test_who_needs_whom_names_only_what_is_listed(bill: dict[str, Any]) -> None:
    listed = {one["bom-ref"] for one in bill["components"]}
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert set(needs) == listed
    assert {ref for needed in needs.values() for ref in needed} <= listed
    starlette = next(ref for ref in listed if ref.startswith("pkg:pypi/starlette@"))
    assert starlette in next(needed for ref, needed in needs.items() if ref.startswith("pkg:pypi/fastapi@"))


def test_the_same_locks_give_the_same_bytes(bill: dict[str, Any]) -> None:
    assert json.dumps(sbom.bill()) == json.dumps(bill)


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR CC0-1.0)", True),
        ("AGPL-3.0-only", False),
        ("", False),
    ],
)
def test_licences_are_taken_by_name(expression: str, taken: bool) -> None:
    assert sbom.is_taken(expression) is taken


def test_control_a_part_whose_licence_is_not_taken_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom, "TAKEN", sbom.TAKEN - {"OFL-1.1"})
    with pytest.raises(sbom.UntakenLicence, match="fontpkg-noto-sans"):
        sbom.bill()

"""`make sbom`: what the product is made of, in CycloneDX's words, read from the locks themselves.

Names, versions, hashes and who needs whom come from `requirements.lock`, `requirements-dev.lock` and
`web/package-lock.json`: nothing is asked of a registry. Licences of Python's packages are read from what is installed;
those of another system's wheels, which are not, stand in ELSEWHERE. A licence that is not in TAKEN, or none, stops it.
"""

# ruff: noqa: T201 – it talks to a terminal

import json
import re
import sys
import uuid
from base64 import b64decode
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = ROOT / "dist" / "arogya.cdx.json"
TAKEN = {
    "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "ISC",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0",
    "Unlicense",
}  # fmt: skip
"""Licences under which a part may be shipped with Apache-2.0, unchanged and by its own name. The LGPL's are psycopg's,
and python-stdnum's: libraries that are imported and can be exchanged."""
OLDER_WORDS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What metadata said before it spoke SPDX."""
ELSEWHERE = {"colorama": "BSD-3-Clause", "httpx2-jsfetch": "BSD-3-Clause"}
"""Parts that only another system installs: read from their own pages."""

Component = dict[str, Any]
_PINNED = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$", re.IGNORECASE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED_BY = re.compile(r"^\s*#\s*(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)")


class UntakenLicence(Exception):
    """Some part has no licence that TAKEN names."""


def python_parts(lock: Path) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """name, version, the SHA-256 of each file that it may be, and the names of those that need it."""
    name = version = ""
    hashes: list[str] = []
    needed_by: list[str] = []
    for line in [*lock.read_text().splitlines(), "end==0"]:
        pinned = _PINNED.match(line)
        if pinned:
            if name:
                yield name, version, hashes, needed_by
            name, version, hashes, needed_by = pinned[1], pinned[2], [], []
        elif found := _HASH.search(line):
            hashes.append(found[1])
        elif name and (found := _NEEDED_BY.match(line)) and found[1] not in {"via", "arogya"}:
            needed_by.append(found[1])


def licence_of(name: str) -> str:
    """An SPDX expression, or nothing where none is said."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE.get(name, "")
    if said.get("License-Expression"):
        return str(said["License-Expression"])
    words = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License :: ")]
    known = {OLDER_WORDS[word] for word in words if word in OLDER_WORDS}
    plain = str(said.get("License") or "").strip()
    return " AND ".join(sorted(known)) or OLDER_WORDS.get(plain, plain.partition("\n")[0])


def is_taken(expression: str) -> bool:
    """Whether every licence of an AND, and one of each OR, is in TAKEN."""
    expression = expression.strip()
    while expression.startswith("(") and expression.endswith(")"):
        expression = expression[1:-1].strip()
    if " OR " in expression:
        return any(is_taken(part) for part in expression.split(" OR "))
    if " AND " in expression:
        return all(is_taken(part) for part in expression.split(" AND "))
    return expression in TAKEN


def python_components() -> tuple[list[Component], dict[str, list[str]]]:
    shipped = {name for name, *_ in python_parts(ROOT / "requirements.lock")}
    parts = list(python_parts(ROOT / "requirements-dev.lock"))
    refs: dict[str, list[str]] = {}  # one may be locked twice: for older Pythons, and for newer ones
    for name, version, _, _ in parts:
        refs.setdefault(name, []).append(f"pkg:pypi/{name}@{version}")
    needs: dict[str, list[str]] = {ref: [] for both in refs.values() for ref in both}
    found = []
    for name, version, hashes, needed_by in parts:
        ref = f"pkg:pypi/{name}@{version}"
        found.append(
            _component(name, version, ref, licence_of(name), is_shipped=name in shipped)
            # A version is several files, one a system; CycloneDX's `hashes` are of one.
            | {"properties": [{"name": "arogya:sha256-of-a-file", "value": one} for one in hashes]}
        )
        for other in [ref for by in needed_by for ref in refs[by]]:
            needs[other].append(ref)
    return found, needs


def npm_components() -> tuple[list[Component], dict[str, list[str]]]:
    packages: dict[str, Any] = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    refs = {where: _npm_ref(where, said["version"]) for where, said in packages.items() if where}
    found: dict[str, Component] = {}
    needs: dict[str, list[str]] = {}
    for where, said in packages.items():
        if not where:
            continue
        name, ref = where.rpartition("node_modules/")[2], refs[where]
        is_shipped = not said.get("dev")
        if ref in found and not (is_shipped and found[ref]["scope"] == "excluded"):
            continue
        found[ref] = _component(name, said["version"], ref, said.get("license", ""), is_shipped=is_shipped) | {
            "hashes": [{"alg": "SHA-512", "content": b64decode(said["integrity"].partition("-")[2]).hex()}]
        }
        needs[ref] = sorted(
            {refs[at] for other in said.get("dependencies", {}) if (at := _found_from(where, other, refs))}
        )
    return list(found.values()), needs


def _npm_ref(where: str, version: str) -> str:
    return f"pkg:npm/{where.rpartition('node_modules/')[2].replace('@', '%40')}@{version}"


def _found_from(where: str, name: str, refs: dict[str, str]) -> str | None:
    """Where Node finds `name` from here: in the nearest node_modules upwards."""
    while True:
        at = f"{where}/node_modules/{name}" if where else f"node_modules/{name}"
        if at in refs:
            return at
        if not where:
            return None
        where = where.rpartition("node_modules/")[0].rstrip("/")


def _component(name: str, version: str, ref: str, licence: str, *, is_shipped: bool) -> Component:
    return {
        "type": "library",
        "bom-ref": ref,
        "name": name,
        "version": version,
        "purl": ref,
        "scope": "required" if is_shipped else "excluded",
        "licenses": [{"expression": licence}] if licence else [],
    }


def bill() -> dict[str, Any]:
    """Raises UntakenLicence."""
    (python, python_needs), (npm, npm_needs) = python_components(), npm_components()
    components = sorted([*python, *npm], key=lambda one: str(one["bom-ref"]))
    untaken = [
        f"{one['name']} ({said})"
        for one in components
        if not is_taken(said := one["licenses"][0]["expression"] if one["licenses"] else "none said")
    ]
    if untaken:
        raise UntakenLicence("not in the list of licences that we take: " + ", ".join(untaken))
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # Of what it says, so that the same locks give the same bytes.
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components)).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": "arogya", "name": "arogya", "version": version[1],
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(set(needed))}
            for ref, needed in sorted((python_needs | npm_needs).items())
        ],
    }  # fmt: skip


def main() -> int:
    try:
        made = bill()
    except UntakenLicence as error:
        print(f"arogya: {error}", file=sys.stderr)
        return 1
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(made, indent=1) + "\n")
    shipped = sum(one["scope"] == "required" for one in made["components"])
    print(
        f"{WRITTEN.relative_to(ROOT)}: {shipped} parts are shipped, {len(made['components']) - shipped} only build it"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

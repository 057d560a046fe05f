"""`make audit`: whether a known weakness is in any part that the locks name.

One question for all of them, Python's and the web client's, to the open database of weaknesses (osv.dev, which holds
PyPI's and npm's advisories). Where it can't be asked, that is said and nothing is claimed: with `--strict` it is a
failure, for a pipeline that must know.
"""

# ruff: noqa: T201 – it talks to a terminal

import json
import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

try:
    from scripts.sbom import bill
except ImportError:  # started as a program, beside it
    from sbom import bill  # type: ignore[no-redef]

DATABASE = "https://api.osv.dev/v1/querybatch"
PATIENCE_S = 20
MOST_AT_ONCE = 1000


class NotAsked(Exception):
    """The database did not answer, or not in its words."""


def weaknesses(purls: Sequence[str], database: str) -> dict[str, list[str]]:
    """By part, the names of the weaknesses known of that version. Raises NotAsked."""
    found: dict[str, list[str]] = {}
    for at in range(0, len(purls), MOST_AT_ONCE):
        some = purls[at : at + MOST_AT_ONCE]
        for purl, said in zip(some, _ask(some, database), strict=True):
            names = [one["id"] for one in said.get("vulns", [])]
            if names:
                found[purl] = names
    return found


def _ask(purls: Sequence[str], database: str) -> list[dict[str, Any]]:
    body = json.dumps({"queries": [{"package": {"purl": purl}} for purl in purls]}).encode()
    request = Request(database, body, {"Content-Type": "application/json"})  # noqa: S310 – https, or a test's own
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            results = json.load(answer)["results"]
    except (URLError, TimeoutError, ConnectionError, ValueError, KeyError, TypeError) as error:
        raise NotAsked(str(getattr(error, "reason", None) or error)) from error
    if not isinstance(results, list) or len(results) != len(purls):
        raise NotAsked("it answered for another number of parts than it was asked about")
    return results


def main(arguments: Sequence[str]) -> int:
    parts = {one["purl"]: one["scope"] for one in bill()["components"]}
    database = os.environ.get("AROGYA_AUDIT_DATABASE", DATABASE)
    try:
        found = weaknesses(list(parts), database)
    except NotAsked as error:
        print(f"NOT CHECKED: the database of known weaknesses ({database}) can't be asked: {error}.")
        print(f"Nothing is known about the {len(parts)} parts; run `make audit` where the network reaches it.")
        return 2 if "--strict" in arguments else 0
    for purl, names in found.items():
        print(f"{purl} ({'shipped' if parts[purl] == 'required' else 'only builds'}): {', '.join(names)}")
    print(f"{len(parts)} parts asked about, {len(found)} with a known weakness")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write the API's description for the web client, or (--check) fail where the kept one has drifted from the code."""

# ruff: noqa: T201 – it talks to a terminal

import json
import sys
from pathlib import Path

from arogya.app import create_app
from arogya.platform.settings import Settings

KEPT = Path(__file__).parent.parent / "web" / "src" / "api" / "openapi.json"


def described() -> str:
    # Nothing connects: the description needs routes, not a database.
    app = create_app(Settings(database_url="postgresql:///none", AROGYA_SECRET_KEY="00" * 32))
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    if "--check" not in sys.argv:
        KEPT.write_text(described())
    elif not KEPT.exists() or KEPT.read_text() != described():
        print(f"{KEPT.name} has drifted from the API: run `make api` and commit what changes.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`bench/results.json`: the newest figure of each name, whichever run brought it, and when it did."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "results.json"
MOMENTS = "measured_at"


def _known() -> dict[str, Any]:
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def keep(figures: dict[str, Any]) -> None:
    known = _known()
    now = f"{datetime.now(UTC):%F %H:%MZ}"
    moments = known.get(MOMENTS, {}) | dict.fromkeys(figures, now)
    FILE.write_text(json.dumps(known | figures | {MOMENTS: moments}, indent=2) + "\n")


def newest() -> tuple[dict[str, Any], dict[str, str]]:
    """The figures, and the moment at which each was kept."""
    known = _known()
    return known, known.pop(MOMENTS, {})

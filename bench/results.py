"""`bench/results.json`: the newest figure of each name, whichever run brought it."""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "results.json"


def keep(figures: dict[str, Any]) -> None:
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps(known | figures, indent=2) + "\n")

"""How long the fire burns: short in `make test`, long in `make chaos`; and what it leaves for the report."""

import json
import os
from pathlib import Path
from uuid import uuid4

LONG = os.environ.get("AROGYA_CHAOS") == "long"
_REPORT = os.environ.get("AROGYA_CHAOS_REPORT")


def report(fire: str, **figures: float | list[float]) -> None:
    """Figures of one row of docs/reliability.md; those of the same name are added up, lists put together."""
    if _REPORT:
        Path(_REPORT, f"{uuid4()}.json").write_text(json.dumps({"fire": fire, **figures}))

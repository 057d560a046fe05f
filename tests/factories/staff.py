"""Bodies and rows of people who work here."""

from typing import Any


def practitioner_body(**facts: Any) -> dict[str, Any]:
    """What is sent to add one; fictitious."""
    return {"name": "Meera Rao", "specialty": "Paediatrics", "languages": ["en", "kn"], **facts}


def staff_body(**facts: Any) -> dict[str, Any]:
    return {"name": "Asha Kulkarni", "designation": "Staff nurse", "shift": "morning", **facts}

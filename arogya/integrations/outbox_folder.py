"""The folder of what would have gone out: for trying things, and for a clinic that has no mail server yet."""

import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

from arogya.platform.clock import new_id

KEPT = 200


def keep(folder: Path, kind: str, content: bytes) -> None:
    """Write one message that only this user may read; of many, the newest stay."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / f"{new_id()}.{kind}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    for old in sorted(folder.glob("*.*"))[:-KEPT]:
        old.unlink(missing_ok=True)


def kept(folder: Path) -> Iterator[Path]:
    """The messages, the oldest first: their names are ids in the order of their making."""
    yield from sorted(path for path in folder.glob("*.*") if path.suffix in {".eml", ".sms"})


def readable(path: Path) -> str:
    """One message as a person reads it."""
    if path.suffix != ".eml":
        return path.read_text()
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    return f"To: {letter['To']}\nSubject: {letter['Subject']}\n\n{letter.get_content()}"

"""The write-ahead log as it lies in an archive: its positions, the names of its files, and what can be read in it."""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arogya.platform.postgres.binaries import clean_environment, find_binaries

SEGMENT_BYTES = 16 << 20  # initdb's own choice
_A_FILE = SEGMENT_BYTES.bit_length() - 1
PARTIAL = ".partial"
"""How pg_receivewal marks the segment that it is still writing."""

_ENDED = re.compile(
    r"tx: +(\d+), lsn: ([0-9A-F/]+), .* desc: (COMMIT|ABORT)\S* (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC"
)
_POSITION = re.compile(r"\b[0-9A-F]{1,8}/[0-9A-F]{1,8}\b")


def position(said: str) -> int:
    """A log sequence number, `0/16EF780`, as the byte that it counts."""
    high, low = said.strip().split("/")
    return int(high, 16) << 32 | int(low, 16)


def written(at: int) -> str:
    return f"{at >> 32:X}/{at & 0xFFFFFFFF:X}"


def segment(timeline: int, at: int) -> str:
    """The name of the file that holds this byte."""
    number = at >> _A_FILE
    return f"{timeline:08X}{number >> 8:08X}{number & 0xFF:08X}"


def begins_at(name: str) -> int:
    """The first byte of the file with this name."""
    return (int(name[8:16], 16) << 8 | int(name[16:24], 16)) << _A_FILE


def segments(folder: Path) -> list[Path]:
    """In their order; the one that is still being written is the last."""
    return sorted(path for path in folder.iterdir() if re.fullmatch(rf"[0-9A-F]{{24}}({PARTIAL})?", path.name))


@dataclass(frozen=True)
class Walk:
    """What was found on the way from a base backup to a moment. Each record's checksum was looked at.

    transaction, committed_at: the last that was committed by then. goes_beyond: a transaction ended later (at
    beyond_at), so that the moment lies inside. broke_off_at: else, where what is there could not be read (None: it
    was read to its end). last_seen: the last moment that was found.
    """

    transaction: int | None = None
    committed_at: datetime | None = None
    goes_beyond: bool = False
    beyond_at: int = 0
    broke_off_at: int | None = None
    last_seen: datetime | None = None


def walk(folder: Path, timeline: int, start: int, end: int, moment: datetime) -> Walk:
    """Read the log in `folder` from `start` to the first transaction that ended past `moment`.

    end: where the last segment ends that is there; pg_waldump would look for the next one for five seconds.
    """
    transaction: int | None = None
    committed_at: datetime | None = None
    last_seen: datetime | None = None
    with subprocess.Popen(  # noqa: S603 – our own binary
        [find_binaries() / "pg_waldump", "--rmgr=Transaction", f"--path={folder}", f"--timeline={timeline}",
         f"--start={written(start)}", f"--end={written(end)}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=clean_environment(),
    ) as reading:  # fmt: skip
        assert reading.stdout is not None
        broke_off_at: int | None = None
        for line in reading.stdout:
            if found := _ENDED.search(line):
                last_seen = datetime.fromisoformat(found[4]).replace(tzinfo=UTC)
                if last_seen > moment:
                    reading.kill()
                    return Walk(transaction, committed_at, True, position(found[2]), None, last_seen)
                if found[3] == "COMMIT":
                    transaction, committed_at = int(found[1]), last_seen
            elif "error: " in line and (places := _POSITION.findall(line)):
                broke_off_at = position(places[-1])  # the first one named is the last record that was whole
        return Walk(transaction, committed_at, False, 0, broke_off_at, last_seen)

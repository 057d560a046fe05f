"""`python -m bench.importing [lines]`: how long another system's table takes to come in, by the command people use.

Thirteen columns; one line in fifty has something to refuse.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from arogya.demo import fill
from arogya.launch import database
from arogya.platform.settings import Settings
from bench import results
from bench.crowd import Crowd

LINES = 100_000
BAR_S = 60
_HEADINGS = ("UHID", "Name", "Name in Hindi", "Sex", "Date of birth", "Phone", "Second phone", "Blood group", "Address",
             "City", "State", "PIN code", "ABHA number")  # fmt: skip


def write(file: Path, lines: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as to:
        rows = csv.writer(to)
        rows.writerow(_HEADINGS)
        for n, (name, local, gender, phone) in enumerate(islice(Crowd(seed=12).people(), lines), 1):
            born = "31/02/1990" if n % 50 == 0 else f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/{1940 + n % 80}"
            rows.writerow((f"OLD-{n:07d}", name, local or "", gender, born, phone, f"8{n:09d}" if n % 3 == 0 else "",
                           "O+" if n % 2 else "B-", f"{n % 300 + 1} Station Road", "Pune", "Maharashtra", "411001",
                           f"{92_000_000_000_000 + n * 7}" if n % 2 else ""))  # fmt: skip


def main() -> int:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "old.csv", lines)
        with database(Settings(data_dir=folder / "var", database_url=None)) as (running, _postgres):
            fill(running, lambda *_: None)
            env = os.environ | {"DATABASE_URL": str(running.database_url), "AROGYA_DATA_DIR": str(folder / "var")}
            command = [sys.executable, "-m", "arogya", "import", "patients", "old.csv", "--organization", "NH",
                       "--dates", "dmy"]  # fmt: skip
            began = time.monotonic()
            said = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True, text=True)
            took = time.monotonic() - began
        print(said.stdout[-600:], said.stderr[-600:])
    print(f"{lines:,} lines in {took:.1f} s (bar {BAR_S} s for {LINES:,})")
    if lines == LINES:
        results.keep({"import_100k_s": round(took, 1)})
    return 0 if took <= BAR_S * lines / LINES else 1


if __name__ == "__main__":
    sys.exit(main())

"""What processes cost: CPU seconds and memory of a process and all under it."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def family(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(_fields(stat)[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found = [root]
    for one in found:
        found += parents.get(one, [])
    return found


def cpu_s(root: int) -> float:
    return sum(sum(map(int, _fields(Path(f"/proc/{one}/stat"))[11:13])) for one in family(root)) / _TICK


def pss_mb(root: int) -> float:
    total = 0
    for one in family(root):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _fields(stat: Path) -> list[str]:
    return stat.read_text().rsplit(")", 1)[1].split()

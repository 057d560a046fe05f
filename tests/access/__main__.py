"""`make mutants`: plant every fault, one at a time, and write docs/mutants.md."""

import sys
from pathlib import Path

import pytest

from tests.access.running import Planter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
ENOUGH = 0.95


def main() -> int:
    only = tuple(sys.argv[1:])
    planter = Planter(only)
    failed = pytest.main(
        ["-n", "0", "-q", "-p", "no:cacheprovider", "--no-header", *planter.tests()], plugins=[planter]
    )
    if failed:
        return int(failed)
    print(planter.told())
    if not only:
        PAGE.write_text(planter.as_markdown())
    return 0 if planter.share_killed() >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())

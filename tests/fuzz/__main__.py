"""`make fuzz`: the cases of test_api.py, eleven an operation and role, newly chosen, and how far they came."""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

EACH = 11
REACHED = 0.9
CASES = 20_000


def main() -> int:
    chosen = os.environ.get("AROGYA_FUZZ_SEED") or str(random.SystemRandom().randrange(10**8))
    print(f"AROGYA_FUZZ_SEED={chosen} makes the same cases again", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"AROGYA_FUZZ_EACH": str(EACH), "AROGYA_FUZZ_SEED": chosen, "AROGYA_FUZZ_REPORT": folder}
        tests = Path(__file__).with_name("test_api.py")
        failed = subprocess.run([sys.executable, "-m", "pytest", "-n", "2", "-q", str(tests)], env=env, check=False)
        told = [json.loads(file.read_text()) for file in sorted(Path(folder).glob("*.json"))]
    operations = {label for one in told for label in one["operations"]}
    welcomed = {label for one in told for label in one["welcomed"]}
    seen = sum((Counter(one["seen"]) for one in told), Counter[str]())
    print(f"{sum(seen.values()):,} cases: {dict(sorted(seen.items()))}")
    print(f"{len(welcomed)} of {len(operations)} operations answered 2xx to somebody; the others:")
    print("\n".join(f"  {label}" for label in sorted(operations - welcomed)))
    is_far_enough = len(welcomed) >= REACHED * len(operations) and sum(seen.values()) >= CASES
    return failed.returncode or int(not is_far_enough)


if __name__ == "__main__":
    sys.exit(main())

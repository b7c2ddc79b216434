"""The long run: `python -m tests.soak [KILLS]`, half of them on each database; exit code 1 when anything is wrong."""

import sys
import tempfile
import time
from pathlib import Path

import tests.conftest  # noqa: F401  (sets Django up)
from tests.soak.rounds import ENGINES, run


def main(kills: int) -> int:
    """Run it, and print what it came to."""
    seed, wrong = time.time_ns() % 1_000_000, 0
    print(f"seed {seed}")
    for engine in ENGINES:
        with tempfile.TemporaryDirectory() as place:
            soak = run(
                engine,
                Path(place),
                kills=-(-kills // len(ENGINES)),
                seed=seed,
                tell=lambda line: print(line, flush=True),
            )
        print("\n".join(soak.wrong[:20]))
        wrong += len(soak.wrong)
        print(f"{engine}: {len(soak.journal.versions)} versions acknowledged, audit head {soak.head}", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))

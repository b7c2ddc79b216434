"""Run the measurements in bench/: all of them, or the one that is named.

    python scripts/run_bench.py [ROOM]

Each is a program that prints its figures, the most important ones as its last line.
"""

import subprocess
import sys

from machine import PROJECT


def main(arguments: list[str]) -> int:
    """Run them one after another; the exit code of the first that fails."""
    rooms = sorted(path.stem for path in (PROJECT / "bench").glob("[a-z]*.py"))
    if unknown := [name for name in arguments if name not in rooms]:
        sys.stderr.write(f"There is no measurement {unknown[0]!r}. There are: {', '.join(rooms)}\n")
        return 2
    for name in arguments or rooms:
        print(f"--- {name}", flush=True)
        code = subprocess.run((sys.executable, "-m", f"bench.{name}"), cwd=PROJECT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run every check, two at a time, and show what the failing ones said.

python scripts/check.py
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import PROJECT

BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, tuple[str | Path, ...]], ...] = (
    ("types (mypy)", (BIN / "mypy",)),
    ("lint (ruff)", (BIN / "ruff", "check", "--quiet", ".")),
    ("format (ruff)", (BIN / "ruff", "format", "--check", "--quiet", ".")),
    ("rooms (import-linter)", (BIN / "lint-imports",)),
    ("templates (djlint)", (BIN / "djlint", "kommunalpro/web", "--lint", "--quiet")),
    ("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
    ("lock files", (sys.executable, "scripts/check_locks.py")),
    ("addresses and paths", (sys.executable, "scripts/check_paths.py")),
    ("reference pages", (sys.executable, "scripts/build_docs.py", "--check")),
)


def main() -> int:
    """Run them all; exit code 1 when one fails."""
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "kommunalpro.config.settings.test",
            "KOMMUNALPRO_DATABASE_URL": f"sqlite:///{place}/check.sqlite3",
            "KOMMUNALPRO_KEYS": f"{place}/keys",
        }
        results = list(pool.map(lambda check: _run(*check, environment), CHECKS))
    return int(not all(results))


def _run(name: str, command: tuple[str | Path, ...], environment: dict[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "FAILED" if done.returncode else "ok"
    said = f"{done.stdout.rstrip()}\n" if done.returncode else ""
    print(f"{said}{verdict:<6} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())

"""Compile the lock files: every version and hash, no registry's address, the same for every Python from 3.11 on.

python scripts/lock.py
"""

import subprocess
import sys
from pathlib import Path

from machine import PROJECT

OPTIONS = (
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--quiet",
)


def main() -> int:
    """Compile requirements/*.txt, then package-lock.json; exit code of the first that fails."""
    compile_locks = (str(Path(sys.executable).parent / "uv"), "pip", "compile", *OPTIONS)
    # What is developed and tested with is what runs: dev.txt takes runtime.txt's versions.
    as_runtime = ("--constraint", "requirements/runtime.txt")
    commands = (
        (*compile_locks, "requirements/runtime.in", "-o", "requirements/runtime.txt"),
        (*compile_locks, *as_runtime, "requirements/dev.in", "-o", "requirements/dev.txt"),
        ("npm", "install", "--package-lock-only", "--ignore-scripts"),
    )
    codes = (subprocess.run(command, cwd=PROJECT, check=False).returncode for command in commands)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())

"""Check that no file of the clone names a place on somebody's machine or a package registry.

python scripts/check_paths.py
"""

import re
import subprocess
import sys

from machine import PROJECT

PLACES = re.compile(
    r"(?<![\w.])/(?:home|root|Users|work)/[\w.-]"  # a machine's own folders
    r"|https?://[\w.-]*(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|proxy\.golang\.org)",
    re.ASCII,
)
ITSELF = "scripts/check_paths.py"


def main() -> int:
    """Print each place; exit code 1 when there is one."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    problems = 0
    for name in filter(None, listed.split("\0")):
        path = PROJECT / name
        if name == ITSELF or not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            if found := PLACES.search(line):
                print(f"{name}:{number}: {found[0]}")
                problems += 1
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())

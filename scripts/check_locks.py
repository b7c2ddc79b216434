"""Check the lock files without asking anybody: all that is asked for is pinned, hashed, and without an address.

python scripts/check_locks.py
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from machine import PROJECT

REQUIREMENTS = PROJECT / "requirements"
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.ASCII)
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)")


def main() -> int:
    """Print what is wrong; exit code 1 when anything is."""
    problems = [*python_problems(), *npm_problems()]
    for problem in problems:
        print(problem)
    return int(bool(problems))


def python_problems() -> Iterator[str]:
    """Compare requirements/*.in with requirements/*.txt, and the two locks with each other."""
    runtime, dev = (dict(_pins(REQUIREMENTS / f"{name}.txt")) for name in ("runtime", "dev"))
    asked = {name: set(_asked(REQUIREMENTS / f"{name}.in")) for name in ("runtime", "dev")}
    asked["dev"] |= asked["runtime"]
    for name, pins in (("runtime", runtime), ("dev", dev)):
        for missing in sorted(asked[name] - pins.keys()):
            yield f"requirements/{name}.txt: {missing} is asked for but not locked. Run: make lock"
    for package in sorted(runtime.keys() & dev.keys()):
        if runtime[package] != dev[package]:
            yield f"requirements: {package} is {runtime[package]} in runtime.txt and {dev[package]} in dev.txt"
    for package in sorted(runtime.keys() - dev.keys()):
        yield f"requirements/dev.txt: {package} is locked in runtime.txt only. Run: make lock"
    for name in ("runtime", "dev"):
        yield from _shape_problems(REQUIREMENTS / f"{name}.txt")


def npm_problems() -> Iterator[str]:
    """Compare package.json with package-lock.json."""
    asked = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    for kind in ("dependencies", "devDependencies"):
        if lock["packages"][""].get(kind, {}) != asked.get(kind, {}):
            yield f"package-lock.json: {kind} are not package.json's. Run: make lock"
    for path, package in lock["packages"].items():
        if path and "integrity" not in package:
            yield f"package-lock.json: {path} has no hash"
        if "resolved" in package:
            yield f"package-lock.json: {path} says where it was fetched from"


def _asked(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        found = NAME.match(line)
        if found:
            if "#" not in line:
                print(f"requirements/{path.name}: {found[1]} does not say why and where it is used")
            yield found[1].lower().replace("_", "-").replace(".", "-")


def _pins(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        found = PINNED.match(line)
        if found:
            yield found[1], found[2]


def _shape_problems(path: Path) -> Iterator[str]:
    """Find lines that hold an address, and packages without a hash."""
    text = path.read_text(encoding="utf-8")
    if re.search(r"https?://|--(extra-)?index-url|--find-links| @ ", text):
        yield f"requirements/{path.name}: holds an address"
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if PINNED.match(block) and "--hash=sha256:" not in block:
            yield f"requirements/{path.name}: {block.split('==')[0]} has no hash"


if __name__ == "__main__":
    sys.exit(main())

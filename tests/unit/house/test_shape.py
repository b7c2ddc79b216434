"""Files and functions stay small enough to read in one sitting, and nothing is called after nothing."""

import re
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.unit.house.sources import PACKAGE, PROJECT, ROOMS, name, python_files, source

LONGEST_FILE, LONG_FILE, LONGEST_FUNCTION, LONGEST_README = 600, 400, 60, 15
ATTICS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "stuff"}


def test_no_file_is_longer_than_600_lines():
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}
    for path, lines in lengths.items():
        if lines > LONG_FILE:
            with warnings.catch_warnings():
                warnings.simplefilter("default")
                warnings.warn(f"{path} has {lines} lines; look for what could stand by itself", stacklevel=1)


def test_no_function_is_longer_than_60_lines():
    long = [
        f"{name(path)}:{first} {function}"
        for path in python_files()
        for function, first, last in source(path).functions
        if last - first + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_is_an_attic():
    assert [name(path) for path in python_files() if {path.stem, path.parent.name} & ATTICS] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_and_what_it_is_not(room):
    text = (PACKAGE / room / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_README
    assert re.search(r"\b(not|no|never)\b", text.lower())


def test_there_are_these_rooms_and_no_others():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)


def test_every_room_has_its_place_in_the_order_of_imports():
    [layers] = [each for each in contracts() if each["type"] == "layers"]
    placed = {room.strip() for layer in layers["layers"] for room in layer.split("|")}
    assert placed == set(ROOMS)
    assert layers["exhaustive"] is True


def test_pages_are_kept_from_every_implementation_of_the_gateway():
    [kept] = [each for each in contracts() if each["name"].endswith("only through the gateway")]
    behind = {path.stem for path in (PACKAGE / "fut" / "gateway").glob("[a-z]*.py")} - {"protocol"}
    assert behind
    assert {f"kommunalpro.fut.gateway.{module}" for module in behind} <= set(kept["forbidden_modules"])


def test_what_only_a_type_checker_reads_stays_within_its_room():
    """The contracts do not see such imports, so they may not lead out of a room."""
    strays = [
        f"{name(path)}:{line} {module}"
        for path in python_files()
        if path.is_relative_to(PACKAGE)
        for module, line in source(path).for_types
        if not _same_room(path, module)
    ]
    assert strays == []


def _same_room(path: Path, module: str) -> bool:
    return not module.startswith("kommunalpro.") or module.split(".")[1] == path.relative_to(PACKAGE).parts[0]


def contracts() -> list[dict[str, Any]]:
    """Give import-linter's contracts."""
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(configuration["tool"]["importlinter"]["contracts"])

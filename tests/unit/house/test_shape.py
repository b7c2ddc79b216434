"""Files and functions stay small enough to read in one sitting, and nothing is called after nothing."""

import re
import tomllib
import warnings

import pytest

from tests.unit.house.sources import PACKAGE, PROJECT, ROOMS, functions, name, python_files

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
        f"{name(path)}:{each.lineno} {each.name}"
        for path in python_files()
        for each in functions(path)
        if (each.end_lineno or each.lineno) - each.lineno + 1 > LONGEST_FUNCTION
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
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [layers] = [each for each in contracts if each["type"] == "layers"]
    placed = {room.strip() for layer in layers["layers"] for room in layer.split("|")}
    assert placed == set(ROOMS)
    assert layers["exhaustive"] is True

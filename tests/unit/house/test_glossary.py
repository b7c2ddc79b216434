"""The glossary is used: a word it replaces names nothing in the code."""

import re
from collections.abc import Iterator

from tests.unit.house.sources import PACKAGE, PROJECT, name, python_files, source, words

COLUMNS = ("Danish", "In code", "FHIR / FUT", "Definition", "Source", "Not to be used")


def rows() -> Iterator[dict[str, str]]:
    """Give the rows of the glossary's table."""
    table = [
        line for line in (PROJECT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    head = tuple(cell.strip() for cell in table[0].strip("|").split("|"))
    assert head == COLUMNS
    for line in table[2:]:
        yield dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|").split("|")), strict=True))


def forbidden() -> set[tuple[str, ...]]:
    """Give what may not be a name, each as its words in order."""
    return {tuple(words(each)) for row in rows() for each in re.findall(r"`([^`]+)`", row["Not to be used"])}


def test_every_row_is_filled_in():
    for row in rows():
        assert all(row[column] for column in ("Danish", "In code", "Definition", "Source")), row


def test_a_term_stands_once():
    terms = [row["Danish"] for row in rows()]
    assert len(terms) == len(set(terms))


def test_no_identifier_is_a_word_that_the_glossary_replaces():
    replaced = forbidden()
    assert replaced
    places: dict[str, str] = {}
    for path in python_files():
        if path.is_relative_to(PACKAGE):
            places |= {identifier: f"{name(path)}:{line}" for identifier, line in source(path).identifiers}
    assert [f"{places[each]} {each}" for each in places if _holds(words(each), replaced)] == []


def test_identifiers_are_ascii():
    in_doubt = [path for path in python_files() if not path.read_bytes().isascii()]
    assert [
        identifier for path in in_doubt for identifier, _ in source(path).identifiers if not identifier.isascii()
    ] == []


def _holds(spoken: list[str], replaced: set[tuple[str, ...]]) -> bool:
    return any(tuple(spoken[start : start + len(each)]) == each for each in replaced for start in range(len(spoken)))

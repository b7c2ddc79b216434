"""Which index rows a resource has."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Unprocessable
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.paths import Finder, finder, first_element
from kommunalpro.fhirserver.search.sounds import sound_values
from kommunalpro.fhirserver.search.values import (
    IN_HISTORY,
    LONGEST,
    OF_BUSINESS,
    VALUES,
    Value,
    strings,
    token_values,
    unpinned_values,
)
from kommunalpro.fhirserver.writer import IndexRow

MOST_ROWS = 20_000
"""Rows that whoever writes may leave: a resource has some dozen, a Bundle some thousand."""
_Values = Callable[[Any, str], Iterable[Value]]
"""From an element, and the server's base URL, to its index values."""


class Indexer:
    """Gives the index rows of one type's resources, by these parameters.

    They stand ready by the element, or the extension, that their paths begin with: most are of what a resource does not
    have.
    """

    def __init__(self, parameters: Iterable[SearchParameter], base_url: str) -> None:
        self._base_url = base_url
        self._ways: defaultdict[str | None, list[tuple[Finder, tuple[tuple[str, _Values], ...]]]] = defaultdict(list)
        for parameter in parameters:
            for path in parameter.paths:
                self._ways[first_element(path)].append((finder(path), tuple(_values_of(parameter))))

    def rows(self, resource: Json, extra: Iterable[IndexRow] = (), most: int | None = None) -> tuple[IndexRow, ...]:
        """Give the index rows of a resource and the extra ones, each once, in a fixed order.

        Raises:
            Unprocessable: there are more than `most`.
        """
        found, base_url = set(extra), self._base_url
        urls = {each.get("url") for each in resource.get("extension", ())}
        for beginning in (None, *resource, *urls):
            for find, named in self._ways.get(beginning, ()):
                for element in find(resource):
                    for name, values in named:
                        for value, high in values(element, base_url):
                            found.add(IndexRow(name, value[:LONGEST], high))
                if most is not None and len(found) > most:
                    raise _too_many()
        return tuple(_told_apart(sorted(found)))


def _too_many() -> Unprocessable:
    return Unprocessable(
        "Der er for meget i det, som det skal kunne findes ved.",
        diagnostics=f"At most {MOST_ROWS} values that searches look for, of all that is written at once",
        code="too-costly",
    )


def _told_apart(rows: Iterable[IndexRow]) -> Iterator[IndexRow]:
    """Two intervals that begin together are two rows, whose values must differ: by a sign that sorts before all.

    What is referred to as such, and in a version too, is referred to as such.
    """
    last = IndexRow("", "")
    for row in rows:
        if row.high in (IN_HISTORY, OF_BUSINESS) and (last.parameter, last.value) == (row.parameter, row.value):
            continue
        begins_as_last = row.high and last.parameter == row.parameter and last.value.rstrip("!") == row.value
        last = IndexRow(row.parameter, f"{last.value}!", row.high) if begins_as_last else row
        yield last


def _values_of(parameter: SearchParameter) -> Iterator[tuple[str, _Values]]:
    """Give each name that a parameter is indexed under, with what stands there."""
    if parameter.kind == "composite":
        yield parameter.name, partial(_composites, parameter)
        return
    if parameter.kind == "phonetic":
        yield parameter.name, sound_values
        return
    is_of_log = parameter.kind == "reference" and parameter.type == "AuditEvent"
    yield parameter.name, unpinned_values if is_of_log else VALUES[parameter.kind]
    if parameter.kind == "string":
        yield f"{parameter.name}:exact", _as_written
    if parameter.kind == "reference":
        yield f"{parameter.name}:identifier", _identifier


def _as_written(element: Any, base_url: str) -> Iterator[Value]:
    yield from ((text, "") for text in strings(element))


def _identifier(element: Any, base_url: str) -> Iterable[Value]:
    """Give the tokens of a logical reference."""
    return (
        token_values(element["identifier"], base_url) if isinstance(element, dict) and "identifier" in element else ()
    )


def _composites(parameter: SearchParameter, element: Any, base_url: str) -> Iterator[Value]:
    """Give what both components say of the same element, every way of writing the one with every one of the other."""
    of_each = [
        [
            value
            for path in component.paths
            for found in finder(path)(element)
            for value in VALUES[component.kind](found, base_url)
        ]
        for component in parameter.components
    ]
    for (first, _), (second, high) in product(*of_each):
        yield f"{first}${second}", high

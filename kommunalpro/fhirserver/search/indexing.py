"""Which index rows a resource has."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.paths import Finder, finder, first_element
from kommunalpro.fhirserver.search.values import (
    LONGEST,
    VALUES,
    Value,
    reference_values,
    string_values,
    strings,
    token_values,
)
from kommunalpro.fhirserver.writer import IndexRow

_Rows = Callable[[Any], Iterator[IndexRow]]
"""From an element to its index rows."""


class Indexer:
    """Gives the index rows of one type's resources, by these parameters.

    They stand ready by the element that their paths begin with: most are of what a resource does not have.
    """

    def __init__(self, parameters: Iterable[SearchParameter], base_url: str) -> None:
        self._ways: defaultdict[str | None, list[tuple[Finder, _Rows]]] = defaultdict(list)
        for parameter in parameters:
            for path in parameter.paths:
                self._ways[first_element(path)].append((finder(path), _rows_of(parameter, base_url)))

    def rows(self, resource: Json, extra: Iterable[IndexRow] = ()) -> tuple[IndexRow, ...]:
        """Give the index rows of a resource and the extra ones, each once, in a fixed order."""
        return tuple(_told_apart(sorted({*self._found(resource), *extra})))

    def _found(self, resource: Json) -> Iterator[IndexRow]:
        for name in (None, *resource):
            for find, rows in self._ways.get(name, ()):
                for element in find(resource):
                    yield from rows(element)


def _told_apart(rows: Iterable[IndexRow]) -> Iterator[IndexRow]:
    """Two intervals that begin together are two rows, whose values must differ: by a sign that sorts before all."""
    last = None
    for row in rows:
        begins_as_last = last is not None and (last.parameter, last.value.rstrip("!")) == (row.parameter, row.value)
        last = IndexRow(row.parameter, f"{last.value}!", row.high) if last and begins_as_last else row
        yield last


def _rows_of(parameter: SearchParameter, base_url: str) -> _Rows:
    name = parameter.name
    if parameter.kind == "composite":
        return lambda element: _named(name, _composites(parameter, element, base_url))
    if parameter.kind == "string":
        return lambda element: _with_words(name, element, base_url)
    if parameter.kind == "reference":
        return lambda element: _with_identifier(name, element, base_url)
    values = VALUES[parameter.kind]
    return lambda element: _named(name, values(element, base_url))


def _named(name: str, values: Iterable[Value]) -> Iterator[IndexRow]:
    for value, high in values:
        yield IndexRow(name, value[:LONGEST], high)


def _with_words(name: str, element: Any, base_url: str) -> Iterator[IndexRow]:
    yield from _named(name, string_values(element, base_url))
    yield from _named(f"{name}:exact", ((text, "") for text in strings(element)))


def _with_identifier(name: str, element: Any, base_url: str) -> Iterator[IndexRow]:
    yield from _named(name, reference_values(element, base_url))
    if isinstance(element, dict) and "identifier" in element:
        yield from _named(f"{name}:identifier", token_values(element["identifier"], base_url))


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

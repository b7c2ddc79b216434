"""Which index rows a resource has."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.paths import finder, first_element
from kommunalpro.fhirserver.search.values import LONGEST, VALUES, Value, strings, token_values
from kommunalpro.fhirserver.writer import IndexRow


def index_rows(
    resource: Json,
    parameters: Mapping[str, SearchParameter],
    extra: Iterable[IndexRow],
    base_url: str,
) -> tuple[IndexRow, ...]:
    """Give the index rows of a resource, each once, in a fixed order."""
    found = {(row.parameter, row.value, row.high): row for row in (*_rows(resource, parameters, base_url), *extra)}
    return tuple(_told_apart(found[key] for key in sorted(found)))


def _told_apart(rows: Iterable[IndexRow]) -> Iterator[IndexRow]:
    """Two intervals that begin together are two rows, whose values must differ: by a sign that sorts before all."""
    last = None
    for row in rows:
        begins_as_last = last is not None and (last.parameter, last.value.rstrip("!")) == (row.parameter, row.value)
        last = IndexRow(row.parameter, f"{last.value}!", row.high) if last and begins_as_last else row
        yield last


def _rows(resource: Json, parameters: Mapping[str, SearchParameter], base_url: str) -> Iterator[IndexRow]:
    for parameter in parameters.values():
        for path, first in _beginnings(parameter):
            # Most parameters are of what a resource does not have.
            if first is None or first in resource:
                for element in finder(path)(resource):
                    yield from _of_element(parameter, element, base_url)


@cache
def _beginnings(parameter: SearchParameter) -> tuple[tuple[str, str | None], ...]:
    """Give each path with the element that it begins with; None where that is not one by name (a choice)."""
    return tuple((path, first_element(path)) for path in parameter.paths)


def _of_element(parameter: SearchParameter, element: Any, base_url: str) -> Iterator[IndexRow]:
    name, kind = parameter.name, parameter.kind
    if kind == "composite":
        for value, high in _composites(parameter, element, base_url):
            yield IndexRow(name, value[:LONGEST], high)
        return
    for value, high in VALUES[kind](element, base_url):
        yield IndexRow(name, value[:LONGEST], high)
    if kind == "string":
        yield from (IndexRow(f"{name}:exact", text[:LONGEST]) for text in strings(element))
    if kind == "reference" and isinstance(element, dict) and "identifier" in element:
        for value, _ in token_values(element["identifier"], base_url):
            yield IndexRow(f"{name}:identifier", value[:LONGEST])


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

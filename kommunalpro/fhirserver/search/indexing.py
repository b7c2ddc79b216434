"""Which index rows a resource has."""

from collections.abc import Iterable, Iterator, Mapping

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.paths import finder
from kommunalpro.fhirserver.search.values import ROWS
from kommunalpro.fhirserver.writer import IndexRow


def index_rows(
    resource: Json,
    parameters: Mapping[str, SearchParameter],
    extra: Iterable[IndexRow],
    base_url: str,
) -> tuple[IndexRow, ...]:
    """Give the index rows of a resource, each once, in a fixed order."""
    found = {(row.parameter, row.value): row for row in _rows(resource, parameters, base_url)}
    for row in extra:
        found[row.parameter, row.value] = row
    return tuple(found[key] for key in sorted(found))


def _rows(resource: Json, parameters: Mapping[str, SearchParameter], base_url: str) -> Iterator[IndexRow]:
    for parameter in parameters.values():
        rows = ROWS.get(parameter.kind)
        for path in parameter.paths if rows else ():
            for value in finder(path)(resource):
                yield from rows(parameter.name, value, base_url) if rows else ()

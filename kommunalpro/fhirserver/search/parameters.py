"""R4's own search parameters for the types we serve; a dialect adds its own or replaces these.

The table is written by `scripts/generate_search_parameters.py` from HL7's definitions; never edit it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.protocols import Component, SearchParameter


@cache
def r4_parameters() -> tuple[SearchParameter, ...]:
    """Give every parameter of the table."""
    table: Any = loads(resources.files("kommunalpro.fhirserver.search").joinpath("parameters.json").read_bytes())
    return tuple(_parameter(type, name, *row) for type, rows in table.items() for name, row in rows.items())


def by_type(types: frozenset[str], extra: Iterable[SearchParameter]) -> Mapping[str, Mapping[str, SearchParameter]]:
    """Give the parameters of each served type by name; `extra` wins over R4's."""
    found: dict[str, dict[str, SearchParameter]] = {type: {} for type in types}
    for parameter in (*r4_parameters(), *extra):
        if parameter.type in found:
            found[parameter.type][parameter.name] = parameter
    return found


def _parameter(
    type: str,
    name: str,
    kind: Any,
    paths: list[str],
    targets: Iterable[str] = (),
    components: Any = (),
    system: str = "",
) -> SearchParameter:
    parts = tuple(Component(of, tuple(below)) for of, *below in components)
    return SearchParameter(type, name, kind, tuple(paths), tuple(targets), parts, system)

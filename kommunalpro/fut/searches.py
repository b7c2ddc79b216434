"""What a client may ask for in a search at each of FUT's services: what its CapabilityStatement declares, and we do.

`data/searches.json` is made from the statements (`scripts/generate_codes.py`). What they do not say is a GUESS:

- Parameters that say how the answer is wanted (`_count`, `_sort`, `_include` ...) stand in no statement, and FUT's
  reference clients use them. They are taken everywhere; `_sort` by what is declared of the type, and no more.
- Of a type that is not searched (Condition), a chain may ask whatever we know: FUT's own goes to `condition.code`.
  It goes no further than the service, which cannot look into another's store.
- An include is taken as it is declared, `*` as any other: not with a target (`Task:focus:Observation`), nor of what a
  declared `*` might be thought to cover. What is declared of any of the service's types may iterate.

What is declared and not done here is not offered: narrative and content as text (`_text`, `_content`), `_filter` and
`_list`, and links by parameters that R4 does not have, or to types that are not here. docs/reference/search.md lists
it.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.protocols import Searches


def declared(service: str, type: str) -> Searches | None:
    """Give what a service declares of searches for a type; None: it declares none at all."""
    return _table().get((service, type))


def declared_by(type: str, *services: str) -> Searches | None:
    """Give what any of these services declares of searches for a type; None: none of them declares any."""
    found = [each for service in services if (each := declared(service, type))]
    if not found:
        return None
    return Searches(
        frozenset().union(*(each.parameters for each in found)),
        frozenset().union(*(each.includes for each in found)),
        frozenset().union(*(each.reverse_includes for each in found)),
    )


@cache
def _table() -> Mapping[tuple[str, str], Searches]:
    read: Any = loads(resources.files("kommunalpro.fut.data").joinpath("searches.json").read_bytes())
    return {
        (service, type): Searches(*(frozenset(each.split()) for each in row))
        for service, types in read.items()
        for type, row in types.items()
    }

"""What comes along with a search from another service: FUT's services follow references among their own alone.

The gateway asks for the rest, so that a page can be written once: what the matches refer to is read by ids, a search
for each type. Which includes a page was asked for with stands behind the `#` of its links, which is never sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.parameters import by_type
from kommunalpro.fut.search_parameters import SEARCH_PARAMETERS
from kommunalpro.fut.services import SERVICES

AT_ONCE = 100
_INCLUDE = "_include"


@dataclass(frozen=True, slots=True)
class Along:
    """What is wanted along with a search: `Type:parameter`, or `Type:parameter:Target`."""

    wanted: tuple[str, ...] = ()

    @staticmethod
    def of(parameters: Sequence[tuple[str, str]]) -> "Along":
        """Read it from the parameters of a search."""
        return Along(tuple(value for name, value in parameters if name == _INCLUDE))

    @staticmethod
    def behind(url: str) -> tuple[str, "Along"]:
        """Part the address of a page from what was asked for with the first."""
        address, _, rest = url.partition("#")
        return address, Along.of(parse_qsl(rest))

    def on(self, url: str) -> str:
        """Give the address of a page with what is wanted along with it."""
        return f"{url}#{urlencode([(_INCLUDE, each) for each in self.wanted])}" if self.wanted else url

    def missing(self, bundle: Json, base_url: str) -> Mapping[str, list[str]]:
        """Give the ids of what is referred to and did not come, by type: what the service itself has is not missing."""
        there = {(each["resourceType"], each["id"]) for each in resources(bundle)}
        found: dict[str, set[str]] = {}
        for match in resources(bundle):
            for type, id in _referred_to(match, self.wanted, base_url):
                if (type, id) not in there and not _same_service(type, match["resourceType"]):
                    found.setdefault(type, set()).add(id)
        return {type: sorted(ids) for type, ids in found.items()}


def understood(name: str, value: str) -> bool:
    """Tell whether the service itself can follow this parameter of a search, as far as it is an include."""
    if name != _INCLUDE:
        return True
    type, _, rest = value.partition(":")
    parameter, _, target = rest.partition(":")
    found = _parameters().get(type, {}).get(parameter)
    targets = (target,) if target else found.targets if found else ()
    return not targets or any(_same_service(each, type) for each in targets)


def _referred_to(match: Json, wanted: Sequence[str], base_url: str) -> Iterator[tuple[str, str]]:
    of_type = [each.split(":") for each in wanted if each.split(":")[0] == match["resourceType"]]
    names = {parts[1]: parts[2] if len(parts) > 2 else "" for parts in of_type if len(parts) > 1}
    if not names:
        return
    for row in _indexer(match["resourceType"], base_url).rows(match):
        type, slash, id = row.value.partition("/")
        if row.parameter in names and slash and type in SERVICES and names[row.parameter] in ("", type):
            # A canonical keeps its version, which is no part of the id.
            yield type, id.partition("|")[0]


def _same_service(one: str, other: str) -> bool:
    return one in SERVICES and other in SERVICES and SERVICES[one].name == SERVICES[other].name


@cache
def _parameters() -> Mapping[str, Mapping[str, SearchParameter]]:
    return by_type(frozenset(SERVICES), SEARCH_PARAMETERS)


@cache
def _indexer(type: str, base_url: str) -> Indexer:
    return Indexer((each for each in _parameters()[type].values() if each.kind == "reference"), base_url)

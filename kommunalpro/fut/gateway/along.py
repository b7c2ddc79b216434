"""What comes along with a search from another service: FUT's services follow references among their own alone.

The gateway asks for the rest, so that a page can be written once: what the matches refer to is read by ids, a search
for each type. Which includes a page was asked for with stands behind the `#` of its links, which is never sent. A
service is asked for an include as it declares it, without a target: what it has comes, wanted or not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fut.service_rows import search_parameters
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.fut.services import SERVICES, rows_at

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

    def missing(self, bundle: Json, urls: ServiceUrls) -> Mapping[str, list[str]]:
        """Give the ids of what is referred to and did not come, by type: what the service itself has is not missing."""
        there = {(each["resourceType"], each["id"]) for each in resources(bundle)}
        found: dict[str, set[str]] = {}
        for match in resources(bundle):
            asked = urls.service_of(match["resourceType"], match["id"])
            for type, id in _referred_to(match, self.wanted, urls.base_url):
                if (type, id) not in there and urls.service_of(type, id) != asked:
                    found.setdefault(type, set()).add(id)
        return {type: sorted(ids) for type, ids in found.items()}


def understood(parameters: Sequence[tuple[str, str]], service: str) -> list[tuple[str, str]]:
    """Give the parameters of a search as a service takes them: of the includes, those that it can follow itself."""
    followed = [(name, value) for name, value in parameters if _follows(name, value, service)]
    written = ((name, ":".join(value.split(":")[:2]) if name == _INCLUDE else value) for name, value in followed)
    return list(dict.fromkeys(written))


def _follows(name: str, value: str, service: str) -> bool:
    if name != _INCLUDE:
        return True
    type, _, rest = value.partition(":")
    parameter, _, target = rest.partition(":")
    found = search_parameters().get(type, {}).get(parameter)
    targets = (target,) if target else found.targets if found else ()
    return not targets or any(rows_at(each, service) for each in targets)


def _referred_to(match: Json, wanted: Sequence[str], base_url: str) -> Iterator[tuple[str, str]]:
    split = [(*each.split(":"), "", "")[:3] for each in wanted]
    links = {(parameter, target) for type, parameter, target in split if type == match["resourceType"]}
    if not links:
        return
    for row in _indexer(match["resourceType"], base_url).rows(match):
        type, slash, id = row.value.partition("/")
        is_wanted = (row.parameter, "") in links or (row.parameter, type) in links
        if is_wanted and slash and type in SERVICES:
            # A canonical keeps its version, which is no part of the id.
            yield type, id.partition("|")[0]


@cache
def _indexer(type: str, base_url: str) -> Indexer:
    return Indexer((each for each in search_parameters()[type].values() if each.kind == "reference"), base_url)

"""Which of the services that have a type has a resource of it, and which of them a search is for (`services.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import AllOf, AnyOf, Begins, Everything, Filter, Not
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.parameters import by_type
from kommunalpro.fut.search_parameters import SEARCH_PARAMETERS
from kommunalpro.fut.searches import declared
from kommunalpro.fut.services import SERVICES, Service


def row_of(resource: Json, base_url: str) -> Service:
    """Give the row of the service that has a resource; `base_url` is what it calls others by."""
    first, *others = SERVICES[resource["resourceType"]]
    if not others:
        return first
    values = [(row.parameter, row.value) for row in _indexer(resource["resourceType"], base_url).rows(resource)]
    return next((each for each in others if any(_tells(each, *value) for value in values)), first)


def share(type: str, service: str) -> Filter:
    """Give which resources of a type a service has: all of them, where it is alone."""
    others: list[Filter] = []
    first, *rest = SERVICES[type]
    for row in rest:
        own = AnyOf(tuple(Begins(row.told_by, each) for each in row.begins))
        if row.name == service:
            return AllOf((own, *map(Not, others)))
        others.append(own)
    return AllOf(tuple(map(Not, others))) if others and first.name == service else Everything()


def asked(type: str, parameters: Sequence[tuple[str, str]]) -> tuple[Service, ...]:
    """Give the rows that a search is for: the one that its values tell, else all by whose services it can be asked."""
    rows = SERVICES[type]
    told = [row for name, value in parameters for row in _told(rows, name, value)]
    if told or len(rows) == 1:
        return (*dict.fromkeys(told),) or rows
    names = {name.partition(":")[0].partition(".")[0] for name, _ in parameters}
    limiting = {each for each in names if each not in _OF_THE_ANSWER}
    return tuple(row for row in rows if _takes(row, type, limiting)) or rows[:1]


# How the answer is wanted is asked of every service (`searches.py`); where an id is, itself tells.
_OF_THE_ANSWER = frozenset({"_count", "_elements", "_id", "_include", "_revinclude", "_sort", "_summary", "_total"})


def _takes(row: Service, type: str, names: set[str]) -> bool:
    searches = declared(row.name, type)
    return searches is not None and names <= searches.parameters


def _told(rows: Sequence[Service], name: str, value: str) -> Iterator[Service]:
    """Give whose resources have one of these values; what has none of the other rows' is the first's."""
    plain, _, target = name.partition(":")
    if target and not target[0].isupper():
        return
    others = [row for row in rows[1:] if row.told_by == plain]
    for each in value.split(",") if others else ():
        reference = Reference.parse(f"{target}/{each}" if target and "/" not in each else each)
        key = reference.key if reference else each
        if reference or "|" in each:
            yield next((row for row in others if _tells(row, plain, key)), rows[0])


def _tells(row: Service, parameter: str, value: str) -> bool:
    return parameter == row.told_by and value.startswith(row.begins)


@cache
def search_parameters() -> Mapping[str, Mapping[str, SearchParameter]]:
    """Give the search parameters of each type that is served, by name."""
    return by_type(frozenset(SERVICES), SEARCH_PARAMETERS)


@cache
def _indexer(type: str, base_url: str) -> Indexer:
    telling = {row.told_by for row in SERVICES[type]}
    return Indexer((each for name, each in search_parameters()[type].items() if name in telling), base_url)

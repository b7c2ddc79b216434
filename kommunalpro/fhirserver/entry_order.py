"""In which order the entries of a transaction are written: what others hang on first, whichever came first.

By that a rule which asks for the owner, or for anything else that is named, finds it.

Source: R4 http.html#transaction: POST, then PUT and PATCH; the order within them is ours, for R4 lets none matter.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from kommunalpro.fhirserver.entries import METHODS, Entry

_FIRST = (
    "Organization",
    "Practitioner",
    "Patient",
    "CareTeam",
    "EpisodeOfCare",
    "Condition",
    "ServiceRequest",
    "CarePlan",
)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Give entries that write in the order in which they are written; those that nothing tells apart as they came."""
    ranked = sorted(entries, key=lambda each: (*_rank(each), each.number))
    return [each for _, alike in groupby(ranked, _rank) for each in _named_first(list(alike))]


def _rank(entry: Entry) -> tuple[bool, int]:
    first = _FIRST.index(entry.type) if entry.type in _FIRST else len(_FIRST)
    return METHODS.index(entry.method) > METHODS.index("POST"), first


def _named_first(entries: list[Entry]) -> Iterator[Entry]:
    """Give what the others name before those; of a ring, what came first."""
    urls = {each.full_url for each in entries if each.full_url}
    named = {each.number: urls.intersection(_texts(each)) - {each.full_url} for each in entries if urls}
    waiting = list(entries)
    while waiting:
        unwritten = {each.full_url for each in waiting}
        following = next((each for each in waiting if unwritten.isdisjoint(named.get(each.number, ()))), waiting[0])
        waiting.remove(following)
        yield following


def _texts(entry: Entry) -> Iterator[str]:
    """Give every text in what an entry writes: one that is another's fullUrl names it, wherever it stands."""
    waiting: list[Any] = [entry.operations if entry.method == "PATCH" else entry.resource]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each

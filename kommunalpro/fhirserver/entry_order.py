"""In which order the entries of a transaction are written: what others hang on first, whichever came first.

By that a rule which asks for the owner, or for anything else that is named, finds it.

Source: R4 http.html#transaction: POST, then PUT and PATCH; the order within them is ours, for R4 lets none matter. A
PUT by a condition that finds nothing creates as a POST does, and goes with those: others may name what it makes.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.entries import Entry

_FIRST = (
    "Organization",
    "Practitioner",
    "Patient",
    "RelatedPerson",
    "CareTeam",
    "EpisodeOfCare",
    "Condition",
    "ServiceRequest",
    "DocumentReference",
    "Goal",
    "CarePlan",
)


def in_order(
    entries: Iterable[Entry], names: Mapping[str, int], there: Mapping[int, Json], new: Container[int]
) -> list[Entry]:
    """Give entries that write in the order in which they are written; those that nothing tells apart as they came.

    `names`: the numbers of entries by what they may be named as. `there`: what is stored now of those that patch, by
    their numbers: what it names stands in no patch. `new`: the numbers of those that create.
    """

    def rank(entry: Entry) -> tuple[bool, int]:
        return entry.number not in new, _FIRST.index(entry.type) if entry.type in _FIRST else len(_FIRST)

    ranked = sorted(entries, key=lambda each: (*rank(each), each.number))
    groups = (list(alike) for _, alike in groupby(ranked, rank))
    return [each for alike in groups for each in _named_first(alike, names, there)]


def _named_first(entries: list[Entry], names: Mapping[str, int], there: Mapping[int, Json]) -> Iterable[Entry]:
    """Give what the others name before those; of a ring, what came first."""
    numbers = {each.number for each in entries}
    if len(numbers) == 1 or not names:
        return entries
    named = {each.number: (numbers & _named(each, names, there.get(each.number))) - {each.number} for each in entries}
    return _unwound(entries, named) if any(named.values()) else entries


def _unwound(entries: list[Entry], named: Mapping[int, set[int]]) -> Iterator[Entry]:
    waiting = list(entries)
    while waiting:
        unwritten = {each.number for each in waiting}
        free = (each for each in waiting if unwritten.isdisjoint(named[each.number]))
        following = next(free, None) or _of_a_ring(waiting, {number: named[number] & unwritten for number in unwritten})
        waiting.remove(following)
        yield following


def _of_a_ring(waiting: list[Entry], named: Mapping[int, set[int]]) -> Entry:
    """Give the first that is in a ring, and leads to nothing beyond it; `named` leads to nothing but who waits."""
    reached = {number: set(to) for number, to in named.items()}
    # Warshall's: by way of one after the other.
    for between, beyond in reached.items():
        for of in reached.values():
            if between in of:
                of |= beyond
    return next(each for each in waiting if all(each.number in reached[to] for to in reached[each.number]))


def _named(entry: Entry, names: Mapping[str, int], there: Json | None) -> set[int]:
    """Give the numbers of what an entry names, wherever it stands; a canonical may name a business version, too."""
    written = [entry.operations, there] if entry.method == "PATCH" else entry.resource
    texts = (text.partition("|")[0] for text in _texts(written))
    return {names[text] for text in texts if text in names}


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each

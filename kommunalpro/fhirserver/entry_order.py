"""In which order the entries of a transaction are written: what others hang on first, whichever came first.

By that a rule which asks for the owner, or for the whole of which something is a part, finds it.

Source: R4 http.html#transaction: POST, then PUT and PATCH; the order within them is ours, for R4 lets none matter.
"""

from collections.abc import Iterable, Iterator

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
_LAST = ("Communication", "CommunicationRequest")
"""What names others, of any kind, and is seldom named by them."""


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Give entries that write in the order in which they are written; those that nothing tells apart as they came."""
    found = list(entries)
    depths = _depths(found)
    return sorted(found, key=lambda each: (*_rank(each), depths[each.number], each.number))


def _rank(entry: Entry) -> tuple[bool, int]:
    first = _FIRST.index(entry.type) if entry.type in _FIRST else len(_FIRST) + (entry.type in _LAST)
    return METHODS.index(entry.method) > METHODS.index("POST"), first


def _depths(entries: list[Entry]) -> dict[int, int]:
    """Give how deep each lies, by its number; 0: in nothing that comes along. What goes in a ring lies deepest."""
    depths: dict[int, int] = {}
    waiting, depth = entries, 0
    while waiting:
        above = {each.full_url for each in waiting if each.full_url}
        free = [each for each in waiting if above.isdisjoint(_wholes(each))] or waiting
        depths |= {each.number: depth for each in free}
        waiting, depth = [each for each in waiting if each.number not in depths], depth + 1
    return depths


def _wholes(entry: Entry) -> Iterator[str]:
    """Give what a resource says that it is part of."""
    value = entry.resource.get("partOf", ())
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, dict) and isinstance(reference := each.get("reference"), str):
            yield reference

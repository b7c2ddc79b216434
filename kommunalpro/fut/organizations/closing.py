"""Units that a whole file no longer has: closed, unless so many are missing that the file is more likely not whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.many import read_many
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.organizations.deciding import is_open
from kommunalpro.fut.organizations.disagreement import disagreements
from kommunalpro.fut.organizations.owned import pick, put
from kommunalpro.fut.organizations.registers import NO_LONGER, Overview, Register, synchronized

FEW, SHARE = 10, 20
"""So many may be missing, or one in so many."""
_NAMED = 5
"""Of those that were not closed, so many are named."""
_AT_ONCE = 500


def absent(
    session: Session,
    register: Register,
    missing: Sequence[str],
    known: Mapping[str, Sequence[str]],
    overview: Overview,
    say: Callable[[str, str, str, str], object],
    closes_many: bool,
) -> Iterator[list[Current]]:
    """Give, in batches, the organisations that follow the register, are open, and are missing from its file.

    If the file does not seem to be whole they are told as a fault, and none is given.
    """
    wanted = [id for number in missing for id in known[number]]
    open_ones = [id for some in _batches(wanted) for id in _open(session, register, some)]
    if not open_ones:
        return
    if (doubt := _doubt(len(open_ones), overview)) and not closes_many:
        first = ", ".join(_named(session, open_ones[:_NAMED])) + (" …" if len(open_ones) > _NAMED else "")
        say("fault", "", "", f"{len(open_ones)} open units are not in the file and were not closed, {doubt}: {first}")
        return
    for some in _batches(open_ones):
        yield list(read_many(session, "Organization", some).values())


def closed(organization: Json, register: Register) -> dict[str, Any]:
    """Give an organisation as closed: inactive, and no longer synchronized."""
    owned = {
        **pick(organization, register),
        "active": False,
        ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS: synchronized(NO_LONGER),
    }
    return put(organization, owned, register, [each.to_fhir() for each in disagreements(organization)])


def _doubt(missing: int, overview: Overview) -> str:
    """Say why a file may not be whole, in which so many open units are missing; empty: it is."""
    if missing > max(FEW, (len(overview.parents) + missing) // SHARE):
        return "so many that the file may not be whole"
    if overview.unidentified:
        return "for lines do not say which unit they are about"
    return "" if overview.parents else "for no line could be taken"


def _open(session: Session, register: Register, ids: Sequence[str]) -> Iterator[str]:
    found = read_many(session, "Organization", ids)
    yield from (id for id, current in found.items() if is_open(current.resource, register))


def _named(session: Session, ids: Sequence[str]) -> Iterator[str]:
    found = read_many(session, "Organization", ids).values()
    yield from (f"{each.resource['identifier'][0]['value']} {each.resource['name']}" for each in found)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]

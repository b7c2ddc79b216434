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

FEW, SHARE = 20, 20
"""So many may be missing, or one in so many."""
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
    """Give, in batches, the organisations that follow the register, are open, and are missing from its file."""
    wanted = [id for number in missing for id in known[number]]
    open_ones = [id for some in _batches(wanted) for id in _open(session, register, some)]
    if not open_ones:
        return
    too_many = len(open_ones) > max(FEW, (len(overview.parents) + len(open_ones)) // SHARE)
    if (too_many or overview.unidentified) and not closes_many:
        because = "so many that the file may not be whole" if too_many else "lines do not say which unit they are about"
        say("remark", "", "", f"{len(open_ones)} open units are not in the file and were not closed: {because}")
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


def _open(session: Session, register: Register, ids: Sequence[str]) -> Iterator[str]:
    found = read_many(session, "Organization", ids)
    yield from (id for id, current in found.items() if is_open(current.resource, register))


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]

"""What a citizen's resource names: no other citizen, nor anything of theirs, wherever it stands.

Whoever reads it would be told of another, or take what is another's for this one's: an answer, a finding, a diagnosis.
Each reference that R4's check comes by is looked at, in notes, answers and extensions too. What is a citizen's is here,
or comes along. That something is another's is not told: it is refused as what is not here.

Of a message, a wish about messages, a Task, a plan, a goal and a consent it is more: all that it names is here, may be
seen by its writer, and is of its citizen. Whoever reads it would be told of another, or sent to what is not there; a
care begins by a consent, and another cannot give it. What may not be seen is refused as what is not here. Who sends,
gets, does, gives or wishes it, and what it is about, are here, where their type is served here at all (a Device is
not); of the rest, what is on other servers is for those to tell. Its course of care is looked at with everything else
that has one (`persons.py`); a plan's teams and the plan that it is part of, the diagnoses of a course of care, what an
impression looks at and what a measurement is based on, by rules of their own (`responsible.py`, `care_plans.py`,
`persons.py`, `impressions.py`, `submitting/checks.py`).

An address that only looks like one of ours, or like one of a resource, is refused: nobody could follow it, and it may
be anybody's.

What stood there before may stay, though it has been deleted since. What the server writes itself (`deadlines/`,
`tasks.py`) names what it was made of, and is not looked at again; a measurement comes from outside, whoever writes it.

Ours: the guide says what may be named (`fut.md` 1A to 1C), and not of whom.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhir.structure.uris import references
from kommunalpro.fhir.structure.walk import Named, Walk, render
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurements import MEASUREMENTS
from kommunalpro.fut.owners import episode_reference, patient_of
from kommunalpro.fut.profiles.addresses import is_below, names_type
from kommunalpro.fut.profiles.by_number import OF_ANOTHER, number_problems
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.services import SERVICES

OF_CITIZENS = frozenset(SERVICES) - SHARED - {"Patient", "Provenance", "AuditEvent"}
"""Types that name nobody but their citizen; who is linked to one, and who has done something, may be another."""
_IN_FULL = frozenset({"Communication", "CommunicationRequest", "Task", "CarePlan", "Goal", "Consent"})
"""Types of which all that is named is here, whatever its type; of the others, what is a citizen's."""
_PERSONS = frozenset({"Patient", "RelatedPerson"})
_HERE = re.compile(
    r"\w+\.(about|focus|sender|recipient|owner|extension|performer|provision\.actor|expressedBy|addresses|goal)\b"
)
"""Places of whoever sends, gets, does or gives it (a team stands in an extension), and of what it is about."""
_MEASURED = "|".join(MEASUREMENTS)
_TOLD_ELSEWHERE = re.compile(
    r"CarePlan\.(careTeam\b.*|partOf\b.*|extension\b.* (CareTeam|Organization))|EpisodeOfCare\.diagnosis\b.*"
    rf"|ClinicalImpression\.(investigation\b.* ({_MEASURED})|previous\b.*|extension\b.* CarePlan)"
    rf"|({_MEASURED})\.basedOn\b.*"
)
"""Place and type of what other rules look at."""
_OF_NOBODY = SHARED | {"Patient"}
"""Types of which nothing is a secret: a system that may not search teams may name one. A Patient is told by the id."""
_SOMEBODYS = OF_CITIZENS | {"Patient"}
_MISSPELT = "Adressen kan ikke læses. Skriv den, som ressourcen selv har den."


@dataclass(frozen=True, slots=True)
class _Mention:
    """What is named by an absolute address, and where (FHIRPath); `to` None: it cannot be read."""

    place: str
    address: str
    to: Reference | None


def mention_problems(resource: Json, previous: Json | None, session: Session, walk: Walk) -> Iterator[Issue]:
    """Give each reference to what is not here, and to what is another citizen's; a subject that lacks is told alone.

    `walk`: what R4's check came by; all that it refers to.
    """
    type, subject = resource["resourceType"], patient_of(resource)
    if (session.is_elevated and type not in MEASUREMENTS) or not (subject or type in _IN_FULL):
        return
    yield from number_problems(resource, previous, subject, session, walk)
    if found := [*_doubtful(resource, subject, session, walk.named)]:
        known = {address for _, address in references(previous or {})}
        yield from _problems([each for each in found if each.address not in known], type, subject, session)


def _doubtful(resource: Json, subject: str | None, session: Session, named: Named) -> Iterator[_Mention]:
    """Give what is named and may be another's, or not be here; mostly nothing, and nothing is looked up for that."""
    base, is_in_full = session.server.base_url, resource["resourceType"] in _IN_FULL
    course = Reference.parse(episode_reference(resource) or "")
    for path, address in named:
        to = Reference.parse(address)
        is_own = to is not None and to.base in (None, base)
        if to and ((to.type == "Patient" and to.id == subject) or (is_own and course and to.key == course.key)):
            continue
        if not is_own and (is_below(address, base) or (to is None and names_type(address, _SOMEBODYS))):
            yield _Mention(render(path), address, None)
        elif to and (is_in_full or to.type in _SOMEBODYS):
            place = render(path)
            if _is_told_here(place, to, session, is_in_full=is_in_full):
                yield _Mention(place, address if to.base else f"{base}/{to}", to)


def _is_told_here(place: str, to: Reference, session: Session, *, is_in_full: bool) -> bool:
    """Tell whether it is to what this server knows of; of a Patient of another its id tells who it is not."""
    is_person, is_own = to.type in _PERSONS, to.base in (None, session.server.base_url)
    if not is_person and (_TOLD_ELSEWHERE.fullmatch(f"{place} {to.type}") or not (is_own or is_in_full)):
        return False
    must_be = _HERE.match(place) is not None and to.type in session.server.rules.types
    return is_own or must_be or to.type == "Patient"


def _problems(found: list[_Mention], type: str, subject: str | None, session: Session) -> Iterator[Issue]:
    is_in_full = type in _IN_FULL
    named = [each.to for each in found if each.to and each.to.type != "Patient"]
    # Somebody of the citizen's need not be seen by who sends in what they answered; of another's it is not told.
    of_somebody = [(each.type, each.id) for each in named if each.type not in _OF_NOBODY] if is_in_full else []
    hidden = set(session.unseen(of_somebody))
    there = session.system_read_those_here([str(each) for each in named if (each.type, each.id) not in hidden])
    for each in found:
        stored = there.get(str(each.to))
        if stored is None and not is_in_full and each.to and session.is_coming(each.to):
            continue
        name = each.to.key if each.to and each.to.base in (None, session.server.base_url) else each.address
        if told := _problem(each, name, stored, subject, is_in_full=is_in_full):
            yield told


def _problem(
    mention: _Mention, name: str, stored: Json | None, subject: str | None, *, is_in_full: bool
) -> Issue | None:
    """Say what is wrong with what is named; `stored` None: it is not here, or may not be seen."""
    place, to = mention.place, mention.to
    if to is None:
        return issue("GENERAL_VALIDATION_ERROR", "an address that is no reference", place, _MISSPELT)
    whose = to.id if to.type == "Patient" else patient_of(stored) if stored else None
    is_others = subject is not None and whose not in (None, subject)
    if is_others and (is_in_full or to.type == "Patient"):
        detail = f"{to.type} of a Patient who is not the subject"
        return issue("GENERAL_VALIDATION_ERROR", detail, place, OF_ANOTHER)
    is_missing = stored is None and to.type != "Patient"
    return issue("GENERAL_RESOURCE_NOT_FOUND", name, place) if is_others or is_missing else None

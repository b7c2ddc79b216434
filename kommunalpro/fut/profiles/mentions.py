"""What a citizen's resource names: no other citizen, nor somebody of theirs, who would be told of it or answer for it.

Of a message, a wish about messages, a Task, a plan, a goal and a consent it is more: all that it names is here, may be
seen by its writer, and is of its citizen. Whoever reads it would be told of another, or sent to what is not there; a
care begins by a consent, and another cannot give it. What may not be seen is refused as what is not here. Who sends,
gets, does, gives or wishes it, and what it is about, are here, where their type is served here at all (a Device is
not); of the rest, what is on other servers is for those to tell. Its course of care is looked at with everything else
that has one (`persons.py`); a plan's teams and the plan that it is part of, by rules of their own (`responsible.py`,
`care_plans.py`).

What stood there before may stay, though it has been deleted since. What the server writes itself (`deadlines/`,
`tasks.py`) names what it was made of, and is not looked at again.

Ours: the guide says what may be named (`fut.md` 1A to 1C), and not of whom.
"""

import re
from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhir.structure.uris import references
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurements import MEASUREMENTS
from kommunalpro.fut.owners import episode_reference, patient_of
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.services import SERVICES

OF_CITIZENS = frozenset(SERVICES) - SHARED - {"Patient", "Provenance", "AuditEvent"}
"""Types that name nobody but their citizen; who is linked to one, and who has done something, may be another."""
_IN_FULL = frozenset({"Communication", "CommunicationRequest", "Task", "CarePlan", "Goal", "Consent"})
"""Types of which all that is named is looked at; of the others, persons alone: most name none but their own."""
_PERSONS = frozenset({"Patient", "RelatedPerson"})
_PERSON = re.compile(r"\b(?:Patient|RelatedPerson)/[A-Za-z0-9\-.]{1,64}")
_HERE = re.compile(
    r"\w+\.(about|focus|sender|recipient|owner|extension|performer|provision\.actor|expressedBy|addresses|goal)\b"
)
"""Places of whoever sends, gets, does or gives it (a team stands in an extension), and of what it is about."""
_TOLD_ELSEWHERE = re.compile(r"CarePlan\.(careTeam|partOf|extension)\b")
_OF_NOBODY = SHARED | {"Patient"}
"""Types of which nothing is a secret: a system that may not search teams may name one. A Patient is told by the id."""
_OF_ANOTHER = "Der henvises til en anden borger, eller til noget, der hører til en anden."


def mention_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each reference to what is not here, and to what is another citizen's; a subject that lacks is told alone."""
    subject, is_in_full = patient_of(resource), resource["resourceType"] in _IN_FULL
    if session.is_elevated or not (is_in_full or (subject and _may_name_another(resource, subject))):
        return
    found = _named(resource, previous or {})
    named = [(place, each) for place, each in found if _is_told_here(place, each, session)]
    # Somebody of the citizen's need not be seen by who sends in what they answered; of another's it is not told.
    of_somebody = [(each.type, each.id) for _, each in named if each.type not in _OF_NOBODY] if is_in_full else []
    hidden = set(session.unseen(of_somebody))
    for place, each in named:
        if each.type == "Patient":
            whose: str | None = each.id
        elif (
            (each.type, each.id) not in hidden
            and (there := read_if_there(session, str(each)))
            and (is_in_full or patient_of(there) == subject)
        ):
            whose = patient_of(there)
        else:
            yield issue("GENERAL_RESOURCE_NOT_FOUND", each.key, place)
            continue
        if subject and whose not in (None, subject):
            detail = f"{each.type} of a Patient who is not the subject"
            yield issue("GENERAL_VALIDATION_ERROR", detail, place, _OF_ANOTHER)


def _may_name_another(resource: Json, subject: str) -> bool:
    """Tell whether anybody but its citizen can be among the persons that it names.

    Whoever measured or answered stands at the top of a measurement, or in an extension there. It is asked of each
    answer that comes, and to go through all that was answered as well takes a tenth of the time of storing it.
    """
    if resource["resourceType"] not in MEASUREMENTS:
        return True
    beside = [each for name, each in resource.items() if name != "item"]
    named = (each for value in beside for each in (value if isinstance(value, list) else (value,)))
    addresses = (each.get("valueReference", each).get("reference", "") for each in named if isinstance(each, dict))
    return any(match[0] != f"Patient/{subject}" for each in addresses for match in _PERSON.finditer(each))


def _is_told_here(place: str, reference: Reference, session: Session) -> bool:
    """Tell whether it is to what this server knows of; of a Patient of another its id tells who it is not."""
    is_own = reference.base in (None, session.server.base_url)
    must_be = _HERE.match(place) is not None and reference.type in session.server.rules.types
    return is_own or must_be or reference.type == "Patient"


def _named(resource: Json, previous: Json) -> Iterator[tuple[str, Reference]]:
    """Give (FHIRPath, reference) of each that is new, but for the course of care and what is told elsewhere."""
    known = {address for _, address in references(previous)} | {episode_reference(resource)}
    is_in_full = resource["resourceType"] in _IN_FULL
    for place, address in references(resource):
        if address in known or not (reference := Reference.parse(address)):
            continue
        if reference.type in _PERSONS or (is_in_full and not _TOLD_ELSEWHERE.match(place)):
            yield place.removesuffix(".reference"), reference

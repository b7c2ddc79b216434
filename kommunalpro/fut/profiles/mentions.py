"""What a message, a wish about messages, or a Task names: it is here, may be seen by its writer, and is of its citizen.

Whoever gets it would be told of another, or sent to what is not there. What may not be seen is refused as what is not
here. Who sends and who gets it, who is to do it, and what it is about, are here, where their type is served here at all
(a Device is not); of the rest, what is on other servers is for those to tell. Its course of care is looked at with
everything else that has one (`persons.py`).

What stood there before may stay, though it has been deleted since. What the server writes itself (`deadlines/`,
`tasks.py`) names what it was made of, and is not looked at again.

Ours: the guide says what may be named (`fut.md` 1C), and not of whom.
"""

import re
from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhir.structure.uris import references
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import episode_reference, patient_of
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.reading import read_if_there

_HERE = re.compile(r"\w+\.(about|focus|sender|recipient|owner|extension)\b")
"""Places of whoever sends, gets or does it (a team stands in an extension), and of what it is about."""
_OF_NOBODY = SHARED | {"Patient"}
"""Types of which nothing is a secret: a system that may not search teams may name one. A Patient is told by the id."""
_OF_ANOTHER = {"Task": "Opgaven er om en anden borger."}


def mention_problems(message: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each reference to what is not here, and to what is another citizen's; a subject that lacks is told alone."""
    if session.is_elevated:
        return
    subject = patient_of(message)
    named = [(place, each) for place, each in _named(message, previous or {}) if _is_told_here(place, each, session)]
    of_somebody = [(each.type, each.id) for _, each in named if each.type not in _OF_NOBODY]
    hidden = set(session.unseen(of_somebody))
    for place, each in named:
        if each.type == "Patient":
            whose: str | None = each.id
        elif (each.type, each.id) not in hidden and (found := read_if_there(session, str(each))):
            whose = patient_of(found)
        else:
            yield issue("GENERAL_RESOURCE_NOT_FOUND", each.key, place)
            continue
        if subject and whose not in (None, subject):
            detail = f"{each.type} of a Patient who is not the subject"
            text = _OF_ANOTHER.get(message["resourceType"], "Beskeden er om en anden borger.")
            yield issue("GENERAL_VALIDATION_ERROR", detail, place, text)


def _is_told_here(place: str, reference: Reference, session: Session) -> bool:
    """Tell whether it is to what this server knows of; of a Patient of another its id tells who it is not."""
    is_own = reference.base in (None, session.server.base_url)
    must_be = _HERE.match(place) is not None and reference.type in session.server.rules.types
    return is_own or must_be or reference.type == "Patient"


def _named(message: Json, previous: Json) -> Iterator[tuple[str, Reference]]:
    """Give (FHIRPath, reference) of each that is new, but for the course of care."""
    known = {address for _, address in references(previous)} | {episode_reference(message)}
    for place, address in references(message):
        if address not in known and (reference := Reference.parse(address)):
            yield place.removesuffix(".reference"), reference

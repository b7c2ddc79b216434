"""What people read of a definition (plan, activity, questionnaire) or of a team names nobody: it is for everybody.

A CPR number in it would be read by every citizen who is asked, go along in the plan's package, be copied into the
citizen's Goal, and stay once it is published. So all that R4 types as text is looked at, however deep, in what is
contained, in extensions and in translations; and no identifier and no reference is a citizen's. Material for all is
looked through in the same way, and for more (`materials.py`). Ours, with its code: the guide is silent; of a team it
says that it is patient-independent (`fut.md` 1B). What stood there before may stay, so that it can be taken out of use.

Of another identifier and of a telephone number, only what is written as nothing but a CPR number is (`251248-9996`):
ten digits alone are a Swedish telephone's too, a P-nummer, or a number of the system's own. But for a system that is
called after CPR, any that somebody can have.

Not here: addresses, codes and formulas (`fhir/structure/uris.py` says which); what is attached as a file, and so the
content of a View or an ActionGuidance.
"""

from collections.abc import Iterator
from html import unescape

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.identifier import is_written_as_cpr, names_cpr
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import elements_of, references, texts
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.addresses import names_type
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.services import SERVICES

_NUMBER = "Der står et CPR-nummer. Det, der er til alle, må ikke nævne nogen."
_REFERENCE = "Der henvises til en borger. Det, der er til alle, må ikke nævne nogen."
_OF_CITIZENS = frozenset(SERVICES) - SHARED - {"DocumentReference"}
"""Types of what is a citizen's; material can be for all (`materials.py` tells which)."""


def names_somebody(definition: Json, previous: Json | None) -> Iterator[Issue]:
    """Give each place where a definition or a team names a citizen, and did not do so before."""
    found = list(_named(definition))
    known = {what for _, what, _ in _named(previous or {})} if found else set()
    for path, what, text in found:
        if what not in known:
            yield issue("KPRO_FOR_ALL_NAMES_SOMEBODY", "", path, text)


def _named(definition: Json) -> Iterator[tuple[str, str, str]]:
    """Give (FHIRPath, what stands there, what to say of it)."""
    yield from ((path, what, _NUMBER) for path, what in numbers(definition))
    for path, address in references(definition):
        if names_type(address, _OF_CITIZENS):
            yield path, address, _REFERENCE


def numbers(resource: Json) -> Iterator[tuple[str, str]]:
    """Give (FHIRPath, what stands there) of each CPR number in what people read of a resource, or that identifies."""
    for path, text in texts(resource):
        if names_cpr(unescape(text)):
            yield path, text
    for path, identifier in elements_of(resource, "Identifier"):
        if _is_somebodys(identifier):
            yield path, dumps(identifier).decode()
    for path, contact in elements_of(resource, "ContactPoint"):
        if is_written_as_cpr(contact.get("value", "")):
            yield path, dumps(contact).decode()


def _is_somebodys(identifier: Json) -> bool:
    system, value = identifier.get("system", ""), identifier.get("value", "")
    is_called_so = "cpr" in system.casefold() and names_cpr(value)
    return system == ehealth.CPR or is_called_so or is_written_as_cpr(value)

"""What people read of a definition, a team, an organisation or a code system names nobody: it is for everybody.

A CPR number in a plan would be read by every citizen who is asked, go along in the plan's package, be copied into the
citizen's Goal, and stay once it is published. So all that R4 types as text is looked at, however deep, in what is
contained, in extensions and in translations; and no identifier and no reference is a citizen's. The names of codes, in
code systems and value sets, are as much for all; and so is who works here, whom every citizen may look up: staff are
known by the address of their Practitioner, and need no CPR number. Material for all is looked through in the same way,
and for more (`materials.py`). Ours, with its code: the guide is silent; of a team it says that it is
patient-independent (`fut.md` 1B). What stood there before may stay, so that it can be taken out of use.

Of another identifier, a version and a telephone number, and of what else an organisation says in an extension, only
what is written as nothing but a CPR number is (`251248-9996`): ten digits alone are a Swedish telephone's too, a
P-nummer, or a number of the system's own. But for a system that is called after CPR, any that somebody can have. In the
address of a page or a file it stands between two of the address's marks, or the file is called so.

Not here: other addresses, codes and formulas (`fhir/structure/uris.py` says which); what is in an attached file, and so
the content of a View or an ActionGuidance.
"""

import re
from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.cpr_in_text import (
    address_names_cpr,
    file_names_cpr,
    is_written_as_cpr,
    names_cpr,
    reading_names_cpr,
)
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import READ, all_of
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.addresses import names_type
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.services import SERVICES

_NUMBER = "Der står et CPR-nummer. Det, der er til alle, må ikke nævne nogen."
_REFERENCE = "Der henvises til en borger. Det, der er til alle, må ikke nævne nogen."
_ADDRESSED = frozenset({"Attachment", "RelatedArtifact"})
_LOOKED_AT = READ | _ADDRESSED | {"Identifier", "ContactPoint"}
_IS_NUMBER = re.compile(r"Organization\.(?:\w+(?:\[\d+\])?\.)*extension\[").match
"""Where a text is rather a number: FUT has the telephones of an organisation's contacts in extensions, and others."""
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
    yield from ((path, what, _NUMBER) for path, what in _version(definition))
    for path, type, found in all_of(definition, _LOOKED_AT | {"Reference"}):
        if type == "Reference":
            address = found.get("reference", "")
            if names_type(address, _OF_CITIZENS):
                yield f"{path}.reference", address, _REFERENCE
        else:
            yield from ((at, what, _NUMBER) for at, what in _number(path, type, found))


def numbers(resource: Json) -> Iterator[tuple[str, str]]:
    """Give (FHIRPath, what stands there) of each CPR number in what people read of a resource, or that identifies."""
    yield from _version(resource)
    for each in all_of(resource, _LOOKED_AT):
        yield from _number(*each)


def _version(resource: Json) -> Iterator[tuple[str, str]]:
    if is_written_as_cpr(version := resource.get("version", "")):
        yield f"{resource['resourceType']}.version", version


def _number(path: str, type: str, found: Any) -> Iterator[tuple[str, str]]:
    if type in _ADDRESSED:
        if address_names_cpr(url := found.get("url", "")) or file_names_cpr(url):
            yield f"{path}.url", url
    elif type not in READ:
        if is_somebodys(found, type):
            yield path, dumps(found).decode()
    elif is_written_as_cpr(found) if _IS_NUMBER(path) else reading_names_cpr(found):
        yield path, found


def is_somebodys(number: Json, type: str) -> bool:
    """Tell whether an Identifier or a ContactPoint has a CPR number."""
    system, value = number.get("system", ""), number.get("value", "")
    is_called_so = type == "Identifier" and "cpr" in system.casefold() and names_cpr(value)
    return system == ehealth.CPR or is_called_so or is_written_as_cpr(value)

"""Whom a citizen's resource names by CPR number: the citizen, and nobody else.

A reference may say by which number somebody is known, instead of where they are or beside it, and a person who is not
here may come along in the resource. By the number of another whoever reads it is told of that other, as by an address
(`mentions.py`). No refusal repeats it. What stood there before may stay.

Ours: the guide is silent.
"""

import re
from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.uris import elements_of
from kommunalpro.fhir.structure.walk import Walk, render
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there

OF_ANOTHER = "Der henvises til en anden borger, eller til noget, der hører til en anden."
_PEOPLE = frozenset({"Patient", "RelatedPerson", "Person"})


def number_problems(
    resource: Json, previous: Json | None, subject: str | None, session: Session, walk: Walk
) -> Iterator[Issue]:
    """Give each CPR number that is not the subject's; mostly there is none, and nothing is looked up for that."""
    if not (found := [*_numbers(resource, walk)]):
        return
    known = [each for _, each in elements_of(previous or {}, "Identifier")]
    if new := [(place, each) for place, each in found if each not in known]:
        patient = read_if_there(session, f"{session.server.base_url}/Patient/{subject}") if subject else None
        own = {_digits(each) for each in (patient or {}).get("identifier", ()) if _is_number(each)}
        for place, each in new:
            if _digits(each) not in own:
                yield issue("GENERAL_VALIDATION_ERROR", "a CPR number that is not the subject's", place, OF_ANOTHER)


def _numbers(resource: Json, walk: Walk) -> Iterator[tuple[str, Json]]:
    """Give (FHIRPath, Identifier) of each CPR number of a reference, and of a person who comes along."""
    for path, identifier in walk.numbered:
        if _is_number(identifier):
            yield f"{render(path)}.identifier", identifier
    for index, each in enumerate(resource.get("contained", ())):
        for number, identifier in enumerate(each.get("identifier", ())) if each["resourceType"] in _PEOPLE else ():
            if _is_number(identifier):
                yield f"{resource['resourceType']}.contained[{index}].identifier[{number}]", identifier


def _is_number(identifier: Json) -> bool:
    return identifier.get("system") == ehealth.CPR and "value" in identifier


def _digits(identifier: Json) -> str:
    return re.sub(r"[\s-]", "", identifier["value"])

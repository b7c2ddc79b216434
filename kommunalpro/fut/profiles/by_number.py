"""Whom a citizen's resource names by CPR number: the citizen, and nobody else.

A reference may say by which number somebody is known, instead of where they are or beside it; a person who is not here
may come along in the resource; and an extension, or the resource itself, may have a number. By the number of another
whoever reads it is told of that other, as by an address (`mentions.py`). It is a CPR number by its system, or by how it
is written, as `for_all.py` reads it. A relative has a number too, which is theirs. No refusal repeats it. What stood
there before may stay.

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
from kommunalpro.fut.profiles.for_all import is_somebodys
from kommunalpro.fut.reading import read_if_there

OF_ANOTHER = "Der henvises til en anden borger, eller til noget, der hører til en anden."


def number_problems(
    resource: Json, previous: Json | None, subject: str | None, session: Session, walk: Walk
) -> Iterator[Issue]:
    """Give each CPR number that is not the subject's; mostly there is none, and nothing is looked up for that."""
    if not (found := [*_numbers(resource, walk)]):
        return
    known = [each for _, each in elements_of(previous or {}, "Identifier")]
    if new := [(place, each) for place, each in found if each not in known]:
        patient = read_if_there(session, f"{session.server.base_url}/Patient/{subject}") if subject else None
        numbers = (each for each in (patient or {}).get("identifier", ()) if each.get("system") == ehealth.CPR)
        own = {_digits(each) for each in numbers}
        for place, each in new:
            if _digits(each) not in own:
                yield issue("GENERAL_VALIDATION_ERROR", "a CPR number that is not the subject's", place, OF_ANOTHER)


def _numbers(resource: Json, walk: Walk) -> Iterator[tuple[str, Json]]:
    """Give (FHIRPath, Identifier) of each CPR number, but of what a relative is known by."""
    for path, identifier in walk.numbered:
        if is_somebodys(identifier, "Identifier") and "value" in identifier:
            place = render(path)
            if not place.startswith("RelatedPerson.identifier["):
                yield place, identifier


def _digits(identifier: Json) -> str:
    return re.sub("[^0-9]", "", identifier.get("value", ""))

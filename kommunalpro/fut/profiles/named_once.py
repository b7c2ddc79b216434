"""Code systems, value sets and maps are each named once: no other has the same `url` and version.

Else one canonical would mean two, and which of them would hang on who wrote last. Ours, and HAPI's, which FUT's
terminology service is (`fut.md` §6); its guide is silent. What was stored so before may stay.
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue

NAMED_ONCE = frozenset({"CodeSystem", "ValueSet", "ConceptMap"})

_TAKEN = "Der er allerede en anden med samme adresse (url) og version."


def name_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give that another has the name which a resource has not had until now."""
    type, url = resource["resourceType"], resource.get("url")
    if url is None or (previous and _name(previous) == _name(resource)):
        return
    session.take_turns(f"{type}.url={url}")
    others = session.elevated().search_all(type, [("url", url)])
    if any(_name(each) == _name(resource) and each["id"] != resource["id"] for each in others):
        yield issue("GENERAL_VALIDATION_ERROR", "another has this url and version", f"{type}.url", _TAKEN)


def _name(resource: Json) -> tuple[str | None, str | None]:
    return resource.get("url"), resource.get("version")

"""`ValueSet/$expand`: the codes that a value set has.

Supported: the ValueSet at the address, by `url` (with `valueSetVersion`, or `url|version`) or sent as `valueSet`;
`filter` (each word stands in the code or its name), `offset`, `count`, `displayLanguage`, `includeDesignations`,
`includeDefinition`, `activeOnly`. What is known is what is stored here, else FUT's own code systems and value sets, and
FSIII; of a url without a version the active one that was written last. A value set's filter `concept is-a` picks a
code and what stands below it, where the code system says that it is a tree of kinds, as FSIII does. The list is flat,
whatever `excludeNested` says; a heading is there as `abstract`.
Not supported: a value set with part of a code system that is not here, or only in part, or with another filter of its
own: the answer is 422 not-supported with its name, never a shorter list. More than 10,000 codes without a `count` are
too costly (400). The other parameters of R4 (`context`, `date`, `system-version` …) are refused by name (501).

Source: R4 operation-valueset-expand.html; `fut.md` 6 (terminology).
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import value
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import terminology
from kommunalpro.fut.concepts import Concept
from kommunalpro.fut.operations.asked_value_set import asked_value_set

MOST = 10_000
"""Codes at once: ours, no list that is chosen from is so long."""
_LONGEST = 200
"""Characters to search by."""
_KEPT = ("resourceType", "url", "version", "name", "title", "status")
_TOLD = {
    "filter": "valueString",
    "offset": "valueInteger",
    "count": "valueInteger",
    "displayLanguage": "valueCode",
    "includeDesignations": "valueBoolean",
    "activeOnly": "valueBoolean",
}
"""Parameter that shapes the expansion → how the expansion tells that it did."""


def expand(session: Session, parameters: Json, target: str | None) -> Json:
    """Give the ValueSet with its expansion."""
    terms = terminology(session)
    value_set = asked_value_set(session, terms, parameters, target)
    start, count = _place(parameters, "offset") or 0, _place(parameters, "count")
    language = value(parameters, "displayLanguage")
    found = list(_wanted(terms.expand(value_set).values(), parameters, language))
    if count is None and len(found) - start > MOST:
        raise BadRequest(
            "Der er for mange koder: søg, eller hent dem lidt ad gangen.",
            diagnostics=f"{len(found)} codes: ask with a filter, or for at most {MOST} at once by count and offset",
            code="too-costly",
        )
    with_designations = value(parameters, "includeDesignations") is True
    page = found[start:] if count is None else found[start : start + count]
    contains = [_entry(each, language, with_designations=with_designations) for each in page]
    kept = (*_KEPT, "compose") if value(parameters, "includeDefinition") is True else _KEPT
    expansion = {
        "identifier": f"urn:uuid:{new_id()}",
        "timestamp": to_instant(session.now),
        "total": len(found),
        **({"offset": start} if count is not None or start else {}),
        **({"parameter": told} if (told := list(_told(parameters, page))) else {}),
        **({"contains": contains} if contains else {}),
    }
    return {**{name: value_set[name] for name in kept if name in value_set}, "expansion": expansion}


def _place(parameters: Json, name: str) -> int | None:
    given = value(parameters, name)
    if given is not None and given < 0:
        raise BadRequest("Antallet kan ikke være negativt.", diagnostics=f"Parameter {name} must not be negative")
    return None if given is None else int(given)


def _wanted(concepts: Any, parameters: Json, language: str | None) -> Iterator[Concept]:
    text = value(parameters, "filter") or ""
    if len(text) > _LONGEST:
        raise BadRequest("Søg med færre ord.", diagnostics=f"filter must be at most {_LONGEST} characters")
    words = text.casefold().split()
    only_active = value(parameters, "activeOnly") is True
    for each in concepts:
        name = f"{each.code} {each.display_in(language) or ''}".casefold()
        if all(word in name for word in words) and not (only_active and each.is_inactive):
            yield each


def _entry(concept: Concept, language: str | None, *, with_designations: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "system": concept.system,
        "abstract": concept.is_abstract,
        "inactive": concept.is_inactive,
        "version": concept.version,
        "code": concept.code,
        "display": concept.display_in(language),
        "designation": concept.designations if with_designations else [],
    }
    return {name: each for name, each in entry.items() if each}


def _told(parameters: Json, page: list[Concept]) -> Iterator[dict[str, Any]]:
    """Tell what the expansion was made with: what was asked, and which version of each code system."""
    for name, kind in _TOLD.items():
        if (given := value(parameters, name)) is not None:
            yield {"name": name, kind: given}
    for used in dict.fromkeys(f"{each.system}|{each.version}" for each in page if each.version):
        yield {"name": "version", "valueUri": used}

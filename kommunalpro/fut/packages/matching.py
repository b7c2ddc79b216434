"""What of a package is here already: the like of a Library or an Organization, and the same definition.

Source: OperationDefinition PlanDefinition-t-import (Libraries and Organizations are found); by what, is ours.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json, canonical
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import is_national, is_view, status_of
from kommunalpro.fut.descent import uuid_of
from kommunalpro.fut.packages.links import edits, is_about_somebody
from kommunalpro.fut.value_sets import as_named

CONTENT = "http://kommunalpro.dk/id/content"
"""System of an identifier that is made from what a document says: FUT gives information material none."""

_TELLING = (ehealth.SOR, ehealth.STS_ORG, ehealth.CVR)
"""Systems of identifiers of an organisation, the one that tells it best from others first."""
_BOUND_BY = {
    True: (ehealth.VIEW_FOR, "viewForReference"),
    False: (ehealth.ACTIONGUIDANCE_FOR, "actionGuidanceForReference"),
}
"""Whether it is a View → the extension that names its questionnaire, and the parameter that finds it by that."""
_MOST_IDENTIFIERS = 10
"""By so many is something looked for: each is a search."""
_NOT_CONTENT = frozenset(
    {"id", "meta", "text", "identifier", "version", "status", "approvalDate", "lastReviewDate", "date"}
    | {"url", "publisher", "contact"}
)
_NOT_CONTENT_EITHER = frozenset(
    {ehealth.BASE, ehealth.BASE_ENVIRONMENT, ehealth.PREDECESSOR, ehealth.MODIFIER_ROLE}
    | {ehealth.WITHOUT_LIGHTS, ehealth.STATUS}
)


def alike(session: Session, resource: Json) -> list[dict[str, Any]]:
    """Give what here is the like of a Library or an Organization; more than one: it cannot be told which.

    What tells it best decides; by less, as the CVR number that a municipality shares with its units, something is only
    found that is called the same and has no other number of its own.
    """
    if itself := _itself(session, resource):
        return [itself]
    for number, asked in enumerate(_asked(resource)):
        there = session.search_all(resource["resourceType"], asked)
        found = [each for each in there if _is_in_use(each) and (not number or _may_be(each, resource))]
        if found:
            return [each for each in found if each["id"] == resource["id"]] or found
    return []


def _asked(resource: Json) -> Iterator[list[tuple[str, str]]]:
    order = {system: at for at, system in enumerate(_TELLING)}
    identifiers = [each for each in resource.get("identifier", ()) if "system" in each and "value" in each]
    identifiers = sorted(identifiers, key=lambda each: order.get(each["system"], len(order)))[:_MOST_IDENTIFIERS]
    is_library = resource["resourceType"] == "Library"
    version = [("version", escaped(resource["version"]))] if is_library and "version" in resource else []
    if is_library and "url" in resource:
        yield [("url", escaped(resource["url"])), *version]
    yield from ([("identifier", _token(each)), *version] for each in identifiers)


def _is_in_use(resource: Json) -> bool:
    return resource.get("active") is not False and resource.get("status") != "retired"


def _may_be(there: Json, resource: Json) -> bool:
    numbers = _numbers(there), _numbers(resource)
    is_other = any(numbers[0][system] != numbers[1][system] for system in numbers[0].keys() & numbers[1].keys())
    return there.get("name") == resource.get("name") and not is_other


def _numbers(resource: Json) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in resource.get("identifier", ()):
        if each.get("system") in _TELLING:
            found.setdefault(each["system"], set()).add(each.get("value", ""))
    return found


def _itself(session: Session, resource: Json) -> dict[str, Any] | None:
    try:
        there = session.read(resource["resourceType"], resource["id"])
    except (NotFound, Gone):
        return None
    return there if _without_meta(there) == _without_meta(resource) else None


def _without_meta(resource: Json) -> dict[str, Any]:
    return {name: each for name, each in resource.items() if name != "meta"}


def find_same(session: Session, packaged: Json, draft: Json) -> dict[str, Any] | None:
    """Give what here says what a draft would say, and can be used for it; None: it must be made.

    `packaged`: as it came, by which what it came from or was made into is found.
    """
    wanted = content(draft)
    usable = (each for each in _candidates(session, packaged, draft) if is_usable(session, each))
    return next((each for each in usable if content(each) == wanted), None)


def _candidates(session: Session, packaged: Json, draft: Json) -> Iterator[dict[str, Any]]:
    type = packaged["resourceType"]
    if type == "Basic":
        url, parameter = _BOUND_BY[is_view(draft)]
        targets = (extension_value(each, "forReference")["reference"] for each in extensions(draft, url))
        for target in dict.fromkeys(targets):
            yield from session.search_all("Basic", [(parameter, target)])
    elif type == "DocumentReference":
        if itself := _itself(session, packaged):
            yield itself
        for identifier in (content_identifier(draft), packaged.get("masterIdentifier", {})):
            if "system" in identifier and "value" in identifier:
                yield from session.search_all(type, [("identifier", _token(identifier))])
    elif uuid := uuid_of(packaged):
        token = _token({"system": ehealth.UUID, "value": uuid})
        for parameter in ("identifier", "ehealthPredecessor"):
            yield from session.search_all(type, [(parameter, token), ("_sort", "-_lastUpdated")])


def is_usable(session: Session, there: Json) -> bool:
    """Tell whether what is here can stand for what came: not what is given up, nor what is another's to change.

    But a questionnaire in use is the same to all who ask it, and its answers are only compared with its own; and what
    is national is for all.
    """
    type = there["resourceType"]
    if type == "DocumentReference":
        return there.get("status") == "current" and not is_about_somebody(there)
    if status_of(there) == "retired":
        return False
    is_shared = type == "Questionnaire" or (type == "Basic" and is_national(there))
    return edits(session, there) or (is_shared and status_of(there) == "active")


def content(resource: Json) -> bytes:
    """Give what a definition says, without what it is called, whose it is, and how far it has come in its life."""
    named = as_named(dict(resource)) if resource["resourceType"] == "Questionnaire" else resource
    said = {name: each for name, each in named.items() if name not in _NOT_CONTENT}
    others = [each for each in said.pop("extension", ()) if each["url"] not in _NOT_CONTENT_EITHER]
    return canonical({**said, **({"extension": others} if others else {})})


def content_identifier(document: Json) -> dict[str, str]:
    """Give the identifier that a document gets from what it says."""
    return {"system": CONTENT, "value": sha256(content(document)).hexdigest()}


def _token(identifier: Json) -> str:
    return f"{escaped(identifier['system'])}|{escaped(identifier['value'])}"

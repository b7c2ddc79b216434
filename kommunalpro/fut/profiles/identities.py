"""The identity of a definition across its versions: identifier, base and base environment, which the server gives it.

It stays what it is: what an update leaves out is put back, and what it would change is refused. Who makes a definition
may bring an identity along, as a package does from elsewhere and a version written by hand from its family here; what
another has here already is theirs. How such a one is told is ours: the guide says who gives it and no more.

Source: `fut.md` §0.5, §0.10.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import status_of
from kommunalpro.fut.descent import base_of, identifier_in, uuid_of, versions_here
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import is_owner, may_edit, owners_of

VERSIONED = frozenset({"Questionnaire", "ActivityDefinition", "PlanDefinition"})

_OF_ITS_BASE = (ehealth.BASE, ehealth.BASE_ENVIRONMENT)


def identify(resource: dict[str, Any], previous: Json | None, environment: str, uuid: str) -> dict[str, Any]:
    """Give a definition what it lacks of its identity: its own from before, else a new one that it may begin."""
    of_server = _identity(environment, f"urn:uuid:{uuid}") if previous is None else previous
    missing = [extension(of_server, url) for url in _OF_ITS_BASE if extension(resource, url) is None]
    changed = {**resource, "extension": [*resource.get("extension", ()), *filter(None, missing)]}
    if (urn := uuid_of(of_server)) and uuid_of(resource) is None:
        changed["identifier"] = [*resource.get("identifier", ()), {"system": ehealth.UUID, "value": urn}]
    return changed


def _identity(environment: str, urn: str) -> Json:
    of_environment = {"system": ehealth.EHEALTH_ENVIRONMENT, "value": environment}
    base = {"system": ehealth.UUID, "value": urn, "assigner": {"identifier": of_environment}}
    return {
        "identifier": [{"system": ehealth.UUID, "value": urn}],
        "extension": [
            {"url": ehealth.BASE, "valueIdentifier": base},
            {"url": ehealth.BASE_ENVIRONMENT, "valueIdentifier": of_environment},
        ],
    }


def identity_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the identity that a definition brings along or would take on."""
    type = resource["resourceType"]
    for url in (*_OF_ITS_BASE, ehealth.PREDECESSOR):
        brought = identifier_in(resource, url)
        if brought and brought != identifier_in(previous or {}, url) and not brought.get("value"):
            detail = f"{url} holds an Identifier with a value"
            yield issue("GENERAL_VALIDATION_ERROR", detail, f"{type}.extension")
    for urn in sorted(_uuids(resource) - _uuids(previous or {})):
        session.take_turns(f"{type}.identifier={urn}")
        if _is_taken(urn, resource, session):
            yield issue("KPRO_IDENTITY_OF_ANOTHER", urn, f"{type}.identifier")
    base = base_of(resource)
    if previous is None and base and not _may_be_of(base, resource, session):
        yield issue("KPRO_IDENTITY_OF_ANOTHER", base, f"{type}.extension")
    if status_of(resource) == "draft" and base:
        session.take_turns(f"{type}|{base}")  # as who clones does
        yield from _other_drafts(base, resource, session)


def changes_of_identity(resource: Json, previous: Json) -> Iterator[Issue]:
    """Tell of a definition that would become another, or would have been made from another."""
    type = resource["resourceType"]
    is_same_base = all(extension(resource, url) == extension(previous, url) for url in _OF_ITS_BASE)
    if not is_same_base or uuid_of(resource) != uuid_of(previous):
        yield issue("KPRO_IDENTITY_IMMUTABLE", type, type)
    before = extension(previous, ehealth.PREDECESSOR)
    if before not in (None, extension(resource, ehealth.PREDECESSOR)):
        yield issue("KPRO_PREDECESSOR_IMMUTABLE", type, f"{type}.extension")


def _uuids(definition: Json) -> set[str]:
    identifiers = definition.get("identifier", ())
    return {each.get("value", "") for each in identifiers if each.get("system") == ehealth.UUID}


def _is_taken(urn: str, resource: Json, session: Session) -> bool:
    query = [("identifier", f"{escaped(ehealth.UUID)}|{escaped(urn)}")]
    found = session.elevated().search(resource["resourceType"], query).get("entry", ())
    return any(entry["resource"]["id"] != resource.get("id") for entry in found)


def _may_be_of(base: str, resource: Json, session: Session) -> bool:
    """Tell whether a definition may begin in a base: it is new here, or of who edits something of it already."""
    by = session.principal
    others = [each for each in versions_here(session, resource["resourceType"], base) if each["id"] != resource["id"]]
    is_system = by.user_type == "SYSTEM"
    return is_system or not others or any(may_edit(each, by.context.organization) for each in others)


def _other_drafts(base: str, resource: Json, session: Session) -> Iterator[Issue]:
    """Give the other draft of a base; that of others, from before a base had an owner, stands in nobody's way."""
    found = session.elevated().search(resource["resourceType"], [("base", escaped(base)), ("status", "draft")])
    others = [each["resource"] for each in found.get("entry", ()) if each["resource"]["id"] != resource.get("id")]
    if any(is_owner(each, owner) for each in others for owner in owners_of(resource)):
        yield issue("VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED", base)

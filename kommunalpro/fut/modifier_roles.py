"""Whose a definition is: the organisations that own it or edit it with others.

Source: `fut.md` §0.10, `ehealth-modifier-role`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference

OWNER_MANDATORY: Mapping[str, str] = {
    "Questionnaire": "QUESTIONNAIRE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    "ActivityDefinition": "ACTIVITYDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    "PlanDefinition": "PLANDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    "Basic": "ACTIONGUIDANCEVIEW_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    "DocumentReference": "DOCUMENTREFERENCE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
    "Library": "KPRO_LIBRARY_OWNER_MANDATORY",
}
"""Type → what it is called that nobody owns it: the guide's codes begin with the profile's name."""


def owned_by(organization: str) -> dict[str, Any]:
    """Give the extension that makes an organisation, by absolute URL, the owner."""
    return _extension(organization, "owner")


def edited_by(organization: str) -> dict[str, Any]:
    """Give the extension that lets an organisation, by absolute URL, edit with the owner."""
    return _extension(organization, "co-author")


def _extension(organization: str, code: str) -> dict[str, Any]:
    role = {"coding": [{"system": ehealth.MODIFIER_ROLE_CODES, "code": code}]}
    return complex_extension(
        ehealth.MODIFIER_ROLE,
        {"url": "reference", "valueReference": {"reference": organization}},
        {"url": "role", "valueCodeableConcept": role},
    )


def owner_of(definition: Json) -> str | None:
    """Give the URL of the organisation that owns a definition, of several the first; None means it names none."""
    return next(iter(owners_of(definition)), None)


def owners_of(definition: Json) -> tuple[str, ...]:
    """Give the URLs of all organisations that own a definition, without a version: mostly it is one."""
    return tuple(url for url, role in _roles(definition) if role == "owner")


def co_authors_of(definition: Json) -> tuple[str, ...]:
    """Give the URLs of the organisations that edit a definition with its owner."""
    return tuple(url for url, role in _roles(definition) if role == "co-author")


def named_in(definition: Json) -> list[str]:
    """Give the URLs of all organisations that have a role in a definition, each as often as it is named."""
    return [url for url, _ in _roles(definition)]


def is_owner(definition: Json, organization: str | None) -> bool:
    """Tell whether an organisation owns a definition, and so decides who edits it."""
    return organization is not None and _url(organization) in owners_of(definition)


def has_other_roles(definition: Json, other: Json) -> bool:
    """Tell whether two versions of a definition are edited by others."""
    return set(_roles(definition)) != set(_roles(other))


def may_edit(definition: Json, organization: str | None) -> bool:
    """Tell whether an organisation owns a definition, or edits it with who does; no organisation does neither."""
    return organization is not None and any(url == _url(organization) for url, _ in _roles(definition))


def _roles(definition: Json) -> Iterator[tuple[str, str]]:
    for each in extensions(definition, ehealth.MODIFIER_ROLE):
        reference, role = extension_value(each, "reference"), extension_value(each, "role")
        if isinstance(reference, dict) and isinstance(role, dict):
            url = _url(reference.get("reference", ""))
            yield from ((url, each.get("code", "")) for each in role.get("coding", ()))


def _url(text: str) -> str:
    """Give whom a reference names, without a version; of another server it is another, whatever its id."""
    reference = Reference.parse(text)
    return reference.url if reference else text

"""How a definition begins where its package comes to: as a draft, without what happened to it where it came from."""

from collections.abc import Callable
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.profiles.identities import VERSIONED

_OF_THERE = frozenset({"id", "meta", "approvalDate", "lastReviewDate"})
_FOR = (ehealth.VIEW_FOR, ehealth.ACTIONGUIDANCE_FOR)


def begun(packaged: Json, is_there: Callable[[Reference], bool]) -> dict[str, Any]:
    """Give a resource as it begins. `is_there`: whether what a View may be for is in the package, or here."""
    draft = {name: each for name, each in packaged.items() if name not in _OF_THERE}
    if profile := packaged.get("meta", {}).get("profile"):
        draft["meta"] = {"profile": profile}
    if packaged["resourceType"] in VERSIONED:
        draft["status"] = "draft"
    if "extension" in draft:
        # Who signed that it has no lights, signed for where it came from.
        kept = [each for each in draft["extension"] if each["url"] != ehealth.WITHOUT_LIGHTS and _goes(each, is_there)]
        draft["extension"] = [_begun(each) for each in kept]
    return {name: each for name, each in draft.items() if each != []}


def _goes(extension: Json, is_there: Callable[[Reference], bool]) -> bool:
    """Of what a View is for, what is in the package or here goes along: it may be for other questionnaires too."""
    if extension["url"] not in _FOR:
        return True
    value = extension_value(extension, "forReference")
    reference = Reference.parse(value.get("reference", "")) if isinstance(value, dict) else None
    return reference is not None and is_there(reference)


def _begun(extension: Json) -> Json:
    """A View and an ActionGuidance have their status in an extension."""
    if extension["url"] != ehealth.STATUS:
        return extension
    return {**extension, "valueCoding": {**extension.get("valueCoding", {}), "code": "draft"}}

"""What the ehealth profiles require beyond R4, and to which code systems they bind: two tables and their check.

Source: `fut.md` 1A and 1B, which quote the profiles of the implementation guide 8.0.0.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.timing import is_moment

_EPISODE = ehealth.WORKFLOW_EPISODE_OF_CARE

ELEMENTS: dict[str, tuple[str, ...]] = {
    "Questionnaire": ("version", "status"),
    "QuestionnaireResponse": ("basedOn", "questionnaire", "subject", "authored", "source"),
    "ActivityDefinition": ("version", "topic", "code"),
    "PlanDefinition": ("version",),
    "CarePlan": ("instantiatesCanonical", "period", "addresses"),
    "ServiceRequest": ("instantiatesCanonical",),
    "EpisodeOfCare": ("diagnosis", "managingOrganization", "period"),
    "Condition": ("code",),
    "Task": ("priority", "for"),
    "ClinicalImpression": ("code",),
    "Patient": ("identifier", "gender"),
    "Practitioner": ("name",),
    "PractitionerRole": ("practitioner", "organization", "code"),
    "CareTeam": ("status", "name", "reasonCode"),
    "Organization": ("identifier", "name"),
    "Consent": ("patient",),
    "Provenance": ("policy",),
    "Observation": ("basedOn", "subject", "performer"),
    "Media": ("basedOn", "subject"),
    "CommunicationRequest": ("subject",),
    "RelatedPerson": ("name",),
    "Library": ("version", "parameter"),
}
"""Type → elements that must be there."""

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "Questionnaire": (ehealth.MODIFIER_ROLE, ehealth.QUESTIONNAIRE_TYPE),
    "QuestionnaireResponse": (_EPISODE, ehealth.RESOLVED_TIMING),
    "ActivityDefinition": (ehealth.MODIFIER_ROLE, ehealth.SHARING_POLICY),
    "PlanDefinition": (ehealth.MODIFIER_ROLE,),
    "CarePlan": (_EPISODE,),
    "ServiceRequest": (_EPISODE, ehealth.SHARING_POLICY, ehealth.INCLUDE_AS_EXTRA),
    "EpisodeOfCare": (ehealth.CAREMANAGER_ORGANIZATION,),
    "Task": (
        ehealth.TASK_EPISODE_OF_CARE,
        ehealth.TASK_CATEGORY,
        ehealth.TASK_RESPONSIBLE,
        ehealth.RESTRICTION_CATEGORY,
    ),
    "ClinicalImpression": (_EPISODE,),
    "Observation": (_EPISODE, ehealth.RESOLVED_TIMING),
    "Media": (_EPISODE, ehealth.RESOLVED_TIMING),
    "Organization": (ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS),
    "Basic": (ehealth.STATUS, ehealth.CONTENT, ehealth.MODIFIER_ROLE),
}
"""Type → extensions that must be there at least once."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    "CarePlan": ("basedOn", "replaces"),
    "ServiceRequest": ("basedOn", "replaces"),
    "EpisodeOfCare": ("careManager", "account"),
    "CareTeam": ("subject", "reasonReference"),
    # Ours: whoever may read Binary reads them all, so none is taken that asks for more.
    "Binary": ("securityContext",),
}
"""Type → elements that the profile has as 0..0, or that we do not keep what they promise."""

MOMENTS: dict[str, tuple[str, ...]] = {
    "QuestionnaireResponse": ("authored",),
    "ClinicalImpression": ("date",),
    "Task": ("authoredOn", "lastModified"),
}
"""Type → times that are compared with others, so that a day or a year does not do: ours, R4 lets them be vague."""

BOUND_EXTENSIONS: dict[str, str] = {
    ehealth.TASK_CATEGORY: ehealth.TASK_CATEGORY_CODES,
    ehealth.RESTRICTION_CATEGORY: ehealth.RESTRICTION_CATEGORY_CODES,
    ehealth.SHARING_POLICY: ehealth.MEASUREMENT_SHARING_POLICIES,
    ehealth.SHARING_APPROVAL_POLICY: ehealth.MEASUREMENT_SHARING_APPROVAL_POLICIES,
    ehealth.ORGANIZATION_SOURCE: ehealth.ORGANIZATION_SOURCE_CODES,
    ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS: ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS_CODES,
    ehealth.CLINICALIMPRESSION_DECISION: ehealth.CLINICALIMPRESSION_DECISION_CODES,
    ehealth.VIEW_TYPE: ehealth.VIEW_TYPES,
}
"""Extension → the one code system that its coding must come from."""

BOUND_ELEMENTS: dict[str, dict[str, str]] = {
    "ClinicalImpression": {"code": ehealth.CLINICALIMPRESSION_CODES},
    "Basic": {"code": ehealth.BASIC_RESOURCE_TYPE},
}
"""Type → element → the one code system that its coding must come from."""


def problems(resource: Json) -> Iterator[Issue]:
    """Give every requirement and binding that a resource does not keep."""
    type = resource["resourceType"]
    for element in ELEMENTS.get(type, ()):
        if element not in resource:
            yield issue("GENERAL_PROFILE_VALIDATION_ERROR", f"{element} is required", f"{type}.{element}")
    for url in EXTENSIONS.get(type, ()):
        if not any(extensions(resource, url)):
            yield issue("GENERAL_PROFILE_VALIDATION_ERROR", f"extension {url} is required", f"{type}.extension")
    for element in FORBIDDEN.get(type, ()):
        if element in resource:
            yield issue("GENERAL_PROFILE_VALIDATION_ERROR", f"{element} is not allowed", f"{type}.{element}")
    for element in MOMENTS.get(type, ()):
        if element in resource and not is_moment(resource[element]):
            detail = "needs at least minutes and a time zone"
            yield issue("GENERAL_TIMING_VALIDATION_ERROR", detail, f"{type}.{element}")
    yield from _bindings(resource, type)


def is_code(system: str, code: str) -> bool:
    """Tell whether a FUT code system that we hold has this code."""
    return code in _codes().get(system, ())


@cache
def _codes() -> dict[str, frozenset[str]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("codes.json").read_bytes())
    return {system: frozenset(codes) for system, codes in table.items()}


def _bindings(resource: Json, type: str) -> Iterator[Issue]:
    for each in resource.get("extension", ()):
        system = BOUND_EXTENSIONS.get(each.get("url", ""))
        if system:
            yield from _coding_problems(each.get("valueCodeableConcept") or each.get("valueCoding"), system, type)
    for element, system in BOUND_ELEMENTS.get(type, {}).items():
        if element in resource:
            yield from _coding_problems(resource[element], system, f"{type}.{element}")


def _coding_problems(value: Any, system: str, path: str) -> Iterator[Issue]:
    codings = value.get("coding", [value]) if value else []
    for coding in codings:
        if coding.get("system") == system and not is_code(system, coding.get("code", "")):
            yield issue("GENERAL_BINDING_VALIDATION_ERROR", f"{coding.get('code')} in {system}", path)
    if codings and not any(coding.get("system") == system for coding in codings):
        yield issue("GENERAL_BINDING_VALIDATION_ERROR", f"no coding from {system}", path)

"""Which codes the ehealth profiles bind to, element by element, and the check of it.

A coding of a system that the guide has only in part is taken: nobody here can tell that it is not in the value set.
The guide's StructureDefinitions are not published with it; what is bound is what `fut.md` quotes of them.

Source: `fut.md` 1A and 1B; the ValueSets and CodeSystems of the implementation guide 8.0.0.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.at_hand import of_guide
from kommunalpro.fut.errors import unbound
from kommunalpro.fut.profiles.conditions import condition_problems
from kommunalpro.fut.terminology import CannotTell, Terminology

_ACTIVITIES, _TOPICS = f"{ehealth.VS}activitydefinition-code", f"{ehealth.VS}topic-type"
_ROLES, _FINDINGS = f"{ehealth.VS}careteam-participant-role", f"{ehealth.VS}clinicalimpression-finding-codes"
MESSAGE_REASONS = f"{ehealth.VS}message-reasonCode"
_EVERY_CODE = 2_000

ELEMENTS: dict[str, dict[str, str]] = {
    "Questionnaire": {"jurisdiction": f"{ehealth.VS}jurisdiction"},
    "ActivityDefinition": {"topic": _TOPICS, "code": _ACTIVITIES},
    "PlanDefinition": {"topic": _TOPICS, "jurisdiction": f"{ehealth.VS}jurisdiction"},
    "CarePlan": {"category": f"{ehealth.VS}careplan-category"},
    "ServiceRequest": {"code": _ACTIVITIES},
    "ClinicalImpression": {
        "code": f"{ehealth.VS}clinicalimpression-codes",
        "finding.itemCodeableConcept": _FINDINGS,
    },
    "CommunicationRequest": {
        "category": f"{ehealth.VS}message-category",
        "medium": f"{ehealth.VS}message-medium",
        "reasonCode": MESSAGE_REASONS,
    },
    "PractitionerRole": {"code": _ROLES},
    "RelatedPerson": {"relationship": f"{ehealth.VS}relatedperson-relationshiptype"},
    "CareTeam": {"participant.role": _ROLES},
    "Consent": {
        "scope": f"{ehealth.VS}ehealth-consent-scope",
        "provision.class": f"{ehealth.VS}ehealth-consent-provision-class",
    },
    "Basic": {"code": f"{ehealth.VS}basic-resource-type"},
    "Observation": {
        "code": ehealth.OBSERVATION_CODES,
        "component.code": ehealth.OBSERVATION_CODES,
        "dataAbsentReason": f"{ehealth.VS}data-absent-reason",
    },
}
"""Type → element (a path) → the value set that one of its codings must be in."""

EXTENSIONS: dict[str, tuple[str, str]] = {
    ehealth.TASK_CATEGORY: ("", f"{ehealth.VS}task-category"),
    ehealth.RESTRICTION_CATEGORY: ("", f"{ehealth.VS}restriction-category"),
    ehealth.SHARING_POLICY: ("", f"{ehealth.VS}measurement-sharing-policies"),
    ehealth.SHARING_APPROVAL_POLICY: ("", f"{ehealth.VS}measurement-sharing-approval-policies"),
    ehealth.ORGANIZATION_SOURCE: ("", f"{ehealth.VS}organization-source"),
    ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS: ("", f"{ehealth.VS}organization-synchronization-status"),
    ehealth.ORGANIZATION_RELATED_TO: ("relationType", f"{ehealth.VS}organization-relation-type"),
    ehealth.CLINICALIMPRESSION_DECISION: ("", f"{ehealth.VS}clinicalimpression-decision-codes"),
    ehealth.VIEW_TYPE: ("", f"{ehealth.VS}view-type"),
    ehealth.ACTIONGUIDANCE_TYPE: ("", f"{ehealth.VS}action-guidance-types"),
    ehealth.QUESTIONNAIRE_TYPE: ("", f"{ehealth.VS}questionnaire-types"),
    ehealth.QUESTIONNAIRE_RECOMMENDATION: ("", f"{ehealth.VS}questionnaire-recommendation"),
    ehealth.RECOMMENDATION: ("", f"{ehealth.VS}plandefinition-recommendation"),
    ehealth.MODIFIER_ROLE: ("role", f"{ehealth.VS}modifier-role"),
    ehealth.RESOLVED_TIMING: ("type", f"{ehealth.VS}resolved-timing-type"),
    ehealth.PARTICIPANT: ("function", f"{ehealth.VS}participant-function"),
    ehealth.MEDIA_USAGE_MODE: ("", f"{ehealth.CS}media-usage-mode"),
    ehealth.TRIGGER_ENABLEMENT_CODE: ("", f"{ehealth.CS}trigger-enablement-code"),
    ehealth.ADMINISTRATIVE_STATUS: ("", f"{ehealth.VS}administrative-status"),
    f"{ehealth.SD}ehealth-priority": ("", f"{ehealth.CS}priority"),
}
"""Extension → the part of it that is bound (empty: its own value), and the value set, or the system of a bare code."""

CODES: dict[str, dict[str, str]] = {
    "Provenance": {"policy": f"{ehealth.CS}ehealth-provenance-policies"},
}
"""Type → element that is a code or an address itself → the code system that it must be of."""

_OF_OTHERS = {
    f"{ehealth.VS}ehealth-consent-scope": (
        "http://terminology.hl7.org/CodeSystem/consentscope",
        frozenset({"adr", "research", "patient-privacy", "treatment"}),
    ),
    f"{ehealth.VS}ehealth-usage-context-type": (
        "http://terminology.hl7.org/CodeSystem/usage-context-type",
        frozenset({"gender", "age", "focus", "user", "workflow", "task", "venue", "species", "program"}),
    ),
}
"""Value set → what is in it of a system that the guide does not hold: HL7's, as FHIR 4.0.1 publishes it."""

_ACCEPTED = frozenset(("Provenance", each) for each in (ehealth.POLICY_REUSE_BY_PATIENT, ehealth.POLICY_PATIENT_DATA))
"""What the guide says elsewhere instead (`fut.md` 1B, provenance), or writes itself (`origin.py`)."""


def problems(resource: Json) -> Iterator[Issue]:
    """Give every binding that a resource does not keep."""
    type = resource["resourceType"]
    for path, value_set in ELEMENTS.get(type, {}).items():
        for value in values_at(resource, path.split(".")):
            yield from coding_problems(value, value_set, f"{type}.{path}")
    for each in resource.get("extension", ()):
        if bound := EXTENSIONS.get(each.get("url")):
            part, value_set = bound
            value = extension_value(each, part) if part else _value(each)
            yield from coding_problems(value, value_set, f"{type}.extension")
    for path, system in CODES.get(type, {}).items():
        for code in values_at(resource, [path]):
            if not is_bound(system, system, str(code)) and (type, code) not in _ACCEPTED:
                yield unbound(f"{code} in {system}", f"{type}.{path}")
    if type == "Condition":
        yield from condition_problems(_codings(resource.get("code")), "Condition.code")


@lru_cache(_EVERY_CODE)
def is_bound(value_set: str, system: str, code: str) -> bool:
    """Tell whether a code is in one of FUT's value sets or code systems.

    True also where that cannot be told: of a code of others, where the value set has something that is not here, save
    where it is few codes that we know.
    """
    if value_set.startswith(ehealth.CS):
        return system == value_set and _guide().concept(system, code) is not None
    try:
        return _guide().member(of_guide("ValueSet", value_set) or {}, system, code) is not None
    except CannotTell:
        if value_set in _OF_OTHERS:
            other, codes = _OF_OTHERS[value_set]
            return system == other and code in codes
        return not system.startswith(ehealth.CS)


def subsumes(system: str, general: str, special: str) -> bool:
    """Tell whether a code of one of FUT's code systems is another, or stands above it; an unknown code is neither."""
    found = _guide().system(system)
    return found is not None and found.is_within(special, general)


@cache
def _guide() -> Terminology:
    return Terminology(of_guide)


def coding_problems(value: Any, value_set: str, path: str) -> Iterator[Issue]:
    """Tell of a CodeableConcept, a Coding or a bare code of which nothing is in a value set; None: nothing is there."""
    codings = [{"system": value_set, "code": value}] if isinstance(value, str) else _codings(value)
    if value is not None and not any(is_bound(value_set, *_key(each)) for each in codings):
        yield unbound(f"no coding in {value_set}", path)


def _codings(value: Any) -> list[Json]:
    """Give the codings of a CodeableConcept, or a Coding by itself; of anything else, none."""
    if not isinstance(value, dict):
        return []
    return list(value.get("coding", [] if "text" in value or "system" not in value else [value]))


def _key(coding: Json) -> tuple[str, str]:
    return coding.get("system", ""), coding.get("code", "")


def _value(extension: Json) -> Any:
    return next((value for name, value in extension.items() if name.startswith("value")), {})


def values_at(value: Any, path: Iterable[str]) -> list[Any]:
    """Give everything that stands at a path (the names of elements), whether an element comes once or often."""
    found = [value]
    for name in path:
        inner = (each[name] for each in found if isinstance(each, dict) and name in each)
        found = [one for each in inner for one in (each if isinstance(each, list) else [each])]
    return found

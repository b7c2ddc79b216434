"""What a definition, a View or a care team is for: each context is one of FUT's, and its value is of that context.

Source: `fut.md` 0.9 (the value set that belongs to each code) and 1B (ehealth-careteam: no `focus`).
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.treatment_area import contradictions, is_condition

_TYPES = f"{ehealth.VS}ehealth-usage-context-type"
_FOCUS = "focus"
_VALUE_SETS = {
    "program": f"{ehealth.VS}ehealth-program",
    "activity": f"{ehealth.VS}activitydefinition-code",
    "system-treatment-area": f"{ehealth.VS}ehealth-system",
}
_DEFINITIONS = ("Questionnaire", "ActivityDefinition", "PlanDefinition")
_IN_AN_EXTENSION = ("CareTeam", "Basic")


def problems(resource: Json) -> Iterator[Issue]:
    """Give every context that a resource is said to be for and that FUT does not have."""
    type = resource["resourceType"]
    if type in _DEFINITIONS:
        for number, context in enumerate(resource.get("useContext", ())):
            yield from _context_problems(context, f"{type}.useContext[{number}]")
    for each in extensions(resource, ehealth.USE_CONTEXT) if type in _IN_AN_EXTENSION else ():
        context = each.get("valueUsageContext", {})
        yield from _context_problems(context, f"{type}.extension")
        if type == "CareTeam" and context.get("code", {}).get("code") == _FOCUS:
            yield _issue("focus stands in reasonCode", "CareTeam.extension")


def _context_problems(context: Json, path: str) -> Iterator[Issue]:
    kind = context.get("code", {})
    code = kind.get("code", "")
    if not is_bound(_TYPES, kind.get("system", ""), code):
        yield _issue(f"{code or 'no code'} is not in {_TYPES}", path)
    elif not _is_value(code, context.get("valueCodeableConcept", {}).get("coding", ())):
        yield _issue(f"the value of {code} is not in its value set", path)


def _is_value(code: str, codings: Any) -> bool:
    if code == _FOCUS:
        return any(map(is_condition, codings)) and not any(contradictions(codings))
    value_set = _VALUE_SETS.get(code)
    return value_set is None or any(
        is_bound(value_set, each.get("system", ""), each.get("code", "")) for each in codings
    )


def _issue(detail: str, path: str) -> Issue:
    return issue("USE_CONTEXT_VALIDATION_FAILED", detail, path)

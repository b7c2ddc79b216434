"""What FUT's canonicals may refer to: each is the literal URL of a resource of one type.

An action's definition and an activity's questionnaire have rules of their own (`plans.py`).

Source: `fut.md` 0.3 and 1A.
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue

TARGETS: dict[str, dict[str, str]] = {
    "QuestionnaireResponse": {"questionnaire": "Questionnaire"},
    "ActivityDefinition": {"library": "Library"},
    "PlanDefinition": {"library": "Library"},
    "CarePlan": {"instantiatesCanonical": "PlanDefinition"},
    "ServiceRequest": {"instantiatesCanonical": "ActivityDefinition"},
}
"""Type → element → the type that it may refer to."""


def problems(resource: Json) -> Iterator[Issue]:
    """Give every canonical that refers to something of another type than its profile says."""
    type = resource["resourceType"]
    for element, target in TARGETS.get(type, {}).items():
        value = resource.get(element, ())
        for url in (value,) if isinstance(value, str) else value:
            reference = Reference.parse(url) if isinstance(url, str) else None
            if reference is None or reference.type != target:
                detail = f"{url} is no {target}"
                yield issue("GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR", detail, f"{type}.{element}")

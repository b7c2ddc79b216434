"""Where the expression of an issue leads: into a resource that stands in another, in Parameters or a Bundle."""

import re
from typing import Any

from kommunalpro.fhir.json import Json

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def innermost(sent: Json, expression: str) -> tuple[Json, str]:
    """Give the last resource on the way, and the expression as it is from there.

    >>> patient = {"resourceType": "Patient", "name": [{}]}
    >>> bundle = {"resourceType": "Bundle", "entry": [{"resource": patient}]}
    >>> innermost(bundle, "Bundle.entry[0].resource.name[0]")
    ({'resourceType': 'Patient', 'name': [{}]}, 'Patient.name[0]')
    """
    found, place = sent, expression
    element: Any = sent
    steps = expression.split(".")[1:]
    for number, step in enumerate(steps, 1):
        element = _within(element, step)
        if isinstance(element, dict) and "resourceType" in element:
            found, place = element, ".".join([str(element["resourceType"]), *steps[number:]])
    return found, place


def _within(element: Any, step: str) -> Any:
    """Give what a step leads to; None: nothing of that name, as a choice of types, or the step is none."""
    match = _STEP.fullmatch(step)
    value = element.get(match[1]) if match and isinstance(element, dict) else None
    if match is None or match[2] is None:
        return value
    number = int(match[2])
    return value[number] if isinstance(value, list) and number < len(value) else None

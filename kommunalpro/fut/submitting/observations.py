"""An Observation of a submission: that it is of what was asked for, and by which limits it was measured.

Source: `fut.md` 2.6 and 4.3.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.observation_codes import measured_by
from kommunalpro.fut.profiles.bindings import is_bound


def code_problems(observation: Json, request: Json) -> Iterator[Issue]:
    """It is of what the request asks for, or of a part of that: systolic pressure, where blood pressure is asked."""
    if measured_by(request).isdisjoint(keys(observation.get("code"))):
        yield issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_OBSERVATION_CODE", "", "code")


def with_ranges(observation: dict[str, Any], request: Json) -> dict[str, Any]:
    """Give an Observation the limits that its request has now, whatever was sent: they may be others tomorrow.

    Limits that name what they are of (a code beside RAL or GAL) go with that alone, be it an Observation of its own or
    a component; those that name nothing go with what the request itself is of, and with no part of it.
    """
    ranged = _with_ranges(observation, request)
    parts = [_with_ranges(each, request) for each in observation.get("component", ())]
    return {**ranged, **({"component": parts} if parts else {})}


def _with_ranges(element: Json, request: Json) -> dict[str, Any]:
    kept = {name: value for name, value in element.items() if name != "referenceRange"}
    limits = extensions(request, ehealth.REFERENCE_RANGE)
    ranges = [_range(each) for each in limits if _is_of(each, element, request)]
    return {**kept, **({"referenceRange": ranges} if ranges else {})}


def _is_of(limits: Json, element: Json, request: Json) -> bool:
    measured = set(keys(element.get("code")))
    types = keys(extension_value(limits, "type"))
    named = {each for each in types if is_bound(ehealth.OBSERVATION_CODES, *each)}
    return bool(measured & (named or set(keys(request.get("code")))))


def _range(limits: Json) -> dict[str, Any]:
    found = {name: extension_value(limits, name) for name in ("low", "high", "type")}
    return {name: value for name, value in found.items() if value is not None}

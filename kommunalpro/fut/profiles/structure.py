"""By which of FUT's codes it is told what R4's own structure refuses already: a client looks for those.

A regime that is shown is not always one that can be kept, and R4 knows of a Period that ends before it begins: it says
so before FUT's rules are asked, and says it in its own words.

Source: `fut.md` 1A (effectivePeriod), 1C (observation, media) and 4.1 (occurrence).
"""

import re
from dataclasses import replace

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.places import innermost
from kommunalpro.fut.errors import SYSTEM
from kommunalpro.fut.profiles.measurements import OF_RESPONSE
from kommunalpro.fut.profiles.requirements import MOMENTS

_OF_TIME = re.compile(r"(?:per|tim)-\d+: ")
"""How R4's invariants of a Period and a Timing are told."""
_TIMES = (
    "ServiceRequest.occurrence",
    "Observation.effective",
    "Media.created",
    *(f"{type}.{name}" for type, names in MOMENTS.items() for name in names),
)
"""Where the rules refuse a time by the code of times: what is no time at all in R4 they never come to see."""
_OF_EXTENSION = re.compile(r"QuestionnaireResponse\.extension\[(\d+)\](?:\.(.*))?")
_ENDS = ("start", "end")


def named(structural: Issue, sent: Json) -> Issue:
    """Give what R4's structure says of a time FUT's code, and everything else as it is; `sent`: of what it says it."""
    resource, place = innermost(sent, structural.expression or "")
    code = _of_effective_period(structural, resource, place) or _of_time(structural, place)
    return replace(structural, coding=(SYSTEM, code)) if code and structural.coding is None else structural


def _of_time(structural: Issue, place: str) -> str | None:
    is_one = place.startswith(_TIMES) or _OF_TIME.match(structural.diagnostics or "")
    return "GENERAL_TIMING_VALIDATION_ERROR" if is_one else None


def _of_effective_period(structural: Issue, response: Json, place: str) -> str | None:
    """Give the code for when a response was answered; None: it is not about that."""
    match = _OF_EXTENSION.fullmatch(place)
    extension = response["extension"][int(match[1])] if match else None
    if match is None or not isinstance(extension, dict) or extension.get("url") != ehealth.EFFECTIVE_PERIOD:
        return None
    empty, vague, backwards = OF_RESPONSE
    period, inside = extension_value({"extension": [extension]}, ehealth.EFFECTIVE_PERIOD), match[2] or ""
    if not isinstance(period, dict) or not any(end in period for end in _ENDS):
        return empty
    if inside == "value" and _OF_TIME.match(structural.diagnostics or ""):
        return backwards
    return vague if inside.partition(".")[2] in _ENDS else None

"""What an activity asks of a measurement: its ranges, how an earlier one may be used again, and its quality.

What was written by the checks of its time stays, so that an activity can be retired and a request be ended; what is
published is held to those of today. A range without a unit is taken: it is of a number that has none.

Source: `fut.md` 1A (ehealth-activitydefinition, ehealth-servicerequest, ehealth-questionnaireresponse).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue, unbound
from kommunalpro.fut.measurements import QUALITIES
from kommunalpro.fut.moments import is_duration
from kommunalpro.fut.profiles.bindings import is_bound

_RANGE_TYPES = f"{ehealth.VS}reference-range-type"
_QUALITIES = tuple(system for _, system in QUALITIES.values())


def criteria_problems(activity: Json, previous: Json | None) -> Iterator[Issue]:
    """Give what is wrong with the ranges, reuse criteria and qualities that an activity or a request did not have."""
    is_published = activity.get("status") == "active" and (previous or {}).get("status") == "draft"
    before = () if is_published else (previous or {}).get("extension", ())
    for number, each in enumerate(activity.get("extension", ())):
        check = _CHECKS.get(each.get("url"))
        if check is not None and each not in before:
            yield from check(each, f"{activity['resourceType']}.extension[{number}]")


def _range_problems(range: Json, path: str) -> Iterator[Issue]:
    """It has an end, is of a type that FUT knows, and does not begin above its end (ours, the guide is silent)."""
    low, high = (extension_value(range, end) for end in ("low", "high"))
    if low is None and high is None:
        yield issue("GENERAL_VALIDATION_ERROR", "a range has a low or a high", path)
    elif _is_upside_down(low, high):
        text = "Den nedre grænse er højere end den øvre."
        yield issue("GENERAL_VALIDATION_ERROR", "low is above high", path, text=text)
    yield from _coding_problems(range, "type", (_RANGE_TYPES,), path)


def _is_upside_down(low: Any, high: Any) -> bool:
    ends = (low, high)
    if not all(isinstance(each, dict) and "value" in each for each in ends) or low.get("code") != high.get("code"):
        return False
    return bool(low["value"] > high["value"])


def _reuse_problems(reuse: Json, path: str) -> Iterator[Issue]:
    """How old a measurement may be can be counted, or none is ever used again."""
    age = extension_value(reuse, "dataActuality")
    if isinstance(age, dict) and not _is_age(age):
        text = "Skriv, hvor gammel en måling må være, som et helt antal timer, dage, uger, måneder eller år."
        detail = "dataActuality: a whole number (an integer of R4) of a unit of time, without comparator"
        yield issue("GENERAL_VALIDATION_ERROR", detail, path, text=text)
    for part, (_, system) in QUALITIES.items():
        yield from _coding_problems(reuse, part, (system,), path)


def _is_age(age: Json) -> bool:
    """Tell whether it is just so old, and not more or less."""
    return is_duration(age) and "comparator" not in age


def _quality_problems(quality: Json, path: str) -> Iterator[Issue]:
    yield from _coding_problems(quality, "qualityType", (ehealth.QUALITY_TYPES,), path)
    yield from _coding_problems(quality, "qualityCode", _QUALITIES, path)


def _coding_problems(whole: Json, part: str, sets: tuple[str, ...], path: str) -> Iterator[Issue]:
    value = extension_value(whole, part)
    if isinstance(value, dict) and not any(is_bound(each, *key) for key in keys(value) for each in sets):
        yield unbound(f"{part} from {' or '.join(sets)}", path)


_CHECKS: Mapping[str, Callable[[Json, str], Iterator[Issue]]] = {
    ehealth.REFERENCE_RANGE: _range_problems,
    ehealth.REUSE_CRITERIA: _reuse_problems,
    ehealth.QUALITY: _quality_problems,
}

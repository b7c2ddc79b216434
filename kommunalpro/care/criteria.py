"""What an activity asks of a measurement: whether an earlier one may be used again, and between which limits it lies.

Both stand on the ActivityDefinition and go with `$apply` to the citizen's ServiceRequest, where they can be adapted.
Each function gives the changed resource and stores nothing. What cannot be said here is kept as it is: limits relative
to a value of the citizen's own, or of no alarm; and an age in minutes.

Source: `fut.md` 1A (reuseCriteria, referenceRange) and 2.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kommunalpro.care.planning import with_extensions
from kommunalpro.care.readings import Limits, is_same_unit, limits_of
from kommunalpro.care.regime import UCUM, Length
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.measurements import NO_QUALITY_NEEDED, QUALITIES, Quality
from kommunalpro.fut.observation_codes import LIMIT_TYPES, Level, measured_by, unit_of
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.terminology import Key

AGES = ("h", "d", "wk", "mo", "a")
"""In what an editor says how old a measurement may be."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """An earlier measurement may be used again, if it is no older than `age`, and of these qualities (FUT's codes)."""

    age: Length
    qualities: Mapping[Quality, str] = field(default_factory=dict)


def reusable(activity: Json, reuse: Reuse | None) -> dict[str, Any]:
    """Say of an activity whether an earlier measurement may be used again; None: it may not."""
    if reuse is None:
        return with_extensions(activity, ehealth.REUSE_CRITERIA)
    age = {"value": reuse.age.value, "system": UCUM, "code": reuse.age.unit}
    qualities = [
        {"url": part, "valueCodeableConcept": {"coding": [{"system": QUALITIES[part][1], "code": code}]}}
        for part, code in reuse.qualities.items()
    ]
    parts = [{"url": "allowed", "valueBoolean": True}, *qualities, {"url": "dataActuality", "valueDuration": age}]
    return with_extensions(activity, ehealth.REUSE_CRITERIA, {"url": ehealth.REUSE_CRITERIA, "extension": parts})


def may_be_reused(activity: Json) -> bool:
    """Tell whether an activity lets an earlier measurement be used again, in whatever way."""
    return extension_value(extension(activity, ehealth.REUSE_CRITERIA) or {}, "allowed") is True


def reuse_of(activity: Json) -> Reuse | None:
    """Read how an earlier measurement may be used again; None: it may not, or in a way that cannot be said here."""
    criteria = extension(activity, ehealth.REUSE_CRITERIA)
    if criteria is None or not may_be_reused(activity):
        return None
    age = extension_value(criteria, "dataActuality") or {}
    value, unit = age.get("value"), age.get("code")
    if unit not in AGES or value is None or value != int(value) or value < 1:
        return None
    found = {
        part: code
        for part, (_, system) in QUALITIES.items()
        for named, code in keys(extension_value(criteria, part))
        if named == system and code != NO_QUALITY_NEEDED
    }
    return Reuse(Length(int(value), unit), found)


@dataclass(frozen=True, slots=True)
class Part:
    """One number that an activity asks for: its code, and the UCUM unit that it is measured in (empty: none)."""

    code: Key
    unit: str


@dataclass(frozen=True, slots=True)
class Span:
    """Between which numbers a measurement lies, by the level of alarm that the limits are of."""

    part: Part
    limits: Limits


def measures(activity: Json) -> bool:
    """Tell whether an activity asks for a number or a picture."""
    asked = keys(activity.get("code"))
    return any(is_bound(each, *code) for code in asked for each in (ehealth.OBSERVATION_CODES, ehealth.MEDIA_CODES))


def parts_of(activity: Json) -> tuple[Part, ...]:
    """Give the numbers that an activity asks for, in the order of their codes: none of a questionnaire or a picture."""
    codes = sorted(each for each in measured_by(activity) if is_bound(ehealth.OBSERVATION_CODES, *each))
    with_units = [(code, unit_of(code)) for code in codes]
    # Blood pressure has no unit of its own: it is its parts that are numbers.
    return tuple(Part(code, unit) for code, unit in with_units if unit is not None)


def limited(activity: Json, spans: tuple[Span, ...]) -> dict[str, Any]:
    """Give an activity these limits, instead of those that can be said here."""
    _, kept = _read(activity)
    made = [_range(span, is_only=len(parts_of(activity)) == 1) for span in spans]
    return with_extensions(activity, ehealth.REFERENCE_RANGE, *made, *kept)


def spans_of(activity: Json) -> tuple[Span, ...]:
    """Read the limits of an activity, as far as they can be said here."""
    return tuple(_read(activity)[0].values())


def other_limits(activity: Json) -> tuple[Limits, ...]:
    """Read the limits that cannot be said here."""
    return tuple(limits_of(*_ends(each), extension_value(each, "type")) for each in _read(activity)[1])


def _read(activity: Json) -> tuple[dict[tuple[Part, Level | None], Span], list[Json]]:
    """Give the limits that can be said here, and the rest: of one number and level one pair, the first, can be said."""
    spans: dict[tuple[Part, Level | None], Span] = {}
    others = []
    for each in extensions(activity, ehealth.REFERENCE_RANGE):
        span = _span(each, activity)
        if span is None or (span.part, span.limits.level) in spans:
            others.append(each)
        else:
            spans[span.part, span.limits.level] = span
    return spans, others


def _span(range: Json, activity: Json) -> Span | None:
    """Read one range; None: it is of no alarm, of none of the parts or of several, or in another unit."""
    parts, given = parts_of(activity), set(keys(extension_value(range, "type")))
    level = next((level for level, code in LIMIT_TYPES.items() if code in given), None)
    named = [part for part in parts if part.code in given] or ([*parts] if len(parts) == 1 else [])
    if level is None or len(named) != 1 or given - {LIMIT_TYPES[level], named[0].code} or not _is_in(range, named[0]):
        return None
    return Span(named[0], replace(limits_of(*_ends(range), None), level=level, unit=named[0].unit))


def _is_in(range: Json, part: Part) -> bool:
    """Tell whether a range is in the unit of a part; where it says none, it is meant to be."""
    units = [{name: each[name] for name in ("unit", "code") if name in each} for each in _ends(range)]
    return all(not each or is_same_unit(each, {"code": part.unit}) for each in units)


def _ends(range: Json) -> tuple[Json, Json]:
    """Give the lower and the upper Quantity; empty: there is none."""
    return extension_value(range, "low") or {}, extension_value(range, "high") or {}


def _range(span: Span, *, is_only: bool) -> dict[str, Any]:
    """Write a range; where an activity asks for several numbers it names the one that it is of."""
    level: Level = span.limits.level or "red"
    unit = {"unit": span.part.unit, "system": UCUM, "code": span.part.unit} if span.part.unit else {}
    ends = {"low": span.limits.low, "high": span.limits.high}
    codes = [LIMIT_TYPES[level], *([] if is_only else [span.part.code])]
    type = {"coding": [{"system": system, "code": code} for system, code in codes]}
    return {
        "url": ehealth.REFERENCE_RANGE,
        "extension": [
            *(
                {"url": end, "valueQuantity": {"value": value, **unit}}
                for end, value in ends.items()
                if value is not None
            ),
            {"url": "type", "valueCodeableConcept": type},
        ],
    }

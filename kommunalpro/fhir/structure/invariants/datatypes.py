"""Invariants of the datatypes."""

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.structure.invariants.catalogue import Catalogue, choice

DATATYPES = Catalogue()

UCUM = "http://unitsofmeasure.org"
_NOT_VALUE = frozenset({"url", "_url", "id", "_id", "extension"})


@DATATYPES.rule(
    "ext-1",
    "Extension",
    "En udvidelse har enten en værdi eller egne udvidelser.",
    "an extension has either extensions or value[x], not both",
    is_of_names=True,
)
def _(extension: Mapping[str, Any]) -> bool:
    return ("extension" in extension) == _NOT_VALUE.issuperset(extension)


DATATYPES.requires("qty-3", "Quantity", "code", "system")
DATATYPES.requires("att-1", "Attachment", "data", "contentType")
DATATYPES.requires("cpt-2", "ContactPoint", "value", "system")
DATATYPES.any_of("exp-1", "Expression", "expression", "reference")


def _code_and_ucum(quantity: Mapping[str, Any]) -> bool:
    return ("code" in quantity or "value" not in quantity) and quantity.get("system", UCUM) == UCUM


@DATATYPES.rule(
    "age-1", "Age", "En alder er større end 0 og har en enhed fra UCUM.", "an Age is above 0, with a code from UCUM"
)
def _(age: Mapping[str, Any]) -> bool:
    return _code_and_ucum(age) and age.get("value", 1) > 0


@DATATYPES.rule(
    "cnt-3", "Count", "Et antal er et helt tal med enheden 1.", "a Count is a whole number with UCUM code 1"
)
def _(count: Mapping[str, Any]) -> bool:
    return _code_and_ucum(count) and count.get("code", "1") == "1" and "." not in str(count.get("value", 0))


DATATYPES.rule("dis-1", "Distance", "En afstand har en enhed fra UCUM.", "a Distance has a code from UCUM")(
    _code_and_ucum
)


@DATATYPES.rule(
    "drt-1",
    "Duration",
    "En varighed har et tal og en enhed fra UCUM.",
    "a Duration's code is from UCUM and has a value",
)
def _(duration: Mapping[str, Any]) -> bool:
    return "code" not in duration or (duration.get("system") == UCUM and "value" in duration)


@DATATYPES.rule("per-1", "Period", "Slutningen ligger før begyndelsen.", "start is after end")
def _(period: Mapping[str, Any]) -> bool:
    start, end = period.get("start"), period.get("end")
    return start is None or end is None or not_after(start, end)


def not_after(first: str, second: str) -> bool:
    """Tell whether a time may be at or before another; a day has no zone, so it is compared with the other's day."""
    shared = min(len(first), len(second), 10)
    if len(first) <= 10 or len(second) <= 10:
        return first[:shared] <= second[:shared]
    return parse_interval(first, UTC).start < parse_interval(second, UTC).end


@DATATYPES.rule("rng-2", "Range", "Det laveste tal er større end det højeste.", "low is above high")
def _(range: Mapping[str, Any]) -> bool:
    low, high = range.get("low", {}), range.get("high", {})
    if low.get("code") != high.get("code") or low.get("system") != high.get("system"):
        return True  # Units that would have to be converted: FHIRPath says nothing of them either.
    return "value" not in low or "value" not in high or bool(low["value"] <= high["value"])


@DATATYPES.rule(
    "rat-1",
    "Ratio",
    "Et forhold har både tæller og nævner.",
    "numerator and denominator both, or neither and an extension",
)
def _(ratio: Mapping[str, Any]) -> bool:
    return ("numerator" in ratio) == ("denominator" in ratio) and ("numerator" in ratio or "extension" in ratio)


for _name in ("codeFilter", "dateFilter"):
    _key = {"codeFilter": "drq-1", "dateFilter": "drq-2"}[_name]

    @DATATYPES.rule(
        _key,
        f"DataRequirement.{_name}",
        "Angiv enten ”path” eller ”searchParam”.",
        "either path or searchParam, not both",
    )
    def _(filter: Mapping[str, Any]) -> bool:
        return ("path" in filter) != ("searchParam" in filter)


# --- Timing
_REPEAT = "Timing.repeat"
for _key, _element, _needed in (
    ("tim-1", "duration", "durationUnit"),
    ("tim-2", "period", "periodUnit"),
    ("tim-6", "periodMax", "period"),
    ("tim-7", "durationMax", "duration"),
    ("tim-8", "countMax", "count"),
):
    DATATYPES.requires(_key, _REPEAT, _element, _needed)
DATATYPES.excludes("tim-10", _REPEAT, "timeOfDay", "when")


@DATATYPES.rule("tim-4", _REPEAT, "Varigheden kan ikke være under 0.", "duration is below 0")
def _(repeat: Mapping[str, Any]) -> bool:
    return bool(repeat.get("duration", Decimal()) >= 0)


@DATATYPES.rule("tim-5", _REPEAT, "Perioden kan ikke være under 0.", "period is below 0")
def _(repeat: Mapping[str, Any]) -> bool:
    return bool(repeat.get("period", Decimal()) >= 0)


@DATATYPES.rule(
    "tim-9",
    _REPEAT,
    "En forskydning kræver en hændelse, der ikke er et måltid.",
    "offset requires when, and not C, CM, CD or CV",
)
def _(repeat: Mapping[str, Any]) -> bool:
    return "offset" not in repeat or ("when" in repeat and not {"C", "CM", "CD", "CV"}.intersection(repeat["when"]))


# --- TriggerDefinition
DATATYPES.requires("trd-2", "TriggerDefinition", "condition", "data")


@DATATYPES.rule(
    "trd-1", "TriggerDefinition", "”data” og ”timing” må ikke stå sammen.", "data and timing exclude each other"
)
def _(trigger: Mapping[str, Any]) -> bool:
    return "data" not in trigger or choice(trigger, "timing") is None


@DATATYPES.rule(
    "trd-3", "TriggerDefinition", "Udløseren mangler det, dens type kræver.", "type requires name, timing or data"
)
def _(trigger: Mapping[str, Any]) -> bool:
    type = trigger.get("type", "")
    if type == "named-event":
        return "name" in trigger
    if type == "periodic":
        return choice(trigger, "timing") is not None
    return not type.startswith("data-") or "data" in trigger

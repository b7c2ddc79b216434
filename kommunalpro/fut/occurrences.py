"""What `ServiceRequest.occurrence[x]` may be, and by which of FUT's codes it is told what it may not.

What the matrix has is kept in the slots, and what it does not have is refused, for a regime that says more than is
heard asks for something else than it says: R4's count ends what recurs after so many times, and the matrix has it for
ad hoc alone. A definition is held to the same when it is published, but for its beginning, which it gets when it is
sent.

Not held against the guide: half an hour may be written as 0.5 h, though it says that a duration is a whole number; and
a regime may end with a day, though it asks for the minute.

Source: `fut.md` 4.1; the guide's page on ehealth-servicerequest, "Occurrence validity".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.moments import begins_at, ends_at, is_duration, is_moment
from kommunalpro.fut.timing import PERIOD_UNITS, is_recurring, most_open

_TIMING = "GENERAL_TIMING_VALIDATION_ERROR"
_NONE = "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"
_DURATION_UNITS = ("s", "min", "h", "d", "wk", "a")
"""How long a slot may be said to be; months are left out, for they are not equally long."""
_CENTURY = {
    "s": 36_525 * 86_400,
    "min": 36_525 * 1_440,
    "h": 36_525 * 24,
    "d": 36_525,
    "wk": 5_217,
    "mo": 1_200,
    "a": 100,
}
"""How much of each is a hundred years: ours, for beyond what the calendar has nothing can be counted."""
_PATH = "ServiceRequest.occurrence"
_UNHEARD = ("durationMax", "frequencyMax", "periodMax", "when", "offset")
"""What R4's `repeat` has and the matrix has not."""
_MOST_OPEN = 2_000
"""So many slots of a request can be open at once: ours, for with some such nobody could be told what is asked."""
PLANNED: Mapping[str, str] = {
    "timingTiming": "occurrenceTiming",
    "timingPeriod": "occurrencePeriod",
    "timingDateTime": "occurrenceDateTime",
}
"""`timing[x]` of a definition → what it is of a ServiceRequest; what R4 has besides, the matrix has not."""
_COUNTS = "Det, der gentages, kan ikke slutte efter et antal gange. Skriv, hvor længe det varer, i stedet."
_TIMES = "Klokkeslæt kræver ugedage, eller hvor tit det gentages."
_TOO_OFTEN = "Så mange tider kan ikke være åbne på én gang. Giv kortere tid til at svare, eller spørg sjældnere."
_TOO_MUCH = "Tidspunkterne siger noget, der ikke kan følges her."


def planned(*definitions: Json) -> dict[str, Any]:
    """Give the `occurrence[x]` that the first of these says that says any: a step of a plan, then its activity."""
    said = ({PLANNED[name]: each[name] for name in PLANNED if name in each} for each in definitions)
    return next(filter(None, said), {})


def occurrence_problems(service_request: Json) -> Iterator[Issue]:
    """Check an occurrence against FUT's matrix; gives nothing when it is valid."""
    if timing := service_request.get("occurrenceTiming"):
        repeat, path = timing.get("repeat", {}), f"{_PATH}.repeat"
        yield from (issue(_TIMING, detail, where) for where, detail in _bounds_problems(repeat, path))
        yield from _matrix_problems(timing, _PATH)
    elif service_request.get("occurrencePeriod") or "occurrenceDateTime" in service_request:
        yield from _moment_problems(service_request, _PATH)
    else:
        yield issue(_NONE, "a request that is, or is to be, active, paused or completed needs one", _PATH)


def planned_problems(definition: Json, path: str) -> Iterator[Issue]:
    """Check `timing[x]` of a definition, or of a step, that is published: what is sent by it must be valid."""
    for name in definition:
        if name.startswith("timing") and name not in PLANNED:
            yield issue(_TIMING, f"{name} is not heard: a Timing, a Period or a dateTime is", path, text=_TOO_MUCH)
    occurs = planned(definition)
    yield from _moment_problems(occurs, path)
    timing = occurs.get("occurrenceTiming")
    if timing is None:
        return
    repeat, timed = timing.get("repeat", {}), f"{path}.repeat"
    if not repeat:
        yield issue(_TIMING, "repeat says when", timed)
    if "boundsRange" in repeat:
        yield issue(_TIMING, "bounds are a Duration or a Period", f"{timed}.boundsRange", text=_TOO_MUCH)
    lasts = repeat.get("boundsDuration", {"value": 1, "code": "d"})
    if not is_duration(lasts) or not lasts["value"]:
        text = "Skriv, hvor længe det varer, som et helt antal timer, dage, uger, måneder eller år."
        yield issue(_TIMING, "a whole number of a UCUM unit of time", f"{timed}.boundsDuration", text=text)
    yield from _matrix_problems(timing, path)


def regime_problems(timing: Json, path: str) -> Iterator[Issue]:
    """Check what can be counted of a Timing, whoever has it.

    Each day and time of day is said, and comes again: R4 has null where there is an extension alone (json.html#null),
    and a leap second in any time of day. And nothing lasts for ages, or is ages apart.
    """
    repeat = timing.get("repeat", {})
    for name in ("dayOfWeek", "timeOfDay"):
        if any(each is None or each[6:8] == "60" for each in repeat.get(name, ())):
            yield issue(_TIMING, "null and leap seconds are no days or times of day", f"{path}.repeat.{name}")
    for name in ("duration", "period"):
        if repeat.get(name, 0) > _CENTURY.get(repeat.get(f"{name}Unit"), _CENTURY["s"]):
            yield issue(_TIMING, "at most a hundred years", f"{path}.repeat.{name}")


def _bounds_problems(repeat: Json, path: str) -> Iterator[tuple[str, str]]:
    bounds = repeat.get("boundsPeriod", {})
    if not is_moment(bounds.get("start")):
        yield f"{path}.boundsPeriod.start", "needs at least minutes and a time zone"
    elif "end" in bounds and ends_at(bounds["end"]) < begins_at(bounds["start"]):
        yield f"{path}.boundsPeriod", "ends before it starts"


def _matrix_problems(timing: Json, path: str) -> Iterator[Issue]:
    """Check what goes together, the bounds aside; a code (QD) says the same as a regime, or another."""
    for name in ("event", "code"):
        if name in timing:
            yield issue(_TIMING, f"{name} is not heard: repeat says when", f"{path}.{name}", text=_TOO_MUCH)
    repeat, path = timing.get("repeat", {}), f"{path}.repeat"
    found = [*_pair_problems(repeat, path), *(_recurring_problems(repeat, path) if is_recurring(repeat) else ())]
    yield from (issue(_TIMING, detail, where) for where, detail in found)
    if not found and is_recurring(repeat) and most_open(repeat) > _MOST_OPEN:
        yield issue(_TIMING, f"at most {_MOST_OPEN} are open at once", f"{path}.duration", text=_TOO_OFTEN)
    if is_recurring(repeat) and "count" in repeat:
        yield issue(_TIMING, "what recurs ends with its bounds, not by a count", f"{path}.count", text=_COUNTS)
    if not is_recurring(repeat) and "timeOfDay" in repeat:
        yield issue(_TIMING, "times of day go with a period or days of the week", f"{path}.timeOfDay", text=_TIMES)
    for name in _UNHEARD:
        if name in repeat:
            yield issue(_TIMING, f"{name} is not heard", f"{path}.{name}", text=_TOO_MUCH)


def _pair_problems(repeat: Json, path: str) -> Iterator[tuple[str, str]]:
    for name in ("duration", "period"):
        if (name in repeat) != (f"{name}Unit" in repeat):
            yield path, f"{name} and {name}Unit go together"
    if "durationUnit" in repeat and repeat["durationUnit"] not in _DURATION_UNITS:
        yield f"{path}.durationUnit", f"durationUnit is one of {', '.join(_DURATION_UNITS)}"
    if "countMax" in repeat and "count" not in repeat:
        yield path, "countMax needs count"


def _recurring_problems(repeat: Json, path: str) -> Iterator[tuple[str, str]]:
    if "frequency" not in repeat:
        yield path, "a recurring regime needs a frequency"
    period, unit = repeat.get("period"), repeat.get("periodUnit")
    is_weekly = (period is None and unit is None) or unit == "wk" or (unit == "d" and period == 1)
    if "dayOfWeek" in repeat and not is_weekly:
        yield path, "days of the week go with no period, one day, or whole weeks"
    if "timeOfDay" in repeat and unit in ("s", "min", "h"):
        yield path, "times of day go with days, weeks, months or years"
    if period is not None and (period <= 0 or period != int(period)):
        yield path, "period is a positive whole number"
    if unit is not None and unit not in PERIOD_UNITS:
        yield path, f"periodUnit is one of {', '.join(PERIOD_UNITS)}"


def _moment_problems(occurs: Json, path: str) -> Iterator[Issue]:
    """Check what is asked once: when a Period begins, or the moment, is said to the minute."""
    if period := occurs.get("occurrencePeriod"):
        text, path = period.get("start"), f"{path}.start"
    elif "occurrenceDateTime" in occurs:
        text = occurs["occurrenceDateTime"]
    else:
        return
    if not is_moment(text):
        yield issue(_TIMING, "needs at least minutes and a time zone", path)

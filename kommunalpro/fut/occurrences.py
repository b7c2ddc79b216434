"""What `ServiceRequest.occurrence[x]` may be, and by which of FUT's codes it is told what it may not.

Not held against the guide: half an hour may be written as 0.5 h, though it says that a duration is a whole number; and
a regime may end with a day, though it asks for the minute.

Source: `fut.md` 4.1; the guide's page on ehealth-servicerequest, "Occurrence validity".
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue
from kommunalpro.fut.timing import PERIOD_UNITS, begins_at, ends_at, is_moment, is_recurring

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


def occurrence_problems(service_request: Json) -> Iterator[Issue]:
    """Check an occurrence against FUT's matrix; gives nothing when it is valid."""
    if period := service_request.get("occurrencePeriod"):
        yield from _precise(period.get("start"), f"{_PATH}.start")
    elif "occurrenceDateTime" in service_request:
        yield from _precise(service_request["occurrenceDateTime"], _PATH)
    elif timing := service_request.get("occurrenceTiming"):
        yield from (issue(_TIMING, detail, path) for path, detail in _timing_problems(timing.get("repeat", {})))
    else:
        yield issue(_NONE, "a request that is, or is to be, active, paused or completed needs one", _PATH)


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


def _timing_problems(repeat: Json) -> Iterator[tuple[str, str]]:
    path = f"{_PATH}.repeat"
    bounds = repeat.get("boundsPeriod", {})
    if not is_moment(bounds.get("start")):
        yield f"{path}.boundsPeriod.start", "needs at least minutes and a time zone"
    elif "end" in bounds and ends_at(bounds["end"]) < begins_at(bounds["start"]):
        yield f"{path}.boundsPeriod", "ends before it starts"
    for name in ("duration", "period"):
        if (name in repeat) != (f"{name}Unit" in repeat):
            yield path, f"{name} and {name}Unit go together"
    if "durationUnit" in repeat and repeat["durationUnit"] not in _DURATION_UNITS:
        yield f"{path}.durationUnit", f"durationUnit is one of {', '.join(_DURATION_UNITS)}"
    if "countMax" in repeat and "count" not in repeat:
        yield path, "countMax needs count"
    if is_recurring(repeat):
        yield from _recurring_problems(repeat, path)


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


def _precise(text: str | None, path: str) -> Iterator[Issue]:
    if not is_moment(text):
        yield issue(_TIMING, "needs at least minutes and a time zone", path)

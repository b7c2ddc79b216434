"""Resolved timing: from `ServiceRequest.occurrence[x]` to the slots in which an answer is asked for.

Times of day are Danish wall-clock times: "every Monday 08–20" stays 08–20 when the clocks change.

Source: FUT implementation guide 8.0.0, resolved timing and `$get-patient-procedures` (`fut.md` 4.1, 4.2). The guide
shows slots for recurring Timing only. What an occurrencePeriod or occurrenceDateTime resolves to is our reading:
a period with both ends is one slot, a moment is a slot without length, a period without end is ad hoc.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, HOURLY, MINUTELY, WEEKLY, rrule, weekday

from kommunalpro.fhir.datetime import parse_datetime, parse_interval, to_datetime
from kommunalpro.fhir.json import Json

DENMARK = ZoneInfo("Europe/Copenhagen")
TimingType = Literal["Resolved", "Unresolved", "Adhoc", "Extra"]

_FREQUENCIES: Mapping[str, Literal[2, 3, 4, 5]] = {"min": MINUTELY, "h": HOURLY, "d": DAILY, "wk": WEEKLY}
_STEPS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "wk": timedelta(weeks=1),
}
_PERIOD_UNITS = (*_FREQUENCIES, "mo", "a")
_WEEKDAYS = {day: weekday(number) for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_LENGTHS = {
    "s": relativedelta(seconds=1),
    "min": relativedelta(minutes=1),
    "h": relativedelta(hours=1),
    "d": relativedelta(days=1),
    "wk": relativedelta(weeks=1),
    "mo": relativedelta(months=1),
    "a": relativedelta(years=1),
}


_OF_THE_CLOCK = frozenset({"s", "min", "h"})
"""Units that are less than a day."""
_AHEAD = timedelta(days=10 * 366)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which `requested` answers are asked for; start and end are None unless the type is Resolved."""

    type: TimingType
    start: datetime | None = None
    end: datetime | None = None
    requested: int = 1


def resolve(service_request: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    """Give the slots of a ServiceRequest that overlap [start, end), in order of time.

    An ad-hoc occurrence gives one slot without times; a ServiceRequest without occurrence gives one Unresolved.
    """
    if period := service_request.get("occurrencePeriod"):
        yield from _period_slot(period, start, end)
    elif moment := service_request.get("occurrenceDateTime"):
        at = _moment(moment)
        if start <= at < end:
            yield Slot("Resolved", at, at)
    elif timing := service_request.get("occurrenceTiming"):
        yield from _timing_slots(timing.get("repeat", {}), start, end)
    else:
        yield Slot("Unresolved")


def slots_after(service_request: Json, moment: datetime) -> Iterator[Slot]:
    """Give the slots with times that end after a moment, in order, as long as anybody asks for the next."""
    for slot in resolve(service_request, moment, moment + _AHEAD):
        if slot.end is not None and slot.end > moment:
            yield slot


def slot_at(service_request: Json, start: datetime) -> Slot | None:
    """Give the slot that begins at a moment; None: there is none."""
    found = resolve(service_request, start, start + timedelta(microseconds=1))
    return next((slot for slot in found if slot.start == start), None)


def is_recurring(repeat: Json) -> bool:
    """Tell a recurring regime from an ad-hoc one: it has days of the week or a period."""
    return "dayOfWeek" in repeat or "period" in repeat


def bounded(timing: Json, start: datetime) -> dict[str, Any]:
    """Give a definition's regime the bounds that a request needs (`fut.md` 4.1): from `start` on.

    Where it says how long it lasts (boundsDuration), it ends with the last minute of that; else it has no end.
    """
    repeat = {name: each for name, each in timing.get("repeat", {}).items() if not name.startswith("bounds")}
    bounds = {"start": to_datetime(start.astimezone(DENMARK))}
    lasts = timing.get("repeat", {}).get("boundsDuration")
    if lasts:
        local = start.astimezone(DENMARK).replace(tzinfo=None)
        end = local + _LENGTHS[lasts["code"]] * int(lasts["value"]) - _LENGTHS["min"]
        bounds["end"] = to_datetime(end.replace(tzinfo=DENMARK))
    return {**timing, "repeat": {**repeat, "boundsPeriod": bounds}}


def later(moment: datetime, duration: Json) -> datetime:
    """Give the moment a Duration after another, on the Danish clock."""
    local = moment.astimezone(DENMARK).replace(tzinfo=None)
    return (local + _LENGTHS[duration["code"]] * int(duration["value"])).replace(tzinfo=DENMARK)


def opening_after(moment: datetime, duration: Json) -> datetime:
    """Give when what comes a Duration after something opens: at midnight on the Danish clock where it counts days.

    Where it counts hours or less, or nothing at all, it opens to the minute.
    """
    at = later(moment, duration)
    if not duration["value"] or duration["code"] in _OF_THE_CLOCK:
        return at
    return datetime.combine(at.date(), time.min, DENMARK)


def is_duration(value: Json) -> bool:
    """Tell whether a Duration is one that can be counted: a whole number, not negative, of a unit of time."""
    number = value.get("value")
    return value.get("code") in _LENGTHS and number is not None and number >= 0 and number == int(number)


def beginning_at(service_request: Json, start: datetime) -> dict[str, Any]:
    """Give the occurrence of a ServiceRequest moved so that it begins at a moment, and lasts as long as it did."""
    if period := service_request.get("occurrencePeriod"):
        return {"occurrencePeriod": {**period, **_moved(period, start)}}
    if timing := service_request.get("occurrenceTiming"):
        bounds = timing.get("repeat", {}).get("boundsPeriod")
        if bounds is None:
            return {"occurrenceTiming": bounded(timing, start)}
        repeat = {**timing["repeat"], "boundsPeriod": {**bounds, **_moved(bounds, start)}}
        return {"occurrenceTiming": {**timing, "repeat": repeat}}
    return {"occurrenceDateTime": to_datetime(start.astimezone(DENMARK))}


def _moved(period: Json, start: datetime) -> dict[str, str]:
    moved = {"start": to_datetime(start.astimezone(DENMARK))}
    if "start" in period and "end" in period:
        ends, began = (_local(each) for each in (_last_moment(period["end"]), _moment(period["start"])))
        moved["end"] = to_datetime((_local(start) + (ends - began)).replace(tzinfo=DENMARK))
    return moved


def _local(moment: datetime) -> datetime:
    return moment.astimezone(DENMARK).replace(tzinfo=None)


def _period_slot(period: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    opens = _moment(period["start"])
    if "end" not in period:
        if opens < end:
            yield Slot("Adhoc")
        return
    closes = _last_moment(period["end"])
    if opens < end and closes >= start:
        yield Slot("Resolved", opens, closes)


def _timing_slots(repeat: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    bounds = repeat["boundsPeriod"]
    opens = _moment(bounds["start"])
    closes = _last_moment(bounds["end"]) if "end" in bounds else None
    if not is_recurring(repeat):
        if opens < end and (closes is None or closes >= start):
            yield Slot("Adhoc", requested=repeat.get("count", 1))
        return
    length = _length(repeat)
    frequency = repeat.get("frequency", 1)
    requested = 1 if repeat.get("timeOfDay") else frequency
    from_here = _local(start) - length
    for begins in _beginnings(repeat, opens, min(end, closes) if closes else end, from_here):
        finishes = (begins.astimezone(DENMARK).replace(tzinfo=None) + length).replace(tzinfo=DENMARK)
        if finishes >= start and begins < end:
            yield Slot("Resolved", begins, finishes, requested)


def _beginnings(repeat: Json, opens: datetime, until: datetime, from_here: datetime) -> Iterator[datetime]:
    """Give when slots begin, computed on the Danish wall clock and then given their offset.

    What lies well before `from_here`, a local time, is passed over without being counted through.
    """
    local = opens.astimezone(DENMARK).replace(tzinfo=None)
    unit = repeat.get("periodUnit", "d")
    days = [_WEEKDAYS[day] for day in repeat.get("dayOfWeek", ())]
    times = [time.fromisoformat(text) for text in repeat.get("timeOfDay", ())]
    first = datetime.combine(local.date(), time.min) if times else local
    last = until.astimezone(DENMARK).replace(tzinfo=None)
    every = int(repeat.get("period", 1)) if not days or unit == "wk" else 1
    if unit in ("mo", "a") and not days:
        found = _months(first, last, _LENGTHS[unit] * every)
    else:
        step = (timedelta(weeks=1) if days else _STEPS[unit]) * every
        first += max((from_here - first) // step - 1, 0) * step
        found = iter(rrule(WEEKLY if days else _FREQUENCIES[unit], first, every, byweekday=days or None, until=last))
    for day in found:
        for at in [datetime.combine(day.date(), each) for each in sorted(times)] or [day]:
            begins = at.replace(tzinfo=DENMARK)
            if opens <= begins < until:
                yield begins


def _months(first: datetime, last: datetime, every: relativedelta) -> Iterator[datetime]:
    """Give the same day of every so many months or years; where a month has no such day, its last.

    A rule of RFC 5545 would leave such a month out, and ask nothing of somebody who began on the 31st.
    """
    for number in count():
        day = first + every * number
        if day > last:
            return
        yield day


def _length(repeat: Json) -> relativedelta:
    unit = repeat.get("durationUnit")
    if unit is None:
        return relativedelta()
    whole, part = divmod(repeat["duration"], 1)
    # Half an hour may be written as 0.5 h; what half a month is, nobody says.
    rest = timedelta() if unit not in _STEPS else _STEPS[unit] * float(part)
    return _LENGTHS[unit] * int(whole) + relativedelta(microseconds=rest // timedelta(microseconds=1))


def _moment(text: str) -> datetime:
    return parse_datetime(text, DENMARK)


def _last_moment(text: str) -> datetime:
    """Give when a Period ends: one that ends on a day, ends with that day (R4, datatypes.html#Period)."""
    return parse_datetime(text, DENMARK) if "T" in text else parse_interval(text, DENMARK).end


def occurrence_problems(service_request: Json) -> list[tuple[str, str]]:
    """Check an occurrence against FUT's matrix; gives (FHIRPath, problem in English), nothing when it is valid.

    Source: `fut.md` 4.1, errors GENERAL_TIMING_VALIDATION_ERROR and GENERAL_VALIDATION_ERROR_NO_OCCURRENCE.
    """
    if period := service_request.get("occurrencePeriod"):
        return [*_precise(period.get("start"), "ServiceRequest.occurrence.start")]
    if "occurrenceDateTime" in service_request:
        return [*_precise(service_request["occurrenceDateTime"], "ServiceRequest.occurrence")]
    if timing := service_request.get("occurrenceTiming"):
        return list(_timing_problems(timing.get("repeat", {})))
    return [("ServiceRequest.occurrence", "an active, paused or completed request needs an occurrence")]


def _timing_problems(repeat: Json) -> Iterator[tuple[str, str]]:
    path = "ServiceRequest.occurrence.repeat"
    bounds = repeat.get("boundsPeriod", {})
    yield from _precise(bounds.get("start"), f"{path}.boundsPeriod.start")
    if "start" in bounds and "end" in bounds and _last_moment(bounds["end"]) < _moment(bounds["start"]):
        yield f"{path}.boundsPeriod", "ends before it starts"
    if ("duration" in repeat) != ("durationUnit" in repeat):
        yield path, "duration and durationUnit go together"
    if "countMax" in repeat and "count" not in repeat:
        yield path, "countMax needs count"
    if is_recurring(repeat):
        yield from _recurring_problems(repeat, path)


def _recurring_problems(repeat: Json, path: str) -> Iterator[tuple[str, str]]:
    if "frequency" not in repeat:
        yield path, "a recurring regime needs a frequency"
    period, unit = repeat.get("period"), repeat.get("periodUnit")
    if "dayOfWeek" in repeat and not (period is None or unit == "wk" or (unit == "d" and period == 1)):
        yield path, "days of the week go with no period, one day, or whole weeks"
    if "timeOfDay" in repeat and unit in ("s", "min", "h"):
        yield path, "times of day go with days, weeks, months or years"
    if period is not None and (period <= 0 or period != int(period)):
        yield path, "period is a positive whole number"
    if period is not None and unit not in _PERIOD_UNITS:
        yield path, "periodUnit is one of min, h, d, wk, mo, a"


def is_moment(text: object) -> bool:
    """Tell whether a time says at least the minute, and its time zone."""
    return isinstance(text, str) and "T" in text and (text.endswith("Z") or text[-6:-5] in ("+", "-"))


def _precise(text: str | None, path: str) -> Iterator[tuple[str, str]]:
    if not is_moment(text):
        yield path, "needs at least minutes and a time zone"

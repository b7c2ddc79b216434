"""Resolved timing: from `ServiceRequest.occurrence[x]` to the slots in which an answer is asked for.

"Every Monday at 08" is 08 on the Danish clock; what is asked every hour is counted as the hours pass (`moments`).

Source: FUT implementation guide 8.0.0, resolved timing and `$get-patient-procedures` (`fut.md` 4.1, 4.2). The guide
shows slots for recurring Timing only. What an occurrencePeriod or occurrenceDateTime resolves to is our reading:
a period with both ends is one slot, a moment is a slot without length, a period without end is ad hoc.
What the guide does not say either: nobody answers at the very moment, so a slot without length can be answered until
the next one begins, and no longer than that day. What is answered then has come late all the same, as FUT counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, count, pairwise
from typing import Any, Literal, TypeAlias

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, WEEKLY, rrule, weekday

from kommunalpro.fhir.datetime import DENMARK, in_zone, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import (
    LENGTHS,
    OF_THE_CLOCK,
    STEPS,
    begins_at,
    ends_at,
    later,
    later_by,
    length_of,
    local_time,
    moment_at,
    moved,
    shown,
)
from kommunalpro.fut.timing_history import Era, eras

TimingType = Literal["Resolved", "Unresolved", "Adhoc", "Extra"]

_FREQUENCIES: Mapping[str, Literal[2, 3]] = {"d": DAILY, "wk": WEEKLY}
PERIOD_UNITS = ("min", "h", "d", "wk", "mo", "a")
"""In what it may be said how often something recurs."""
_WEEKDAYS = {day: weekday(number) for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_SHORTEST = {**STEPS, "mo": timedelta(days=28), "a": timedelta(days=365)}
"""How short a turn of each may be, the clocks aside."""
_BEGUN = 2
"""Turns that a span reaches into at its ends, the hour by which the clocks change among them."""
_Length: TypeAlias = tuple[Decimal | int, str]
"""How much of which unit."""
_NONE: _Length = (0, "s")
_CHANGE = timedelta(hours=1)
"""By so much the clocks change."""
_SHORTER = timedelta(days=3)
"""By so much a month is shorter than another."""
_AHEAD = timedelta(days=10 * 366)
_DAY = timedelta(days=1)
_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which `requested` answers are asked for; start and end are None unless the type is Resolved.

    `following`: when the next slot begins, as far as that is the same or the next day. `version`: of the request that
    asked for it, where that asks for other times since; None: it asks for it still.
    """

    type: TimingType
    start: datetime | None = None
    end: datetime | None = None
    requested: int = 1
    following: datetime | None = field(default=None, compare=False)
    version: str | None = None

    @property
    def closes(self) -> datetime | None:
        """Until when it can be answered; None: it has no times."""
        return closing(self.start, self.end, self.following) if self.start and self.end else None


@dataclass(frozen=True, slots=True)
class Many:
    """Slots of one request that are told together: the first of them, the last, and how many there are."""

    first: Slot
    last: Slot
    count: int


def closing(start: datetime, end: datetime, following: datetime | None) -> datetime:
    """Give until when a slot can be answered; `following`: when the next one begins, None: not on the same day."""
    if start != end:
        return end
    day = datetime.combine(in_zone(start).date(), _LAST_MINUTE, DENMARK)
    return max(start, min(day, following or day))


def resolve(service_request: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    """Give the slots of a ServiceRequest that can be answered some time in [start, end), in order of time.

    An ad-hoc occurrence gives one slot without times; a ServiceRequest without occurrence gives one Unresolved. What
    closed before the times were changed is what was asked for then (`timing_history.py`), unless they ask for it anew.
    """
    for era in eras(service_request):
        for slot in _resolve(era.occurrence, *_within(era, start, end)):
            asked = _asked(slot, era)
            if asked and (asked.version is None or _is_last(service_request, asked)):
                yield asked


def _is_last(service_request: Json, slot: Slot) -> bool:
    """Tell whether no later times ask for a slot that begins then."""
    return slot.start is None or slot_at(service_request, slot.start) == slot


def _resolve(occurrence: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    if period := occurrence.get("occurrencePeriod"):
        yield from _period_slot(period, start, end)
    elif moment := occurrence.get("occurrenceDateTime"):
        at = begins_at(moment)
        if at < end and closing(at, at, None) >= start:
            yield Slot("Resolved", at, at)
    elif timing := occurrence.get("occurrenceTiming"):
        yield from _timing_slots(timing.get("repeat", {}), start, end)
    else:
        yield Slot("Unresolved")


def _asked(slot: Slot, era: Era) -> Slot | None:
    """Give a slot as it was asked for by some times; None: it was not."""
    closes = slot.closes
    if closes is None:
        return slot if era.until is None else None
    if not era.holds(closes):
        return None
    return slot if era.version is None else replace(slot, version=era.version)


def most_slots(service_request: Json, start: datetime, end: datetime) -> int:
    """Give how many slots that is at most, without a look at any: no more than a few turns too many of each time."""
    return sum(_most_slots(era.occurrence, *_within(era, start, end)) for era in eras(service_request))


def most_open(repeat: Json) -> Decimal:
    """Give how many slots of a recurring regime can be answered at once, little more or less.

    Whatever numbers it says, also such as no calendar has.
    """
    (open_for, unit), (every, turn) = _answered_for(repeat), _every(repeat)
    turns = open_for * _seconds(unit) / (every * _seconds(turn)) + 1
    return turns * len(repeat.get("dayOfWeek", ()) or "1") * len(repeat.get("timeOfDay", ()) or "1")


def _seconds(unit: str) -> Decimal:
    return Decimal(int(_SHORTEST[unit].total_seconds()))


def _within(era: Era, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Give from when on a slot of some times can be answered, and before when it must begin.

    What was open still when the times were changed is not theirs any more, so no slot that begins so late is.
    """
    begins = max(start, era.since or start)
    if era.until is None:
        return begins, end
    amount, unit = _open_for(era.occurrence.get("occurrenceTiming", {}).get("repeat", {}))
    opened = moment_at(local_time(era.until) - length_of(amount, unit)) + _CHANGE if amount else era.until
    # A year after the 29th of February, and a month after the 31st, is a day that others come to as well.
    return begins, min(end, era.until, opened + (_SHORTER if unit in ("mo", "a") else timedelta()))


def _most_slots(occurrence: Json, start: datetime, end: datetime) -> int:
    repeat = occurrence.get("occurrenceTiming", {}).get("repeat", {})
    if not is_recurring(repeat):
        return 1
    opens, until, from_here = _looked_through(repeat, start, end, _answered_for(repeat))
    turns = max((until - max(opens, from_here)) // _shortest_turn(repeat) + _BEGUN, 0)
    return turns * len(repeat.get("dayOfWeek", ()) or "1") * len(repeat.get("timeOfDay", ()) or "1")


def opens_at(service_request: Json) -> datetime | None:
    """Give from when on anything is asked for; None: nobody says."""
    bounds = service_request.get("occurrenceTiming", {}).get("repeat", {}).get("boundsPeriod", {})
    text = service_request.get("occurrenceDateTime") or service_request.get("occurrencePeriod", bounds).get("start")
    return begins_at(text) if text else None


def has_ended(service_request: Json, moment: datetime) -> bool:
    """Tell whether nothing can be answered after a moment, nor will be; what may be at any time ends by its bounds."""
    found = resolve(service_request, moment, later_by(moment, _AHEAD))
    return all((closes := slot.closes) is not None and closes <= moment for slot in found)


def slots_after(service_request: Json, moment: datetime) -> Iterator[Slot]:
    """Give the slots with times that can be answered after a moment, in order, as long as anybody asks for the next."""
    for slot in resolve(service_request, moment, later_by(moment, _AHEAD)):
        if (closes := slot.closes) is not None and closes > moment:
            yield slot


def slots_begun(service_request: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    """Give the slots of a recurring regime that begin in [start, end), in order; those that are open still are not."""
    repeat = service_request["occurrenceTiming"]["repeat"]
    return (slot for slot in _begun(repeat, start, end) if slot.start is not None and slot.start >= start)


def many_begun(service_request: Json, start: datetime, end: datetime) -> Many | None:
    """Tell the slots of a recurring regime that begin in [start, end) together; None: there is none.

    Those that come by the hour or less are counted without a look at each.
    """
    found = slots_begun(service_request, start, end)
    first = next(found, None)
    if first is None or first.start is None:
        return None
    repeat = service_request["occurrenceTiming"]["repeat"]
    if not is_counted(repeat):
        every = [first, *found]
        return Many(first, every[-1], len(every))
    _, until, _ = _looked_through(repeat, start, end, _NONE)
    step = _shortest_turn(repeat)
    count = -((first.start - until) // step)
    return Many(first, slot_at(service_request, first.start + (count - 1) * step) or first, count)


def slot_at(service_request: Json, start: datetime) -> Slot | None:
    """Give the slot that begins at a moment, by the latest of its times that asked for it; None: there is none."""
    end = later_by(start, timedelta.resolution)
    for era in reversed(eras(service_request)):
        repeat = era.occurrence.get("occurrenceTiming", {}).get("repeat", {})
        # Of a regime only what begins now is looked at: what began before and is open still may be any number.
        found = _begun(repeat, start, end) if is_recurring(repeat) else _resolve(era.occurrence, start, end)
        slot = next((slot for slot in found if slot.start == start), None)
        if slot is not None and (asked := _asked(slot, era)) is not None:
            return asked
    return None


def regime_end(repeat: Json) -> datetime | None:
    """Give when a regime ends; None: it has no end."""
    return _bounds(repeat)[1]


def is_recurring(repeat: Json) -> bool:
    """Tell a recurring regime from an ad-hoc one: it has days of the week or a period."""
    return "dayOfWeek" in repeat or "period" in repeat


def is_counted(repeat: Json) -> bool:
    """Tell whether a recurring regime counts hours or less, as they pass, and follows no clock."""
    return repeat.get("periodUnit") in OF_THE_CLOCK and "dayOfWeek" not in repeat


def bounded(timing: Json, start: datetime) -> dict[str, Any]:
    """Give a definition's regime the bounds that a request needs (`fut.md` 4.1): from `start` on, or its own later one.

    Where it says how long it lasts (boundsDuration), it ends with the last minute of that; where it says when
    (boundsPeriod), it ends then; else it has no end.
    """
    repeat = {name: each for name, each in timing.get("repeat", {}).items() if not name.startswith("bounds")}
    own, lasts = (timing.get("repeat", {}).get(name, {}) for name in ("boundsPeriod", "boundsDuration"))
    begins = max(start, begins_at(own["start"])) if "start" in own else start
    bounds = {**own, "start": to_datetime(in_zone(begins))}
    if lasts:
        bounds["end"] = to_datetime(later(begins, lasts) - timedelta(minutes=1))
    return {**timing, "repeat": {**repeat, "boundsPeriod": bounds}}


def _period_slot(period: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    opens = begins_at(period["start"])
    if "end" not in period:
        if opens < end:
            yield Slot("Adhoc")
        return
    closes = ends_at(period["end"])
    if opens < end and closes >= start:
        yield Slot("Resolved", opens, closes)


def _timing_slots(repeat: Json, start: datetime, end: datetime) -> Iterator[Slot]:
    if not is_recurring(repeat):
        opens, closes = _bounds(repeat)
        if opens < end and (closes is None or closes >= start):
            yield Slot("Adhoc", requested=repeat.get("count", repeat.get("frequency", 1)))
        return
    for slot in _begun(repeat, start, end, _answered_for(repeat)):
        if (slot.start and slot.start >= start) or ((closes := slot.closes) and closes >= start):
            yield slot


def _begun(repeat: Json, start: datetime, end: datetime, before: _Length = _NONE) -> Iterator[Slot]:
    """Give the slots of a regime that begin before `end` and no longer before `start` than this, or little longer.

    FUT's frequency is of each slot; R4 says by two times a day, at these two times, what is one at each.
    """
    times, requested = repeat.get("timeOfDay", ()), repeat.get("frequency", 1)
    if requested == len(times):
        requested = 1
    amount, unit = _open_for(repeat)
    length = length_of(amount, unit)
    # Until when one without length can be answered, the next one says, though nobody asks about that.
    until = end if amount else later_by(end, _DAY)
    found = _beginnings(repeat, *_looked_through(repeat, start, until, before))
    for begins, following in pairwise(chain(found, (None,))):
        if begins is None or begins >= end:
            return
        yield Slot("Resolved", begins, moved(begins, length, unit) if amount else begins, requested, following)


def _looked_through(
    repeat: Json, start: datetime, end: datetime, before: _Length
) -> tuple[datetime, datetime, datetime]:
    """Give when a regime opens, before when a slot must begin, and from when on it may have."""
    opens, closes = _bounds(repeat)
    # A day that has 25 hours is longer than one that has not.
    from_here = moment_at(local_time(start) - length_of(*before)) - _CHANGE
    return opens, min(end, closes) if closes else end, from_here


def _bounds(repeat: Json) -> tuple[datetime, datetime | None]:
    bounds = repeat["boundsPeriod"]
    return begins_at(bounds["start"]), ends_at(bounds["end"]) if "end" in bounds else None


def _open_for(repeat: Json) -> _Length:
    return repeat.get("duration", 0), repeat.get("durationUnit", "s")


def _answered_for(repeat: Json) -> _Length:
    """Give how long a slot can be answered at most."""
    if repeat.get("duration"):
        return _open_for(repeat)
    return _every(repeat) if is_counted(repeat) else (1, "d")


def _every(repeat: Json) -> tuple[int, str]:
    """Give after how many of what a regime turns; one of days of the week turns by weeks."""
    unit = repeat.get("periodUnit", "d")
    if "dayOfWeek" in repeat:
        return int(repeat.get("period", 1)) if unit == "wk" else 1, "wk"
    return int(repeat.get("period", 1)), unit


def _shortest_turn(repeat: Json) -> timedelta:
    every, unit = _every(repeat)
    return every * _SHORTEST[unit]


def _beginnings(repeat: Json, opens: datetime, until: datetime, from_here: datetime) -> Iterator[datetime]:
    """Give when slots begin, each once and in order; what lies well before `from_here` is not counted through.

    Hours and minutes are counted as they pass: a night when the clocks go back has two o'clock twice. Days, weeks,
    months and years are turned on the Danish clock, and so are times of day.
    """
    found = (
        _counted(opens, until, from_here, _shortest_turn(repeat))
        if is_counted(repeat)
        else _turned(repeat, opens, until, from_here)
    )
    last = None
    for begins in found:
        # Two times of day are the same moment, where the one does not exist that day and moves to the other.
        if opens <= begins < until and begins != last:
            yield begins
        last = begins


def _counted(opens: datetime, until: datetime, from_here: datetime, step: timedelta) -> Iterator[datetime]:
    at = opens.astimezone(UTC) + max((from_here - opens) // step - 1, 0) * step
    while at < until:
        yield shown(at)
        at += step


def _turned(repeat: Json, opens: datetime, until: datetime, from_here: datetime) -> Iterator[datetime]:
    local, last = local_time(opens), local_time(until)
    days = [_WEEKDAYS[day] for day in repeat.get("dayOfWeek", ())]
    times = [time.fromisoformat(text) for text in repeat.get("timeOfDay", ())]
    first = datetime.combine(local.date(), time.min) if times else local
    every, unit = _every(repeat)
    if unit in ("mo", "a"):
        found = _months(first, last, LENGTHS[unit] * every)
    else:
        step = STEPS[unit] * every
        first += max((local_time(from_here) - first) // step - 1, 0) * step
        found = iter(rrule(_FREQUENCIES[unit], first, every, byweekday=days or None, until=last))
    for day in found:
        wanted = [datetime.combine(day.date(), each) for each in times] or [day]
        # The moment at which it opens may be the second of two that the clock shows alike.
        yield from sorted(shown(opens) if at == local else moment_at(at) for at in wanted)


def _months(first: datetime, last: datetime, every: relativedelta) -> Iterator[datetime]:
    """Give the same day of every so many months or years; where a month has no such day, its last.

    A rule of RFC 5545 would leave such a month out, and ask nothing of somebody who began on the 31st.
    """
    for number in count():
        day = first + every * number
        if day > last:
            return
        yield day

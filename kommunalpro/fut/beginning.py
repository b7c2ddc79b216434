"""When an activity begins that waited for its trigger: its occurrence as it was planned, moved to another day.

Only the day moves. The clock time of the planned start is the time of day of every slot, so it stays, and what is
planned to begin later than its trigger lets it begins as planned. It lasts as long as it was planned to.

Ours, where the guide is silent:

- An offset in days, weeks, months or years is about a day and no minute of it: it opens that day at the planned time.
  In a night that does not have that time, what is asked once is an hour later, as any moment is; what recurs opens the
  next day, for its start is the time of every day.
- Without an offset it opens at once: what is asked a single time, at any time or every so many hours, at that very
  moment. Of what recurs by the day the first slot is the one that is open then, for whoever answers the one is to be
  asked the other while they are at it; where that day's is over it is the next day's. None has been missed by then.
- An offset in hours or minutes is about the minute, and nothing opens before it. Of what recurs by the day the first
  slot is one that begins then or later, so that all that it is open for is left.
- What was planned without a start is as if planned for midnight where only a day is to be found; where nothing was
  planned at all, it is that moment.

Source: `fut.md` 1A (plandefinition), 4.1.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from kommunalpro.fhir.datetime import in_zone, to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import OF_THE_CLOCK, begins_at, ends_at, later, later_by, local_time, moment_at
from kommunalpro.fut.timing import Slot, bounded, is_counted, is_recurring, slots_begun


def begun(service_request: Json, now: datetime, offset: Json | None) -> dict[str, Any]:
    """Give the occurrence of a ServiceRequest whose trigger is met now, and that is to begin a Duration after that."""
    planned = _planned_start(service_request)
    clock = local_time(planned).time() if planned else time.min
    opens = _opening(service_request, clock, now, offset)
    if planned and planned > opens:
        return {name: value for name, value in service_request.items() if name.startswith("occurrence")}
    return beginning_at(service_request, opens)


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
    return {"occurrenceDateTime": to_datetime(in_zone(start))}


def _planned_start(service_request: Json) -> datetime | None:
    bounds = service_request.get("occurrenceTiming", {}).get("repeat", {}).get("boundsPeriod", {})
    period = service_request.get("occurrencePeriod", bounds)
    text = service_request.get("occurrenceDateTime", period.get("start"))
    return begins_at(text) if text else None


def _opening(service_request: Json, clock: time, now: datetime, offset: Json | None) -> datetime:
    is_at_once, is_daily = not offset or not offset["value"], _recurs_by_the_day(service_request)
    earliest = later(now, offset) if offset else now
    if offset and not is_at_once and offset["code"] not in OF_THE_CLOCK:
        day = local_time(earliest).date()
        return _on(day, clock) if is_daily else moment_at(datetime.combine(day, clock))
    if not is_daily:
        return earliest
    return _first_slot(service_request, clock, earliest, is_at_once=is_at_once)


def _recurs_by_the_day(service_request: Json) -> bool:
    repeat = service_request.get("occurrenceTiming", {}).get("repeat", {})
    return is_recurring(repeat) and not is_counted(repeat)


def _first_slot(service_request: Json, clock: time, earliest: datetime, *, is_at_once: bool) -> datetime:
    """Give from when on no slot is too early; it is another day where all of that day are."""
    day = local_time(earliest).date()
    opens, tomorrow = _on(day, clock), _next(day)
    slots = list(slots_begun(beginning_at(service_request, opens), opens, _on(tomorrow, time.min)))
    left = [each for each in slots if _is_in_time(each, earliest, is_at_once=is_at_once)]
    if len(left) == len(slots):
        return opens
    return next((each.start for each in left if each.start), _on(tomorrow, clock))


def _is_in_time(slot: Slot, earliest: datetime, *, is_at_once: bool) -> bool:
    begins_then = slot.start is not None and slot.start >= earliest
    return begins_then or (is_at_once and slot.end is not None and slot.end > earliest)


def _on(day: date, clock: time) -> datetime:
    """Give a clock time of a day; of the next, in a night that does not have it, lest it be another from then on."""
    opens = moment_at(datetime.combine(day, clock))
    return opens if local_time(opens).time() == clock else moment_at(datetime.combine(_next(day), clock))


def _next(day: date) -> date:
    return later_by(datetime.combine(day, time.min), timedelta(days=1)).date()


def _moved(period: Json, start: datetime) -> dict[str, str]:
    moved = {"start": to_datetime(in_zone(start))}
    if "start" in period and "end" in period:
        ends, began = (local_time(each) for each in (ends_at(period["end"]), begins_at(period["start"])))
        moved["end"] = to_datetime(moment_at(later_by(local_time(start), ends - began)))
    return moved

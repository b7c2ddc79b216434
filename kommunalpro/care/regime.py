"""When an activity takes place, as an editor says it: every second week on Mondays, for twelve weeks.

A regime stands as `timingTiming` on an ActivityDefinition, or on a step of a plan, where it goes before the activity's
own. It has no beginning: that is given when the plan is sent (`fut.timing.bounded`).

Source: `fut.md` 4.1, whose matrix says what goes together: days of the week with one day or whole weeks, times of day
with days or longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import islice, pairwise
from typing import Any

from dateutil.relativedelta import relativedelta

from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.json import Json
from kommunalpro.fut.timing import Slot, bounded, is_recurring, resolve, slots_begun

UCUM = "http://unitsofmeasure.org"
UNITS = ("d", "wk", "mo", "a")
"""Days, weeks, months, years: what an editor chooses between."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SOME_MONDAY, _SOME, _YEARS = datetime(2026, 1, 5, tzinfo=DENMARK), 60, 120
"""A day to try a regime from, how many of its slots are looked at, and for how many months at most."""
_CENTURY, _COUNTED = 1200, 1000
"""For how many months, and up to how many times, it is counted how often something is asked."""
_SAID = frozenset(
    {"frequency", "period", "periodUnit", "dayOfWeek", "timeOfDay", "duration", "durationUnit", "boundsDuration"}
)


@dataclass(frozen=True, slots=True)
class Length:
    """So many hours (`h`), days, weeks, months or years."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Regime:
    """Once every so many units, on these days (empty: on that of the beginning), at these times (`08:00:00`).

    `answer_within`: how long each is open; None: only at that moment. `lasts`: how long it goes on; None: until
    somebody stops it.
    """

    every: Length
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    answer_within: Length | None = None
    lasts: Length | None = None


def timing_of(regime: Regime) -> dict[str, Any]:
    """Give a regime as a FHIR Timing."""
    repeat: dict[str, Any] = {"frequency": 1, "period": regime.every.value, "periodUnit": regime.every.unit}
    if regime.lasts:
        repeat["boundsDuration"] = {"value": regime.lasts.value, "system": UCUM, "code": regime.lasts.unit}
    if regime.answer_within:
        repeat |= {"duration": regime.answer_within.value, "durationUnit": regime.answer_within.unit}
    if regime.days:
        repeat["dayOfWeek"] = list(regime.days)
    if regime.times:
        repeat["timeOfDay"] = list(regime.times)
    return {"repeat": repeat}


def regime_of(definition: Json) -> Regime | None:
    """Read the regime of an activity or a step; None: it has none, or says more than an editor can say here."""
    timing = definition.get("timingTiming", {})
    repeat = timing.get("repeat", {})
    is_sayable = timing.keys() == {"repeat"} and repeat.keys() <= _SAID and repeat.get("frequency", 1) == 1
    unit = repeat.get("periodUnit", "wk" if "dayOfWeek" in repeat else "d")
    if not is_sayable or unit not in UNITS or not ({"period", "dayOfWeek"} & repeat.keys()):
        return None
    lasts = repeat.get("boundsDuration")
    return Regime(
        every=Length(int(repeat.get("period", 1)), unit),
        days=tuple(repeat.get("dayOfWeek", ())),
        times=tuple(repeat.get("timeOfDay", ())),
        answer_within=Length(int(repeat["duration"]), repeat["durationUnit"]) if "duration" in repeat else None,
        lasts=Length(int(lasts["value"]), lasts["code"]) if lasts else None,
    )


def first_slots(timing: Json, start: datetime, *, months: int) -> Iterator[Slot]:
    """Give the slots of a regime that begins at `start`, for so many months ahead."""
    request = {"occurrenceTiming": bounded(timing, start)}
    return (each for each in resolve(request, start, start + relativedelta(months=months)) if each.start)


def slots_of_day(timing: Json, start: datetime, day: date) -> Iterator[Slot]:
    """Give the slots of a regime that begins at `start` which open on a Danish day, without a look at those before."""
    midnight = datetime.combine(day, time.min, DENMARK)
    return slots_begun({"occurrenceTiming": bounded(timing, start)}, midnight, midnight + relativedelta(days=1))


def overlaps(regime: Regime) -> bool:
    """Tell whether one time can still be answered when the next opens: then the same is asked twice at once."""
    endless = timing_of(replace(regime, lasts=None))
    some = [*islice(first_slots(endless, _SOME_MONDAY, months=_YEARS), _SOME)]
    return any(one.end > other.start for one, other in pairwise(some) if one.end and other.start)


def may_never_open(regime: Regime) -> bool:
    """Tell whether there is a weekday on which it can begin and then never opens: Mondays, for three days."""
    return any(next(each, None) is None for each in _from_each_weekday(timing_of(regime)))


def asks_often_enough(definition: Json, count: int) -> bool:
    """Tell whether an activity, or a step, may ask so many times by its own regime, on the weekday that suits it best.

    Without a regime, or with one that is no rhythm, or does not end so long after its beginning, it may; and more often
    than anybody counts.
    """
    timing = definition.get("timingTiming", {})
    repeat = timing.get("repeat", {})
    if "boundsDuration" not in repeat or not is_recurring(repeat) or count > _COUNTED:
        return True
    every = _from_each_weekday(timing, months=_CENTURY)
    return any(sum(slot.requested for slot in islice(each, count)) >= count for each in every)


def _from_each_weekday(timing: Json, *, months: int = _YEARS) -> Iterator[Iterator[Slot]]:
    begins = (_SOME_MONDAY + relativedelta(days=day) for day in range(len(WEEKDAYS)))
    return (first_slots(timing, each, months=months) for each in begins)

"""The calendar of a regime: on which days something opens, and when on them, if it begins on a given day."""

from calendar import Calendar as Weeks
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.regime import first_slots, slots_of_day
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import moment_at
from kommunalpro.fut.timing import bounded, is_counted, regime_end
from kommunalpro.web.kam.presenters.timing import clock

_AHEAD = 1200
"""Months that are looked through, at most."""
_MOST = 1500
"""Times that are counted, at most: of what comes more often only those are looked at that are written under a day."""
_SHOWN = 4
"""Months that are drawn, at most: those from the first day on."""
_TIMES, _OFTEN = 4, 12
"""Times that are written under a day, at most, and of how many a day the first alone is: the others say no more."""
_WEEKS = Weeks()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month. `number` None: the day is another month's. `opens`: something can be answered from then.

    `times` are those at which it opens, by the clock; empty: when the day begins. `has_more`: there are further ones.
    """

    number: int | None
    opens: bool
    times: tuple[str, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """One month in weeks from Monday to Sunday."""

    title: str
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The first months, a sentence about the whole, and what a marked day means (empty: none is).

    `left_out`: that more comes after these months; empty: none does. `is_timed`: days say when something opens on them.
    `moved`: what the clocks move in these months.
    """

    months: tuple[Month, ...]
    sentence: str
    legend: str
    is_timed: bool
    moved: tuple[str, ...]
    left_out: str = ""


def calendar_of(timing: Json, first: date) -> Calendar:
    """Draw a regime that begins on a day."""
    begins = datetime.combine(first, time.min, DENMARK)
    slots = islice(first_slots(timing, begins, months=_AHEAD), _MOST)
    openings = [each.start.astimezone(DENMARK) for each in slots if each.start]
    days = [each.date() for each in openings]
    drawn = list(takewhile(lambda each: _month_of(each) < _month_of(first) + _SHOWN, openings))
    is_counted_out = len(openings) < _MOST
    marked = openings
    if not is_counted_out and len(drawn) == len(openings):
        marked = [*(each for each in openings if each.date() < days[-1]), *_further(timing, begins, days[-1])]
    repeat = timing.get("repeat", {})
    is_timed = any(each.time() != time.min for each in openings)
    months = tuple(_months(_by_day(marked, is_timed=is_timed), first))
    is_cut = len(drawn) < len(openings) or not is_counted_out
    return Calendar(
        months=months,
        sentence=_sentence(days, is_endless=regime_end(bounded(timing, begins)["repeat"]) is None),
        legend=_legend(is_timed=is_timed) if days else "",
        is_timed=is_timed,
        moved=tuple(_moved(drawn, repeat)),
        left_out=_left_out(len(months)) if is_cut else "",
    )


def _further(timing: Json, begins: datetime, last: date) -> Iterator[datetime]:
    """Give when it opens on each day that is drawn, from the last that was counted on: as often as is written there."""
    day = last
    while _month_of(day) < _month_of(begins) + _SHOWN:
        for each in islice(slots_of_day(timing, begins, day), _OFTEN + 1):
            if each.start:
                yield each.start.astimezone(DENMARK)
        day += timedelta(days=1)


def _sentence(days: Sequence[date], *, is_endless: bool) -> str:
    if not days:
        return _("Det åbner ikke en eneste gang.")
    if is_endless:
        return _("Første gang %(first)s. Fortsætter, til nogen stopper det.") % {"first": _day(days[0])}
    count = len(days)
    if count == _MOST:
        return _("Mere end %(count)s gange: første %(first)s.") % {"count": count - 1, "first": _day(days[0])}
    said = ngettext("%(count)s gang: %(first)s.", "%(count)s gange: første %(first)s, sidste %(last)s.", count)
    return said % {"count": count, "first": _day(days[0]), "last": _day(days[-1])}


def _left_out(months: int) -> str:
    said = ngettext("Her ses den første måned.", "Her ses de første %(count)d måneder.", months)
    return said % {"count": months}


def _legend(*, is_timed: bool) -> str:
    if is_timed:
        return _("En dag med ramme: det åbner på de klokkeslæt, der står under datoen.")
    return _("En dag med ramme: det åbner, når dagen begynder.")


def _moved(openings: Sequence[datetime], repeat: Json) -> Iterator[str]:
    """Say what the clocks do to what is drawn, which holds no more than one change forward and one back."""
    if is_counted(repeat):
        yield from _moved_hours(openings)
        return
    times = [time.fromisoformat(each) for each in repeat.get("timeOfDay", ())]
    for day in dict.fromkeys(each.date() for each in openings):
        for at in times:
            yield from _moved_time(datetime.combine(day, at, DENMARK))


def _moved_time(local: datetime) -> Iterator[str]:
    """Say of a time of day that it is not there that night, or twice; the Danish clock shows it once on all others."""
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return
    opens = moment_at(local)
    if opens.time() != local.time():
        said = _("%(day)s stilles urene frem, og kl. %(at)s findes ikke: det åbner kl. %(opens)s.")
    else:
        said = _("%(day)s stilles urene tilbage, og kl. %(at)s er der to gange: det åbner den første gang.")
    named = _day(local.date())
    yield said % {"day": named[:1].upper() + named[1:], "at": clock(local.time()), "opens": clock(opens.time())}


def _moved_hours(openings: Sequence[datetime]) -> Iterator[str]:
    """Say from when hours that are counted as they pass stand elsewhere on the clock; none do that go up in an hour."""
    for before, after in pairwise(openings):
        change = (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        if not change or not abs(change) % (after.astimezone(UTC) - before.astimezone(UTC)):
            continue
        if change > timedelta():
            said = _("Fra %(day)s kl. %(at)s åbner det en time senere på uret, for urene er stillet frem.")
        else:
            said = _("Fra %(day)s kl. %(at)s åbner det en time tidligere på uret, for urene er stillet tilbage.")
        yield said % {"day": _day(after.date()), "at": clock(after.time())}


def _day(day: date) -> str:
    return format_date(day, "EEEE d. MMMM y" if get_language() == "da" else "EEEE d MMMM y", get_language() or "da")


def _by_day(openings: Iterable[datetime], *, is_timed: bool) -> dict[date, list[str]]:
    """Give what is written under each day on which something opens."""
    found: dict[date, list[str]] = defaultdict(list)
    for each in openings:
        found[each.date()] += [clock(each.time())] if is_timed else []
    return found


def _months(opening: Mapping[date, Sequence[str]], first: date) -> list[Month]:
    last = max(opening, default=first)
    months = [divmod(_month_of(first) + number, 12) for number in range(_SHOWN)]
    return [_month(year, month + 1, opening) for year, month in months if (year, month + 1) <= (last.year, last.month)]


def _month_of(day: date) -> int:
    """Give which month a day is in, counted from one that is long ago."""
    return day.year * 12 + day.month - 1


def _month(year: int, month: int, opening: Mapping[date, Sequence[str]]) -> Month:
    weeks = tuple(
        tuple(_drawn(day, opening) if day.month == month else Day(None, opens=False) for day in week)
        for week in _WEEKS.monthdatescalendar(year, month)
    )
    return Month(format_date(date(year, month, 1), "MMMM y", get_language() or "da"), weeks)


def _drawn(day: date, opening: Mapping[date, Sequence[str]]) -> Day:
    times = opening.get(day, ())
    shown = times if len(times) <= _TIMES else times[: _TIMES - 1] if len(times) <= _OFTEN else times[:1]
    return Day(day.day, opens=day in opening, times=tuple(shown), has_more=len(shown) < len(times))

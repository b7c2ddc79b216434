"""The calendar of a regime: on which days something opens, and when on them, if it begins on a given day."""

from calendar import Calendar as Weeks
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.regime import first_slots
from kommunalpro.fhir.json import Json
from kommunalpro.fut.timing import DENMARK, moment_at

_AHEAD = 1200
"""Months that are looked through, at most."""
_MOST = 1500
"""Times that are looked at, at most: what comes more often is not counted to its end."""
_SHOWN = 4
"""Months that are drawn, at most: those from the first day on."""
_TIMES = 4
"""Times that are written under a day, at most."""
_CHANGE = timedelta(hours=1)
"""By so much the clocks change."""
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
    """The first months, a sentence about the whole, what a marked day means (empty: none is), and what clocks move.

    `is_timed`: days say when something opens on them.
    """

    months: tuple[Month, ...]
    sentence: str
    legend: str
    is_timed: bool
    moved: tuple[str, ...]


def calendar_of(timing: Json, first: date) -> Calendar:
    """Draw a regime that begins on a day."""
    begins = datetime.combine(first, time.min, DENMARK)
    slots = islice(first_slots(timing, begins, months=_AHEAD), _MOST)
    openings = [each.start.astimezone(DENMARK) for each in slots if each.start]
    days = [each.date() for each in openings]
    repeat = timing.get("repeat", {})
    is_timed = any(each.time() != time.min for each in openings)
    return Calendar(
        months=tuple(_months(_by_day(openings, is_timed=is_timed), first)),
        sentence=_sentence(days, is_endless="boundsDuration" not in repeat),
        legend=_legend(is_timed=is_timed) if days else "",
        is_timed=is_timed,
        moved=tuple(_moved(dict.fromkeys(days), [time.fromisoformat(each) for each in repeat.get("timeOfDay", ())])),
    )


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


def _legend(*, is_timed: bool) -> str:
    if is_timed:
        return _("En dag med ramme: det åbner på de klokkeslæt, der står under datoen.")
    return _("En dag med ramme: det åbner, når dagen begynder.")


def _moved(days: Iterable[date], times: Sequence[time]) -> Iterator[str]:
    """Say what the clocks do to times of day: on the first of these days when they go forward, and when they go back.

    The months that are drawn have no more than one of each.
    """
    told: dict[str, date] = {}
    for day in days:
        for at in times:
            opens = moment_at(datetime.combine(day, at))
            if opens.time() != at and told.setdefault("forward", day) == day:
                said = _("%(day)s stilles urene frem, og kl. %(at)s findes ikke: det åbner kl. %(opens)s.")
            elif (opens + _CHANGE).astimezone(DENMARK).time() == at and told.setdefault("back", day) == day:
                said = _("%(day)s stilles urene tilbage, og kl. %(at)s er der to gange: det åbner den første.")
            else:
                continue
            named = _day(day)
            yield said % {"day": named[:1].upper() + named[1:], "at": _clock(at), "opens": _clock(opens.time())}


def _day(day: date) -> str:
    return format_date(day, "EEEE d. MMMM y" if get_language() == "da" else "EEEE d MMMM y", get_language() or "da")


def _clock(at: time) -> str:
    return f"{at:%H.%M}"


def _by_day(openings: Iterable[datetime], *, is_timed: bool) -> dict[date, list[str]]:
    """Give what is written under each day on which something opens."""
    found: dict[date, list[str]] = defaultdict(list)
    for each in openings:
        found[each.date()] += [_clock(each.time())] if is_timed else []
    return found


def _months(opening: Mapping[date, Sequence[str]], first: date) -> list[Month]:
    last = max(opening, default=first)
    months = [divmod(first.year * 12 + first.month - 1 + number, 12) for number in range(_SHOWN)]
    return [_month(year, month + 1, opening) for year, month in months if (year, month + 1) <= (last.year, last.month)]


def _month(year: int, month: int, opening: Mapping[date, Sequence[str]]) -> Month:
    weeks = tuple(
        tuple(_drawn(day, opening) if day.month == month else Day(None, opens=False) for day in week)
        for week in _WEEKS.monthdatescalendar(year, month)
    )
    return Month(format_date(date(year, month, 1), "MMMM y", get_language() or "da"), weeks)


def _drawn(day: date, opening: Mapping[date, Sequence[str]]) -> Day:
    times = opening.get(day, ())
    shown = times if len(times) <= _TIMES else times[: _TIMES - 1]
    return Day(day.day, opens=day in opening, times=tuple(shown), has_more=len(shown) < len(times))

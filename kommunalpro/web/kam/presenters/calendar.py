"""The calendar of a regime: on which days something opens, if it begins on a given day."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.regime import first_slots
from kommunalpro.fhir.json import Json

DENMARK = ZoneInfo("Europe/Copenhagen")
_AHEAD = 1200
"""Months that are looked through, at most."""
_MOST = 1500
"""Times that are looked at, at most: what comes more often is not counted to its end."""
_SHOWN = 4
"""Months that are drawn, at most: those from the first day on."""
_WEEKS = Weeks()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month. `number` None: the day is another month's. `opens`: something can be answered from then."""

    number: int | None
    opens: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month in weeks from Monday to Sunday."""

    title: str
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The first months, and a sentence about the whole."""

    months: tuple[Month, ...]
    sentence: str


def calendar_of(timing: Json, first: date) -> Calendar:
    """Draw a regime that begins on a day."""
    begins = datetime.combine(first, time.min, DENMARK)
    slots = islice(first_slots(timing, begins, months=_AHEAD), _MOST)
    days = [each.start.astimezone(DENMARK).date() for each in slots if each.start]
    is_endless = "boundsDuration" not in timing.get("repeat", {})
    return Calendar(tuple(_months(days, first)), _sentence(days, is_endless=is_endless))


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


def _day(day: date) -> str:
    return format_date(day, "EEEE d. MMMM y" if get_language() == "da" else "EEEE d MMMM y", get_language() or "da")


def _months(days: Sequence[date], first: date) -> list[Month]:
    opening, last = frozenset(days), max(days, default=first)
    months = [divmod(first.year * 12 + first.month - 1 + number, 12) for number in range(_SHOWN)]
    return [_month(year, month + 1, opening) for year, month in months if (year, month + 1) <= (last.year, last.month)]


def _month(year: int, month: int, opening: frozenset[date]) -> Month:
    weeks = tuple(
        tuple(Day(day.day if day.month == month else None, day in opening and day.month == month) for day in week)
        for week in _WEEKS.monthdatescalendar(year, month)
    )
    return Month(format_date(date(year, month, 1), "MMMM y", get_language() or "da"), weeks)

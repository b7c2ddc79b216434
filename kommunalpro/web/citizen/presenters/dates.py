"""Times as people say them, in Danish time: relative for the last day only."""

from datetime import date, datetime, timedelta

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.slot_ends import SlotEnd, beginning
from kommunalpro.fhir.datetime import in_zone

_NO_BREAK = "\N{NO-BREAK SPACE}"
"""Keeps `kl.` with its number on a narrow screen."""


def clock(moment: datetime) -> str:
    """Say the time of day: `10.42`."""
    local = in_zone(moment)
    return f"{local.hour}.{local:%M}"


def day(moment: datetime, now: datetime) -> str:
    """Say the day of a moment."""
    return of_day(in_zone(moment).date(), now)


def begins(opens: datetime, now: datetime) -> str:
    """Say when a slot begins, with the time of day unless it is midnight: `i dag kl. 20.00`."""
    return end(beginning(opens), now)


def end(said: SlotEnd, now: datetime) -> str:
    """Say an end of a slot: the whole day that it is, or a day with its time: `i morgen kl. 8.00`."""
    day = of_day(said.day, now)
    if said.clock is None:
        return day
    at = _("kl. %(clock)s") % {"clock": clock(said.clock)}
    return f"{day} {at.replace(' ', _NO_BREAK)}"


def of_day(chosen: date, now: datetime) -> str:
    """Say a day, with the year when it is another: `i dag`, `i morgen`, `torsdag 26. november`."""
    today = in_zone(now).date()
    if chosen == today:
        return _("i dag")
    if chosen == today + timedelta(days=1):
        return _("i morgen")
    pattern = "EEEE d. MMMM" if chosen.year == today.year else "EEEE d. MMMM y"
    return format_date(chosen, _english(pattern), locale=get_language() or "da")


def full(moment: datetime) -> str:
    """Say a moment in full: `torsdag 26. november 2026 kl. 10.42`."""
    local = in_zone(moment)
    written = format_date(local.date(), _english("EEEE d. MMMM y"), locale=get_language() or "da")
    return _("%(day)s kl. %(clock)s") % {"day": written, "clock": clock(moment)}


def saved(moment: datetime, now: datetime) -> str:
    """Say when answers were saved: `Gemt kl. 10.42`, `Gemt onsdag 25. november kl. 10.42`."""
    words = {"day": day(moment, now), "clock": clock(moment)}
    return (_("Gemt kl. %(clock)s") if words["day"] == day(now, now) else _("Gemt %(day)s kl. %(clock)s")) % words


def _english(pattern: str) -> str:
    """A day has a full stop in Danish only."""
    return pattern.replace("d.", "d") if get_language() == "en" else pattern

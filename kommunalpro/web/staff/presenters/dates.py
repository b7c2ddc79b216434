"""Times as people say them, in Danish time: relative for the last day only."""

from datetime import date, datetime, timedelta

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.fhir.datetime import in_zone


def clock(moment: datetime) -> str:
    """Say the time of day: `10.42`."""
    local = in_zone(moment)
    return f"{local.hour}.{local:%M}"


def received(moment: datetime, now: datetime) -> str:
    """Say when something came: `i dag 10.51`, `i går 16.20`, `24. november`."""
    local, today = in_zone(moment), in_zone(now).date()
    if local.date() == today:
        return _("i dag %(clock)s") % {"clock": clock(moment)}
    if local.date() == today - timedelta(days=1):
        return _("i går %(clock)s") % {"clock": clock(moment)}
    return short_day(local.date(), today)


def full(moment: datetime) -> str:
    """Say a moment in full: `torsdag 26. november 2026 kl. 10.42`."""
    return _("%(day)s kl. %(clock)s") % {"day": day_with_year(moment), "clock": clock(moment)}


def day(moment: datetime | date) -> str:
    """Say a day: `torsdag 26. november`."""
    return _format(_date(moment), "EEEE d. MMMM")


def day_with_year(moment: datetime | date) -> str:
    """Say a day with its year: `torsdag 7. januar 2027`."""
    return _format(_date(moment), "EEEE d. MMMM y")


def weekday(moment: datetime | date) -> str:
    """Say the day of the week: `torsdag`."""
    return _format(_date(moment), "EEEE")


def short_day(moment: datetime | date, today: date) -> str:
    """Say a day briefly, with the year when it is another: `26. november`, `26. november 2025`."""
    chosen = _date(moment)
    return _format(chosen, "d. MMMM" if chosen.year == today.year else "d. MMMM y")


def day_and_month(moment: datetime | date) -> str:
    """Say a day without its year: `3. maj`."""
    return _format(_date(moment), "d. MMMM")


def axis_day(moment: datetime | date) -> str:
    """Say a day as it fits below an axis: `26.11.`."""
    chosen = _date(moment)
    return f"{chosen.day}.{chosen.month}."


def _date(moment: datetime | date) -> date:
    return in_zone(moment).date() if isinstance(moment, datetime) else moment


def _format(chosen: date, pattern: str) -> str:
    """Write a date by a Danish pattern; English has no full stop after the day."""
    language = get_language() or "da"
    return format_date(chosen, pattern if language == "da" else pattern.replace("d.", "d"), locale=language)

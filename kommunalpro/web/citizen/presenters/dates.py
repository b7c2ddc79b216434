"""Times as people say them, in Danish time: relative for the last day only."""

from datetime import datetime, timedelta

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.answers import DENMARK


def clock(moment: datetime) -> str:
    """Say the time of day: `10.42`."""
    local = moment.astimezone(DENMARK)
    return f"{local.hour}.{local:%M}"


def day(moment: datetime, now: datetime) -> str:
    """Say a day, with the year when it is another: `i dag`, `i morgen`, `torsdag 26. november`."""
    chosen, today = moment.astimezone(DENMARK).date(), now.astimezone(DENMARK).date()
    if chosen == today:
        return _("i dag")
    if chosen == today + timedelta(days=1):
        return _("i morgen")
    pattern = "EEEE d. MMMM" if chosen.year == today.year else "EEEE d. MMMM y"
    return format_date(chosen, _english(pattern), locale=get_language() or "da")


def full(moment: datetime) -> str:
    """Say a moment in full: `torsdag 26. november 2026 kl. 10.42`."""
    local = moment.astimezone(DENMARK)
    written = format_date(local.date(), _english("EEEE d. MMMM y"), locale=get_language() or "da")
    return _("%(day)s kl. %(clock)s") % {"day": written, "clock": clock(moment)}


def _english(pattern: str) -> str:
    """A day has a full stop in Danish only."""
    return pattern.replace("d.", "d") if get_language() == "en" else pattern

"""When something that is asked for can be answered, in words."""

from datetime import datetime

from django.utils.translation import gettext as _

from kommunalpro.care.due import State
from kommunalpro.care.slot_ends import SlotEnd, beginning, ending
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.web.staff.presenters import dates


def when(state: State, opens: datetime, closes: datetime, now: datetime) -> str:
    """Say when a slot opens, how long it is open, or when it ended: by the clock unless whole days are meant."""
    if state == "coming":
        return _("åbner %(day)s") % {"day": _end(beginning(opens), now)}
    last = ending(opens, closes)
    words = {"day": _end(last, now)}
    if state == "missed":
        return _("skulle være besvaret %(day)s") % words
    return (_("kan besvares til og med %(day)s") if last.clock is None else _("kan besvares indtil %(day)s")) % words


def _end(end: SlotEnd, now: datetime) -> str:
    day = dates.short_day(end.day, now.astimezone(DENMARK).date())
    if end.clock is None:
        return day
    return _("%(day)s kl. %(clock)s") % {"day": day, "clock": dates.clock(end.clock)}

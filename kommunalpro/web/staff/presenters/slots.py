"""When something that is asked for can be answered, in words."""

from datetime import date, datetime
from functools import partial

from django.utils.translation import gettext as _

from kommunalpro.care.runs import Span
from kommunalpro.care.slot_ends import SlotEnd
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.web.shared.spans import span_words
from kommunalpro.web.staff.presenters import dates


def when(span: Span, now: datetime) -> str:
    """Say when a slot opens, how long it is open, or when it ended: by the clock unless whole days are meant.

    Of several in one row: `åbner 27. november kl. 8.00–23.00, hvert minut`.
    """
    state, end = span.first.state, span.first.end
    day = _end(end, now)
    if state == "open" and span.count > 1:
        return _("kan besvares %(count)d gange, første gang indtil %(day)s") % {"count": span.count, "day": day}
    if state == "open":
        said = _("kan besvares til og med %(day)s") if end.clock is None else _("kan besvares indtil %(day)s")
    elif span.count > 1 and span.goes_on:
        said, day = _("åbner jævnligt fra %(day)s"), dates.short_day(end.day, _today(now))
    else:
        said = _("åbner %(day)s") if state == "coming" else _("skulle være besvaret %(day)s")
        day = day if span.count == 1 else span_words(span, partial(dates.short_day, today=_today(now)))
    return said % {"day": day}


def _end(end: SlotEnd, now: datetime) -> str:
    day = dates.short_day(end.day, _today(now))
    if end.clock is None:
        return day
    return _("%(day)s kl. %(clock)s") % {"day": day, "clock": dates.clock(end.clock)}


def _today(now: datetime) -> date:
    return now.astimezone(DENMARK).date()

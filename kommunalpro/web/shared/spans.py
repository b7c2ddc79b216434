"""Several times in one row, in words: those of a day by the clock, those of many days by their number."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from kommunalpro.care.runs import Span
from kommunalpro.care.slot_ends import SlotEnd
from kommunalpro.web.shared.plan_words import often

_NO_BREAK = "\N{NO-BREAK SPACE}"
"""Keeps `kl.` with its numbers on a narrow screen."""


def span_words(span: Span, day: Callable[[date], str]) -> str:
    """Say when: `i dag kl. 8.00–23.00, hvert minut`, `117 gange fra 2. december til 26. marts`. `day` says a day."""
    first, last = span.first.end, span.last.end
    if first.day != last.day:
        return _("%(count)d gange fra %(first)s til %(last)s") % {
            "count": span.count,
            "first": day(first.day),
            "last": day(last.day),
        }
    at = _("kl. %(clock)s") % {"clock": f"{_clock(first, '0.00')}–{_clock(last, '24.00')}"}
    return f"{day(first.day)} {at.replace(' ', _NO_BREAK)}, {often(span.count, span.every)}"


def _clock(end: SlotEnd, otherwise: str) -> str:
    return f"{end.clock.hour}.{end.clock:%M}" if end.clock else otherwise

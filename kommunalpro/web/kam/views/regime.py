from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care.regime import timing_of
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.json import Json
from kommunalpro.fut.timing import is_recurring
from kommunalpro.web.kam.forms.regime import RegimeForm
from kommunalpro.web.kam.presenters.calendar import calendar_of
from kommunalpro.web.kam.presenters.timing import timing_words
from kommunalpro.web.shared.reading import is_partial, now_of

_FARTHEST = timedelta(days=3650)
"""From the day that a calendar begins with to today."""


def regime_page(
    request: HttpRequest, template: str, form: RegimeForm, element: Json, page: dict[str, Any]
) -> HttpResponse:
    """Show a form with when something takes place in words, and its calendar: as it is written, else as it is kept.

    With `given` on the page somebody else was first: what stands there now.
    """
    timing = _timing(form, element)
    today, wanted = now_of(request).astimezone(DENMARK).date(), request.POST.get("begins", "")
    chosen = _chosen(wanted, today)
    begins = chosen or today
    preview = {
        "begins": begins,
        "is_too_far": bool(wanted) and chosen is None,
        "words": timing_words({"timingTiming": timing}) if timing else None,
        "calendar": calendar_of(timing, begins) if timing and is_recurring(timing.get("repeat", {})) else None,
    }
    if is_partial(request):
        return render(request, "kam/_preview.html", preview)
    status = 412 if page.get("given") else 422 if form.errors else 200
    return render(request, template, {**page, **preview, "form": form}, status=status)


def _timing(form: RegimeForm, element: Json) -> Json | None:
    if not form.is_bound:
        kept: Json | None = element.get("timingTiming")
        return kept
    if not form.is_valid():
        return None
    regime = form.regime()
    return timing_of(regime) if regime else element.get("timingTiming") if form.is_kept else None


def _chosen(text: str, today: date) -> date | None:
    """Give the day that the calendar is to begin with; None: it is none, or too far from today to be drawn."""
    try:
        chosen = date.fromisoformat(text)
    except ValueError:
        return None
    return chosen if abs(chosen - today) < _FARTHEST else None

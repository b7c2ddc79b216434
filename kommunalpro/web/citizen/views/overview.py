from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kommunalpro.care.drafts import open_draft
from kommunalpro.care.due import due_for, find_due
from kommunalpro.care.half_written import half_written
from kommunalpro.fhir.outcome import Conflict
from kommunalpro.web.citizen.context import citizen, person
from kommunalpro.web.citizen.presenters import dates
from kommunalpro.web.citizen.presenters.overview import overview
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is asked of the citizen: now, later, and what was missed; and what was begun besides."""
    by, gateway, now = citizen(request), gateway_of(request), now_of(request)
    due = due_for(gateway, by.user, by=by, now=now)
    page = {
        "person": person(request),
        "due": overview(due, now, half_written(gateway, by.user, due, by=by, now=now)),
        "is_saved": "gemt" in request.GET,
        "is_discarded": "kasseret" in request.GET,
    }
    return render(request, "citizen/overview.html", page)


@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Open what is due, or go on with it."""
    by, now, gateway = citizen(request), now_of(request), gateway_of(request)
    due = find_due(gateway, by.user, key, by=by, now=now)
    state = due.state(now)
    if state == "coming" and due.begins is not None:
        opens = dates.begins(due.begins, now)
        raise Conflict(
            _("Spørgeskemaet kan først besvares fra %(day)s.") % {"day": opens}, diagnostics="The slot is not open yet."
        )
    if state == "missed":
        raise Conflict(
            _("Fristen er gået, så spørgeskemaet kan ikke besvares mere. Kontakt dem, der sendte det."),
            diagnostics="The slot has ended.",
        )
    opened = open_draft(gateway, due, by=by, now=now)
    return redirect("citizen:resume", draft=opened.id)

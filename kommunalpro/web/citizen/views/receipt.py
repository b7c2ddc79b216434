from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kommunalpro.care.bundles import url_id
from kommunalpro.care.due import due_for
from kommunalpro.web.citizen.context import citizen, draft_of, language, person, responsible
from kommunalpro.web.citizen.presenters import dates
from kommunalpro.web.citizen.presenters.overview import overview
from kommunalpro.web.citizen.views.acute import acute_texts
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_safe
def show(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Thank you: what was sent, who can see it, what happens now."""
    opened = draft_of(request, draft)
    if opened.submitted_at is None or opened.response is None:
        return redirect("citizen:review", draft=draft)
    by, now = citizen(request), now_of(request)
    page = {
        "person": person(request),
        "title": opened.title.say(language()),
        "sent": dates.full(opened.submitted_at),
        "count": opened.progress.answered,
        "response": url_id(opened.response),
        "to": responsible(request, opened.episode_of_care),
        "due": overview(due_for(gateway_of(request), by.user, by=by, now=now), now),
        "acute": acute_texts(request, opened),
        "is_again": "allerede" in request.GET,
    }
    return render(request, "citizen/receipt.html", page)

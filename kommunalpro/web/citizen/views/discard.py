from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kommunalpro.care import drafts
from kommunalpro.web.citizen.context import citizen, draft_of, language, person
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Throw answers away that are not sent, after reading what is lost."""
    opened = draft_of(request, draft)
    if opened.submitted_at is not None:
        return redirect(reverse("citizen:receipt", kwargs={"draft": draft}) + "?allerede")
    if request.method == "POST":
        drafts.discard(gateway_of(request), draft, by=citizen(request), now=now_of(request))
        return redirect(reverse("citizen:overview") + "?kasseret")
    page = {
        "person": person(request),
        "draft": str(draft),
        "title": opened.title.say(language()),
        "progress": opened.progress,
    }
    return render(request, "citizen/discard.html", page)

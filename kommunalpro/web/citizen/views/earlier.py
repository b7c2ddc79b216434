from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kommunalpro.care.bundles import url_id
from kommunalpro.care.history import responses_of
from kommunalpro.care.respondents import kind_of, respondent_of
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.web.citizen.context import citizen, language, person
from kommunalpro.web.citizen.presenters import dates
from kommunalpro.web.citizen.presenters.review import past_topics
from kommunalpro.web.shared.reading import gateway_of, now_of
from kommunalpro.web.shared.respondents import by_words, who_words


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """Everything the citizen has sent, newest first."""
    by = citizen(request)
    rows = [
        {
            "id": url_id(each.url),
            "title": each.title.say(language()),
            "when": dates.full(each.authored),
            "by": by_words(kind_of(each.source)),
            "counts": each.invalidated is None,
        }
        for each in reversed(responses_of(gateway_of(request), by.user, by=by, now=now_of(request)))
    ]
    return render(request, "citizen/earlier.html", {"person": person(request), "rows": rows})


@require_safe
def show(request: HttpRequest, response: UUID) -> HttpResponse:
    """One response in the citizen's own words. What staff make of it is theirs to talk about."""
    by = citizen(request)
    found = responses_of(gateway_of(request), by.user, by=by, now=now_of(request))
    chosen = next((each for each in found if url_id(each.url) == str(response)), None)
    if chosen is None:
        raise NotFound(_("Vi kan ikke finde svaret."), diagnostics="No such response of this citizen.")
    page = {
        "person": person(request),
        "title": chosen.title.say(language()),
        "when": dates.full(chosen.authored),
        "who": who_words(respondent_of(gateway_of(request), chosen.source, by=by, now=now_of(request))),
        "counts": chosen.invalidated is None,
        "topics": past_topics(chosen),
    }
    return render(request, "citizen/earlier_response.html", page)

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.fut.content import content_of
from kommunalpro.web.administration.presenters import basics, interpretation, labels, questionnaires
from kommunalpro.web.administration.views.heading import heading, questionnaire_of
from kommunalpro.web.shared.reading import everything, one, owners, reader


def index(request: HttpRequest) -> HttpResponse:
    """Every view: which questionnaire it reads, whose it is, whether it is in use."""
    every = everything(request, "Basic", ("code", "view")).values()
    rows = basics.rows(
        every,
        everything(request, "Questionnaire"),
        reader(request).context.organization,
        owners(request, every),
    )
    return render(request, "administration/views.html", {"rows": rows})


def show(request: HttpRequest, view: UUID) -> HttpResponse:
    """One view: its topics, and its scores with their bands on a scale."""
    resource = one(request, "Basic", view)
    content = content_of(resource) or {}
    questionnaire = questionnaire_of(request, resource)
    items = questionnaires.items(questionnaire)
    page = {
        **heading(request, resource),
        "questionnaire": questionnaire,
        "questionnaire_title": labels.title(questionnaire) if questionnaire else None,
        "topics": interpretation.topics(content, items),
        "scores": interpretation.scores(content, items),
    }
    return render(request, "administration/view.html", page)

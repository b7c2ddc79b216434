from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import content_of
from kommunalpro.web.administration.presenters import acute, basics, interpretation, labels, questionnaires
from kommunalpro.web.administration.views.heading import heading, questionnaire_of, use
from kommunalpro.web.shared.reading import everything, one, owners, reader
from kommunalpro.web.shared.reading import questionnaires as read_all


def index(request: HttpRequest) -> HttpResponse:
    """Every view: which questionnaire it reads, whose it is, whether it is in use."""
    every = everything(request, "Basic", ("code", "view")).values()
    rows = basics.rows(
        every,
        read_all(request),
        reader(request).context.organization,
        owners(request, every),
    )
    return render(request, "administration/views.html", {"rows": rows})


def show(request: HttpRequest, view: UUID) -> HttpResponse:
    """One view: its topics, and its scores with their bands on a scale."""
    return page(request, one(request, "Basic", view))


def page(request: HttpRequest, resource: Json, *, overtaken: tuple[tuple[str, str], ...] | None = None) -> HttpResponse:
    """Show a view. `overtaken`: not None where somebody else was faster."""
    content = content_of(resource) or {}
    questionnaire = questionnaire_of(request, resource)
    items = questionnaires.items(questionnaire)
    shown = {
        **heading(request, resource),
        **use(request, resource),
        "questionnaire": questionnaire,
        "questionnaire_title": labels.title(questionnaire) if questionnaire else None,
        "topics": interpretation.topics(content, items),
        "scores": interpretation.scores(content, items),
        **_acute(request, resource, items),
        "overtaken": overtaken,
    }
    return render(request, "administration/view.html", shown, status=200 if overtaken is None else 412)


def _acute(request: HttpRequest, resource: Json, items: Mapping[str, Json]) -> dict[str, tuple[acute.AcuteLine, ...]]:
    """Give the answers that may not wait, and those that a national view in use calls so and this one does not."""
    same = ("viewForReference", basics.questionnaire_url(resource) or "")
    in_use = everything(request, "Basic", ("code", "view"), ("status", "active"), same).values()
    rules, left_out = acute.rules_of(resource, in_use)
    return {"acute": acute.lines(rules, items), "left_out": acute.lines(left_out, items)}

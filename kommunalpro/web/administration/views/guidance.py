from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.fhir.json import Json
from kommunalpro.fut.content import content_of
from kommunalpro.web.administration.presenters import basics, interpretation, labels, questionnaires
from kommunalpro.web.administration.presenters import guidance as presenter
from kommunalpro.web.administration.views.heading import heading, questionnaire_of, use
from kommunalpro.web.shared.reading import everything, one, owners, reader
from kommunalpro.web.shared.reading import questionnaires as read_all


def index(request: HttpRequest) -> HttpResponse:
    """Every guidance: which questionnaire it belongs to, whose it is, whether it is in use."""
    every = everything(request, "Basic", ("code", "actionguidance")).values()
    rows = basics.rows(
        every,
        read_all(request),
        reader(request).context.organization,
        owners(request, every),
    )
    return render(request, "administration/guidance_list.html", {"rows": rows})


def show(request: HttpRequest, guidance: UUID) -> HttpResponse:
    """One guidance: advice and offers by topic, in the order that staff see them."""
    return page(request, one(request, "Basic", guidance))


def page(request: HttpRequest, resource: Json, *, overtaken: tuple[tuple[str, str], ...] | None = None) -> HttpResponse:
    """Show a guidance. `overtaken`: not None where somebody else was faster."""
    content = content_of(resource) or {}
    questionnaire = questionnaire_of(request, resource)
    belongs_to = basics.questionnaire_url(resource)
    views = everything(request, "Basic", ("code", "view")).values()
    titles = interpretation.topic_titles(
        content_of(each) or {} for each in views if basics.questionnaire_url(each) == belongs_to
    )
    topics = presenter.advice(content, titles, questionnaires.items(questionnaire))
    shown = {
        **heading(request, resource),
        **use(request, resource),
        "questionnaire": questionnaire,
        "questionnaire_title": labels.title(questionnaire) if questionnaire else None,
        "is_local": content.get("level") == "local",
        "replaces": content.get("replaces", ()),
        "topics": topics,
        "source": presenter.usual_source(topics),
        "overtaken": overtaken,
    }
    return render(request, "administration/guidance.html", shown, status=200 if overtaken is None else 412)

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.web.administration.presenters import basics, labels, questionnaires
from kommunalpro.web.administration.reading import everything, one, owners, reader
from kommunalpro.web.administration.views.heading import heading


def index(request: HttpRequest) -> HttpResponse:
    """Every questionnaire, one row for all its versions."""
    every = everything(request, "Questionnaire").values()
    rows = questionnaires.rows(every, reader(request).context.organization, owners(request, every))
    return render(request, "administration/questionnaires.html", {"rows": rows})


def show(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """One version of a questionnaire in plain Danish, and what belongs to it."""
    resource = one(request, "Questionnaire", questionnaire)
    every = everything(request, "Questionnaire")
    same_base = [each for each in every.values() if labels.base(each) == labels.base(resource)]
    views, guidance = _belonging(request, questionnaire)
    page = {
        **heading(request, resource),
        "id": questionnaire,
        "citizen_title": resource.get("title"),
        "description": resource.get("description"),
        "usage": extension_value(resource, ehealth.USAGE),
        "topics": questionnaires.topics(resource),
        "versions": questionnaires.version_rows(same_base, resource["id"]),
        "views": views,
        "guidance": guidance,
    }
    return render(request, "administration/questionnaire.html", page)


def _belonging(
    request: HttpRequest, questionnaire: UUID
) -> tuple[tuple[basics.BasicRow, ...], tuple[basics.BasicRow, ...]]:
    """Give the views and the guidance of a questionnaire."""

    def rows(code: str) -> tuple[basics.BasicRow, ...]:
        found = (
            each
            for each in everything(request, "Basic", ("code", code)).values()
            if (basics.questionnaire_url(each) or "").endswith(f"/Questionnaire/{questionnaire}")
        )
        return basics.rows(found, {}, None, {})

    return rows("view"), rows("actionguidance")

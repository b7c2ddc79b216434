from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from kommunalpro.care.versions import compare
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.descent import version_before
from kommunalpro.pro.form import FormError
from kommunalpro.web.administration.presenters import basics, labels, questionnaires
from kommunalpro.web.administration.presenters import differences as presented
from kommunalpro.web.administration.views.heading import heading
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, owners, reader
from kommunalpro.web.shared.reading import questionnaires as read_all

BEGUN = "i-brug"
"""The parameter that says that it was taken into use just now; its value `plan`: and was given a plan."""


def index(request: HttpRequest) -> HttpResponse:
    """Every questionnaire, one row for all its versions."""
    every = read_all(request).values()
    rows = questionnaires.rows(every, reader(request).context.organization, owners(request, every))
    return render(request, "administration/questionnaires.html", {"rows": rows})


def show(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """One version of a questionnaire in plain Danish, and what belongs to it."""
    return page(request, one(request, "Questionnaire", questionnaire))


def page(
    request: HttpRequest,
    questionnaire: Json,
    *,
    refused: tuple[str, ...] = (),
    may_sign: bool = False,
    overtaken: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    """Show a questionnaire. `refused`: why it could not be published; `may_sign`: it lacks nothing but its lights.

    `overtaken`: not None where somebody else was faster.
    """
    every = read_all(request).values()
    views, guidance = _belonging(request, UUID(questionnaire["id"]))
    shown = {
        **heading(request, questionnaire),
        "id": questionnaire["id"],
        "meta_version": questionnaire["meta"]["versionId"],
        "citizen_title": questionnaire.get("title"),
        "description": questionnaire.get("description"),
        "usage": extension_value(questionnaire, ehealth.USAGE),
        "topics": questionnaires.topics(questionnaire),
        "versions": questionnaires.version_rows(
            [each for each in every if labels.base(each) == labels.base(questionnaire)], questionnaire["id"]
        ),
        "views": views,
        "guidance": guidance,
        "life": life(questionnaire, reader(request)),
        "predecessor": version_before(questionnaire, every),
        "is_begun": BEGUN in request.GET and questionnaire["status"] == "active",
        "has_new_plan": request.GET.get(BEGUN) == "plan",
        "refused": refused,
        "may_sign": may_sign,
        "overtaken": overtaken,
    }
    status = 412 if overtaken is not None else 422 if refused else 200
    return render(request, "administration/questionnaire.html", shown, status=status)


def differences(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """What a version changes from the one it was made from."""
    after = one(request, "Questionnaire", questionnaire)
    before = version_before(after, read_all(request).values())
    if before is None:
        raise Http404
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    shown = {**heading(request, after), "id": questionnaire, "before": labels.version(before), "problems": ()}
    urls = [own_url(gateway.base_url, each) for each in (before, after)]
    try:
        found = compare(gateway, *urls, by=by, now=now)
    except FormError as wrong:
        language = get_language() or "da"
        problems = [f"{each.link_id}: {each.text.say(language)}" for each in wrong.problems]
        return render(request, "administration/differences.html", {**shown, "problems": problems})
    shown |= {
        "parts": presented.changes(found.difference),
        "doubts": presented.doubts(found.difference, found.names),
    }
    return render(request, "administration/differences.html", shown)


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

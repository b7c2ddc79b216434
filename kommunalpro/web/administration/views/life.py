from typing import get_args
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kommunalpro.care.bundles import url_id
from kommunalpro.care.planning import CloneOperation, clone, set_status
from kommunalpro.care.publishing import take_into_use
from kommunalpro.care.sub_plans import asking
from kommunalpro.fhir.outcome import BadRequest, PreconditionFailed, RuleBroken
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.administration.presenters import questionnaires
from kommunalpro.web.administration.views.heading import heading
from kommunalpro.web.administration.views.questionnaires import BEGUN, page
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, owners, reader

_LIGHTS_MISSING = "KPRO_LIGHTS_MISSING"


@require_POST
def step(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """Publish a questionnaire or take it out of use, or make a draft from it."""
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    wanted, version = request.POST.get("do"), request.POST.get("version", "")
    operation: CloneOperation | None = next((each for each in get_args(CloneOperation) if each == wanted), None)
    there, to, told = one(request, "Questionnaire", questionnaire), str(questionnaire), ""
    try:
        match wanted:
            case _ if operation:
                url = f"{gateway.base_url}/Questionnaire/{questionnaire}"
                to = url_id(clone(gateway, url, operation, by=by, now=now))
            case "active" | "without-lights":
                is_signed = wanted == "without-lights"
                made = take_into_use(gateway, there, version, without_lights=is_signed, by=by, now=now)
                told = f"?{BEGUN}={'plan' if made else ''}"
            case "retired":
                set_status(gateway, there, "retired", version, by=by, now=now)
            case _:
                raise BadRequest(
                    "Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done."
                )
    except RuleBroken as wrong:
        may_sign = [issue.coding[1] for issue in wrong.issues if issue.coding] == [_LIGHTS_MISSING]
        return page(request, there, refused=refusals(wrong), may_sign=may_sign)
    except PreconditionFailed:
        return page(request, one(request, "Questionnaire", questionnaire), overtaken=())
    return redirect(reverse("administration:questionnaire", kwargs={"questionnaire": to}) + told)


@require_safe
def retire(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """Tell which plans can be sent no more, before a questionnaire is taken out of use."""
    there = one(request, "Questionnaire", questionnaire)
    if not life(there, reader(request)).retires:
        return redirect("administration:questionnaire", questionnaire=questionnaire)
    url = own_url(gateway_of(request).base_url, there)
    plans = everything(request, "PlanDefinition", ("status", "active,draft"))
    found = asking(url, everything(request, "ActivityDefinition"), plans)
    rows = questionnaires.plan_rows(found, owners(request, found), reader(request).context.organization)
    page = {
        **heading(request, there),
        "id": there["id"],
        "meta_version": there["meta"]["versionId"],
        "in_use": [each for each in rows if each.status.code == "active"],
        "drafts": [each for each in rows if each.status.code == "draft"],
    }
    return render(request, "administration/retire.html", page)


@require_safe
def discard(request: HttpRequest, questionnaire: UUID) -> HttpResponse:
    """Tell what is lost, before a draft is discarded."""
    draft = one(request, "Questionnaire", questionnaire)
    if not life(draft, reader(request)).edits:
        return redirect("administration:questionnaire", questionnaire=questionnaire)
    page = {
        **heading(request, draft),
        "id": draft["id"],
        "meta_version": draft["meta"]["versionId"],
        "questions": sum(topic.count for topic in questionnaires.topics(draft)),
    }
    return render(request, "administration/discard.html", page)

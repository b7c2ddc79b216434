from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.views.roles import owners_of_others
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, one, questionnaires, reader


@require_safe
def plan(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Tell what is lost, before the draft of a plan is discarded."""
    draft = one(request, "PlanDefinition", plan)
    return _page(request, draft, {"kind": "plan", "content": plans.plan_rows([draft], {})[0].summary})


@require_safe
def activity(request: HttpRequest, activity: UUID) -> HttpResponse:
    """Tell what is lost, before the draft of an activity is discarded."""
    draft = one(request, "ActivityDefinition", activity)
    asks = plans.activity_rows([draft], questionnaires(request), {})[0].summary
    return _page(request, draft, {"kind": "activity", "content": asks})


def _page(request: HttpRequest, draft: Json, about: dict[str, Any]) -> HttpResponse:
    if not life(draft, reader(request)).edits:
        back: HttpResponse = redirect(f"kam:{about['kind']}", **{about["kind"]: draft["id"]})
        return back
    using = plans.using(draft, everything(request, "PlanDefinition").values())
    page = {
        **about,
        "id": draft["id"],
        "title": labels.title(draft),
        "version": draft.get("version"),
        "meta_version": draft["meta"]["versionId"],
        "plans": plans.plan_rows(using, owners_of_others(request, using)),
    }
    return render(request, "kam/discard.html", page)

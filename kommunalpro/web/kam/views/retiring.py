from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.in_use import stopped_by
from kommunalpro.web.kam.views.roles import owners_of_others
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, one, reader


@require_safe
def plan(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Tell what can be sent no more, before a plan is taken out of use."""
    return _page(request, one(request, "PlanDefinition", plan), "plan")


@require_safe
def activity(request: HttpRequest, activity: UUID) -> HttpResponse:
    """Tell which plans can be sent no more, before an activity is taken out of use."""
    return _page(request, one(request, "ActivityDefinition", activity), "activity")


def _page(request: HttpRequest, definition: Json, kind: str) -> HttpResponse:
    if not life(definition, reader(request)).retires:
        back: HttpResponse = redirect(f"kam:{kind}", **{kind: definition["id"]})
        return back
    having = stopped_by(definition, everything(request, "PlanDefinition"))
    rows = plans.plan_rows(having, owners_of_others(request, having))
    page: dict[str, Any] = {
        "kind": kind,
        "id": definition["id"],
        "title": labels.title(definition),
        "version": definition.get("version"),
        "meta_version": definition["meta"]["versionId"],
        "in_use": [each for each in rows if each.status.code == "active"],
        "drafts": [each for each in rows if each.status.code == "draft"],
    }
    return render(request, "kam/retire.html", page)

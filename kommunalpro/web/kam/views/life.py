from typing import get_args
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kommunalpro.care.bundles import url_id
from kommunalpro.care.planning import CloneOperation, Status, clone, set_status
from kommunalpro.fhir.outcome import BadRequest, PreconditionFailed
from kommunalpro.web.kam.views import activities, plans
from kommunalpro.web.kam.views.refused import REFUSED
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader


@require_POST
def plan(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Take a plan into use or out of it, or make a draft from it."""
    return _step(request, "PlanDefinition", plan)


@require_POST
def activity(request: HttpRequest, activity: UUID) -> HttpResponse:
    """Take an activity into use or out of it, or make a draft from it."""
    return _step(request, "ActivityDefinition", activity)


def _step(request: HttpRequest, type: str, id: UUID) -> HttpResponse:
    wanted = request.POST.get("do")
    operation: CloneOperation | None = next((each for each in get_args(CloneOperation) if each == wanted), None)
    status: Status | None = next((each for each in get_args(Status) if each == wanted), None)
    if operation is None and status is None:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    definition = one(request, type, id)
    show = plans.page if type == "PlanDefinition" else activities.page
    try:
        if operation:
            made = clone(gateway, f"{gateway.base_url}/{type}/{id}", operation, by=by, now=now)
            return _to(type, UUID(url_id(made)), "-edit")
        if status:
            set_status(gateway, definition, status, request.POST.get("version", ""), by=by, now=now)
    except REFUSED as wrong:
        return show(request, definition, refused=wrong)
    except PreconditionFailed:
        return show(request, one(request, type, id), overtaken=())
    return _to(type, id)


def _to(type: str, id: UUID, page: str = "") -> HttpResponse:
    if type == "PlanDefinition":
        return redirect(f"kam:plan{page}", plan=id)
    return redirect(f"kam:activity{page}", activity=id)

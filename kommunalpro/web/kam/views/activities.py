from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care import criteria
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.differences import differences
from kommunalpro.web.kam.views.known import organizations_of
from kommunalpro.web.kam.views.roles import owners_of_others, roles_of
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import everything, one, questionnaires, reader


def index(request: HttpRequest) -> HttpResponse:
    """Every activity, with what it asks."""
    every = everything(request, "ActivityDefinition").values()
    rows = plans.activity_rows(every, questionnaires(request), owners_of_others(request, every))
    may_create = "ActivityDefinition.create" in reader(request).privileges
    return render(request, "kam/activities.html", {"rows": rows, "may_create": may_create})


def show(request: HttpRequest, activity: UUID) -> HttpResponse:
    """One activity, and the plans that use it."""
    return page(request, one(request, "ActivityDefinition", activity))


def page(
    request: HttpRequest,
    activity: Json,
    *,
    refused: FhirError | None = None,
    overtaken: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    """Show an activity. `refused`: why it could not be taken into use; `overtaken`: what others were faster than."""
    every, asked = everything(request, "ActivityDefinition"), questionnaires(request)
    using = plans.using(activity, everything(request, "PlanDefinition").values())
    shown = {
        "id": activity["id"],
        "meta_version": activity["meta"]["versionId"],
        "title": labels.title(activity),
        "citizen_title": activity.get("title"),
        "description": activity.get("description"),
        "version": activity.get("version"),
        "status_label": labels.publication_status(activity),
        "measures": criteria.measures(activity),
        "facts": plans.activity_facts(activity, asked),
        "plans": plans.plan_rows(using, owners_of_others(request, using)),
        "refused": refusals(refused) if refused else (),
        "overtaken": overtaken,
        "life": life(activity, reader(request)),
        "roles": roles_of(request, activity),
        "differences": differences(
            activity,
            every.values(),
            every,
            asked,
            organizations=organizations_of(request, activity, every.values(), every),
        ),
        "versions_of": plans.version_rows(activity, every.values()),
    }
    status = 412 if overtaken is not None else 422 if refused else 200
    return render(request, "kam/activity.html", shown, status=status)

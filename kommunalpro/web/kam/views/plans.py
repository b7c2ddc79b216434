from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.reading import everything, one


def index(request: HttpRequest) -> HttpResponse:
    """Every plan, with how many activities it has."""
    rows = plans.plan_rows(everything(request, "PlanDefinition").values())
    return render(request, "kam/plans.html", {"rows": rows})


def show(request: HttpRequest, plan: UUID) -> HttpResponse:
    """One plan: its activities in order, when they take place, and what keeps it from being used."""
    resource = one(request, "PlanDefinition", plan)
    activities = everything(request, "ActivityDefinition")
    page = {
        "title": labels.title(resource),
        "citizen_title": resource.get("title"),
        "description": resource.get("description"),
        "version": resource.get("version"),
        "status_label": labels.publication_status(resource),
        "actions": plans.actions(resource, activities, everything(request, "Questionnaire")),
        "missing": plans.missing(resource, activities),
    }
    return render(request, "kam/plan.html", page)

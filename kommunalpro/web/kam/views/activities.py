from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.reading import everything, one


def index(request: HttpRequest) -> HttpResponse:
    """Every activity, with what it asks."""
    rows = plans.activity_rows(everything(request, "ActivityDefinition").values(), everything(request, "Questionnaire"))
    return render(request, "kam/activities.html", {"rows": rows})


def show(request: HttpRequest, activity: UUID) -> HttpResponse:
    """One activity, and the plans that use it."""
    resource = one(request, "ActivityDefinition", activity)
    using = [
        plan
        for plan in everything(request, "PlanDefinition").values()
        if any(url.endswith(f"/ActivityDefinition/{activity}") for url in plans.definition_urls(plan))
    ]
    page = {
        "title": labels.title(resource),
        "citizen_title": resource.get("title"),
        "version": resource.get("version"),
        "status_label": labels.publication_status(resource),
        "facts": plans.activity_facts(resource, everything(request, "Questionnaire")),
        "plans": plans.plan_rows(using),
    }
    return render(request, "kam/activity.html", page)

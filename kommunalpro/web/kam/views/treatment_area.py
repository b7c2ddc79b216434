from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.fut.treatment_area import TAG
from kommunalpro.web.kam.presenters import treatment_area
from kommunalpro.web.shared.reading import everything


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What courses of care may be about here, who works with it, and what is in use of each programme."""
    in_use = ("status", "active")
    page = {
        "tag": TAG,
        "conditions": treatment_area.conditions(everything(request, "CareTeam", in_use).values()),
        "programmes": treatment_area.programme_rows(
            everything(request, "Questionnaire", in_use).values(),
            everything(request, "PlanDefinition", in_use).values(),
        ),
    }
    return render(request, "kam/treatment_area.html", page)

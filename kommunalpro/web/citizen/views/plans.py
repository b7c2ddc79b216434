from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.care.current_plans import current_plans
from kommunalpro.care.own_materials import own_materials
from kommunalpro.web.citizen.context import citizen, person
from kommunalpro.web.shared.material import download
from kommunalpro.web.shared.plan_rows import material_row, plan_rows
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The goals that the citizen's plans have, and what there is to read: of the plans, and for them alone."""
    by, gateway, now = citizen(request), gateway_of(request), now_of(request)
    plans = plan_rows(current_plans(gateway, by.user, by=by, now=now))
    page = {
        "person": person(request),
        "own": [material_row(each) for each in own_materials(gateway, by.user, by=by, now=now)],
        "plans": [each for each in plans if each.goals or each.materials],
    }
    return render(request, "citizen/plans.html", page)


@require_safe
def material(request: HttpRequest, material: str) -> HttpResponse:
    """Fetch a document that goes with a plan, or is for the citizen alone."""
    gateway = gateway_of(request)
    url = f"{gateway.base_url}/DocumentReference/{material}"
    return download(gateway.read(url, by=citizen(request), now=now_of(request)))

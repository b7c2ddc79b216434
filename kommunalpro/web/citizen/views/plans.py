from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kommunalpro.care.current_plans import current_plans
from kommunalpro.web.citizen.context import citizen, person
from kommunalpro.web.shared.material import download
from kommunalpro.web.shared.plan_rows import plan_rows
from kommunalpro.web.shared.reading import gateway_of, now_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The goals that the citizen's plans have, and what there is to read."""
    by = citizen(request)
    plans = plan_rows(current_plans(gateway_of(request), by.user, by=by, now=now_of(request)))
    page = {"person": person(request), "plans": [each for each in plans if each.goals or each.materials]}
    return render(request, "citizen/plans.html", page)


@require_safe
def material(request: HttpRequest, material: UUID) -> HttpResponse:
    """Fetch a document that goes with a plan."""
    gateway = gateway_of(request)
    url = f"{gateway.base_url}/DocumentReference/{material}"
    return download(gateway.read(url, by=citizen(request), now=now_of(request)))

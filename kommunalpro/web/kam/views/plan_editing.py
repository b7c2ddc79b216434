from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.publishing import make_plan
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.web.kam.forms.definition import ChoosingForm
from kommunalpro.web.kam.presenters import plans
from kommunalpro.web.kam.views.drafts import opened
from kommunalpro.web.kam.views.known import chosen, usable_activities
from kommunalpro.web.kam.views.overtaken import back_to_plan
from kommunalpro.web.kam.views.plan_page import keep, page
from kommunalpro.web.kam.views.plans import every_plan
from kommunalpro.web.kam.views.refused import REFUSED, told_in
from kommunalpro.web.kam.views.roles import owners_of_others
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a plan: what it is called, and its first activity."""
    known, by = usable_activities(request), reader(request)
    offered = plans.choices(known, owners_of_others(request, known.values()))
    form = ChoosingForm(request.POST or None, choices=offered, label=_("Første aktivitet"))
    if form.is_valid():
        url, activity = chosen(known, form.cleaned_data["chosen"])
        draft = planning.new_plan(form.titles(), activity, url, str(by.context.organization))
        with told_in(form):
            made = planning.create(gateway_of(request), draft, by=by, now=now_of(request))
            return redirect("kam:plan-edit", plan=url_id(made))
    return render(request, "kam/plan_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the plan of one activity for a published questionnaire."""
    questionnaire = one(request, "Questionnaire", _uuid(request, "questionnaire"))
    try:
        made = make_plan(gateway_of(request), questionnaire, by=reader(request), now=now_of(request))
    except REFUSED as wrong:
        return every_plan(request, refused=refusals(wrong))
    return redirect("kam:plan", plan=url_id(made.plan))


@require_http_methods(["GET", "POST"])
@back_to_plan
def edit(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Change what a draft is called, and go on (`videre`); its steps are changed one by one from here."""
    draft = opened(request, "PlanDefinition", plan)
    if not life(draft, reader(request)).edits:
        return redirect("kam:plan", plan=plan)
    if request.method != "POST":
        return page(request, draft)
    onwards = request.POST.get("videre", "")
    return keep(request, draft, draft, onwards if onwards.startswith(reverse("kam:plan", args=(plan,))) else "")


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics=f"The form has no {name}.") from None

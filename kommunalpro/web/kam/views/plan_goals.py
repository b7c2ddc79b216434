from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care.goals import Aim, aim_of, description_of, with_aim, without_goal
from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.forms.goal import GoalForm, begun
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.content import goal_rows
from kommunalpro.web.kam.views.drafts import opened, save
from kommunalpro.web.kam.views.overtaken import back_to_plan
from kommunalpro.web.kam.views.plan_page import keep
from kommunalpro.web.kam.views.refused import told_in
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import reader


@require_http_methods(["GET", "POST"])
@back_to_plan
def new(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Give a draft one more goal."""
    draft = opened(request, "PlanDefinition", plan)
    return _page(request, draft, len(draft.get("goal", ())))


@require_http_methods(["GET", "POST"])
@back_to_plan
def edit(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Change a goal of a draft."""
    draft = opened(request, "PlanDefinition", plan)
    _goal(draft, number)
    return _page(request, draft, number)


@require_POST
@back_to_plan
def remove(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Take a goal out of a draft."""
    draft = opened(request, "PlanDefinition", plan)
    _goal(draft, number)
    return keep(request, draft, without_goal(draft, number))


def _page(request: HttpRequest, draft: Json, number: int) -> HttpResponse:
    if not life(draft, reader(request)).edits:
        return redirect("kam:plan", plan=draft["id"])
    goals = draft.get("goal", ())
    is_new = number == len(goals)
    aim = Aim("") if is_new else aim_of(goals[number])
    kept = goal_rows(draft)[number].target if aim is None else ""
    form = GoalForm(
        request.POST or None, initial=begun(aim, "" if is_new else description_of(goals[number])), kept=kept
    )
    if form.is_valid():
        with told_in(form):
            save(request, with_aim(draft, number, form.aim(), keeps_target=form.is_kept), form)
            return redirect("kam:plan-edit", plan=draft["id"])
    page = {
        "form": form,
        "id": draft["id"],
        "plan_title": labels.title(draft),
        "heading": _("Nyt mål") if is_new else _("Ret målet"),
        "meta_version": draft["meta"]["versionId"],
    }
    return render(request, "kam/goal.html", page, status=422 if form.errors else 200)


def _goal(draft: Json, number: int) -> None:
    if number >= len(draft.get("goal", ())):
        raise Http404

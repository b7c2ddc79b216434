from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care import planning
from kommunalpro.care.bundles import batch
from kommunalpro.care.regime import regime_of
from kommunalpro.care.sub_plans import can_be_taken_in, definition_url, is_plan
from kommunalpro.care.waiting import asks, can_be_waited_for, named, waiting, who_wait_for
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.triggers import trigger_of
from kommunalpro.web.kam.forms.regime import initial
from kommunalpro.web.kam.forms.step import StepForm, TitleForm, begun
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.timing import kept_words
from kommunalpro.web.kam.views.drafts import opened, save
from kommunalpro.web.kam.views.known import chosen, usable_activities
from kommunalpro.web.kam.views.overtaken import back_to_plan
from kommunalpro.web.kam.views.plan_page import keep, page, titles_on
from kommunalpro.web.kam.views.refused import told_in
from kommunalpro.web.kam.views.regime import regime_page
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, gateway_of, is_partial, now_of, reader


@require_POST
@back_to_plan
def add(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Give a draft one more step: an activity, or another plan."""
    draft = opened(request, "PlanDefinition", plan)
    if not request.POST.get("chosen"):
        return page(request, draft, titles_on(request, draft), refused=(_("Vælg det, du vil tilføje."),))
    own = own_url(gateway_of(request).base_url, draft)
    others = can_be_taken_in(draft, own, everything(request, "PlanDefinition"))
    url, definition = chosen({**usable_activities(request), **others}, request.POST["chosen"])
    return keep(request, draft, planning.with_step(draft, definition, url))


@require_POST
@back_to_plan
def change(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Move a step up or down, or take it out."""
    draft = opened(request, "PlanDefinition", plan)
    step = _step(draft, number)
    match request.POST.get("do"):
        case "up":
            changed = planning.moved(draft, number, -1)
        case "down":
            changed = planning.moved(draft, number, 1)
        case "remove":
            if others := who_wait_for(draft, step):
                told = tuple(_waits(each, step) for each in others)
                return page(request, draft, titles_on(request, draft), refused=told)
            changed = planning.without_step(draft, number)
        case _:
            raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    return keep(request, draft, changed)


def _waits(waiting: Json, step: Json) -> str:
    return _("”%(waiting)s” venter på ”%(title)s”. Lad den begynde på en anden måde først.") % {
        "waiting": waiting.get("title", ""),
        "title": step.get("title", ""),
    }


@require_http_methods(["GET", "POST"])
@back_to_plan
def step(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Say what a step is called, when it takes place, and what it waits for."""
    draft = opened(request, "PlanDefinition", plan)
    if not life(draft, reader(request)).edits:
        return redirect("kam:plan", plan=plan)
    draft = named(draft)
    found = _step(draft, number)
    form = _form(request, draft, found)
    if form.is_valid() and "save" in request.POST and not is_partial(request):
        changed = {**_changed(found, form), "title": form.cleaned_data["title"]}
        with told_in(form):
            save(request, planning.with_changed_step(draft, number, changed), form)
            return redirect("kam:plan-edit", plan=plan)
    shown = {
        "id": plan,
        "number": number,
        "plan_title": labels.title(draft),
        "title": found.get("title") or _title_of_definition(request, found),
        "meta_version": draft["meta"]["versionId"],
    }
    if isinstance(form, StepForm):
        return regime_page(request, "kam/step.html", form, found, shown)
    return render(request, "kam/step.html", {**shown, "form": form}, status=422 if form.errors else 200)


def _title_of_definition(request: HttpRequest, step: Json) -> str:
    """Give what a step without a title of its own is called on the plan's page: as what it runs."""
    url = definition_url(step)
    type = "PlanDefinition" if is_plan(url) else "ActivityDefinition"
    known = batch(gateway_of(request), type, [url] if url else [], by=reader(request), now=now_of(request))
    return labels.title(known[url]) if url in known else _("Uden titel")


def _form(request: HttpRequest, draft: Json, step: Json) -> TitleForm | StepForm:
    """Give the fields of a step: one that is a plan, or holds other steps, has no time of its own."""
    title = {"title": step.get("title", "")}
    if not asks(step):
        return TitleForm(request.POST or None, initial=title)
    kept = kept_words(step)
    return StepForm(
        request.POST or None,
        initial={**title, **initial(regime_of(step), kept), **begun(trigger_of(step))},
        elsewhere=_("Som aktiviteten siger"),
        kept=kept,
        others=[(each["id"], str(each.get("title", ""))) for each in can_be_waited_for(draft, step)],
    )


def _changed(step: Json, form: TitleForm | StepForm) -> Json:
    if not isinstance(form, StepForm):
        return step
    return waiting(step if form.is_kept else planning.timed(step, form.regime()), form.trigger())


def _step(draft: Json, number: int) -> Json:
    try:
        step: Json = draft.get("action", [])[number]
    except IndexError:
        raise Http404 from None
    return step

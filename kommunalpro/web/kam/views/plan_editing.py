from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.publishing import make_plan
from kommunalpro.care.regime import regime_of
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.web.kam.forms.definition import ChoosingForm, StepForm, TitlesForm
from kommunalpro.web.kam.forms.regime import initial
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.timing import kept_words
from kommunalpro.web.kam.views.regime import is_partial, regime_page
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, reader


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a plan: what it is called, and its first activity."""
    known, by = _usable(request), reader(request)
    form = ChoosingForm(request.POST or None, choices=plans.choices(known), label=_("Første aktivitet"))
    if form.is_valid():
        url, activity = _chosen(known, form.cleaned_data["chosen"])
        draft = planning.new_plan(form.titles(), activity, url, str(by.context.organization))
        made = planning.create(gateway_of(request), draft, by=by, now=now_of(request))
        return redirect("kam:plan-edit", plan=url_id(made))
    return render(request, "kam/plan_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the plan of one activity for a published questionnaire."""
    questionnaire = one(request, "Questionnaire", _uuid(request, "questionnaire"))
    made = make_plan(gateway_of(request), questionnaire, by=reader(request), now=now_of(request))
    return redirect("kam:plan", plan=url_id(made.plan))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Change what a draft is called; its steps are changed one by one from here."""
    draft = one(request, "PlanDefinition", plan)
    if not life(draft, reader(request)).edits:
        return redirect("kam:plan", plan=plan)
    form = TitlesForm(request.POST or None, initial=_begun(draft))
    if form.is_valid():
        _save(request, planning.titled(draft, form.titles()))
        return redirect("kam:plan-edit", plan=plan)
    return _page(request, draft, form)


def _begun(draft: Json) -> dict[str, object]:
    titles = planning.titles_of(draft)
    return {"citizen": titles.citizen, "staff": titles.staff, "description": titles.description}


def _page(
    request: HttpRequest, draft: Json, form: TitlesForm | None = None, *, refused: tuple[str, ...] = ()
) -> HttpResponse:
    form = form or TitlesForm(initial=_begun(draft))
    activities, others = everything(request, "ActivityDefinition"), everything(request, "PlanDefinition")
    page = {
        "form": form,
        "id": draft["id"],
        "title": labels.title(draft),
        "version": draft.get("version"),
        "meta_version": draft["meta"]["versionId"],
        "steps": plans.actions(draft, activities, everything(request, "Questionnaire")),
        "count": len(draft.get("action", ())),
        "choices": plans.choices({url: each for url, each in activities.items() if each.get("status") != "retired"}),
        "missing": plans.missing(draft, {**activities, **others}),
        "status_label": labels.publication_status(draft),
        "refused": refused,
    }
    return render(request, "kam/plan_edit.html", page, status=422 if form.errors or refused else 200)


@require_POST
def add(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Give a draft one more step."""
    if not request.POST.get("chosen"):
        return _page(request, one(request, "PlanDefinition", plan), refused=(_("Vælg den aktivitet, du vil tilføje."),))
    url, definition = _chosen(_usable(request), request.POST["chosen"])
    _save(request, planning.with_step(one(request, "PlanDefinition", plan), definition, url))
    return redirect("kam:plan-edit", plan=plan)


@require_POST
def change(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Move a step up or down, or take it out."""
    draft = one(request, "PlanDefinition", plan)
    _step(draft, number)
    match request.POST.get("do"):
        case "up":
            changed = planning.moved(draft, number, -1)
        case "down":
            changed = planning.moved(draft, number, 1)
        case "remove":
            changed = planning.without_step(draft, number)
        case _:
            raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    _save(request, changed)
    return redirect("kam:plan-edit", plan=plan)


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, plan: UUID, number: int) -> HttpResponse:
    """Say what a step is called, and when it takes place."""
    draft = one(request, "PlanDefinition", plan)
    if not life(draft, reader(request)).edits:
        return redirect("kam:plan", plan=plan)
    found = _step(draft, number)
    kept = kept_words(found)
    begun = {"title": found.get("title", ""), **initial(regime_of(found), kept)}
    form = StepForm(request.POST or None, initial=begun, elsewhere=_("Som aktiviteten siger"), kept=kept)
    if form.is_valid() and "save" in request.POST and not is_partial(request):
        changed = found if form.is_kept else planning.timed(found, form.regime())
        _save(request, planning.with_changed_step(draft, number, {**changed, "title": form.cleaned_data["title"]}))
        return redirect("kam:plan-edit", plan=plan)
    page = {
        "id": plan,
        "number": number,
        "plan_title": labels.title(draft),
        "title": found.get("title") or _("Uden titel"),
        "meta_version": draft["meta"]["versionId"],
    }
    return regime_page(request, "kam/step.html", form, found, page)


def _step(draft: Json, number: int) -> Json:
    try:
        step: Json = draft.get("action", [])[number]
    except IndexError:
        raise Http404 from None
    return step


def _save(request: HttpRequest, changed: Json) -> None:
    version = request.POST.get("version", "")
    planning.save(gateway_of(request), changed, version, by=reader(request), now=now_of(request))


def _usable(request: HttpRequest) -> dict[str, Json]:
    """Give the activities that a plan can be made of: those in use, and drafts that will be."""
    return everything(request, "ActivityDefinition", ("status", "active,draft"))


def _chosen(known: dict[str, Json], id: str) -> tuple[str, Json]:
    found = next(((url, each) for url, each in known.items() if each["id"] == id), None)
    if found is None:
        raise BadRequest("Vælg en på listen.", diagnostics="Nothing on the list was chosen.")
    return found


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics=f"The form has no {name}.") from None

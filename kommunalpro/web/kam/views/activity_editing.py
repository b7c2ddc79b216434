from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kommunalpro.care import criteria, planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.regime import regime_of
from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.forms.criteria import initial as criteria_initial
from kommunalpro.web.kam.forms.definition import ActivityForm, ChoosingForm
from kommunalpro.web.kam.forms.merged import merged
from kommunalpro.web.kam.forms.regime import initial
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.asked import asked_choices, measurable
from kommunalpro.web.kam.presenters.criteria import kept_reuse
from kommunalpro.web.kam.presenters.in_use import not_superseded
from kommunalpro.web.kam.presenters.timing import kept_words
from kommunalpro.web.kam.presenters.written import written
from kommunalpro.web.kam.views import activities
from kommunalpro.web.kam.views.drafts import Overtaken, opened, save
from kommunalpro.web.kam.views.refused import told_in
from kommunalpro.web.kam.views.regime import regime_page
from kommunalpro.web.shared.life import life
from kommunalpro.web.shared.reading import gateway_of, is_partial, now_of, one, questionnaires, reader


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an activity: what it is called, and which questionnaire it asks or what it measures."""
    known, by = _questionnaires(request), reader(request)
    form = ChoosingForm(request.POST or None, choices=asked_choices(known), label=_("Hvad skal borgeren gøre?"))
    if form.is_valid():
        draft = _begun_with(request, form, known)
        with told_in(form):
            made = planning.create(gateway_of(request), draft, by=by, now=now_of(request))
            return redirect("kam:activity-edit", activity=url_id(made))
    return render(request, "kam/activity_new.html", {"form": form}, status=422 if form.errors else 200)


def _begun_with(request: HttpRequest, form: ChoosingForm, known: dict[str, Json]) -> dict[str, Any]:
    """Give the draft of what was chosen; the form is valid."""
    asked, organization = form.cleaned_data["chosen"], str(reader(request).context.organization)
    if coding := measurable().get(asked):
        return planning.new_measuring(form.titles(), coding, organization)
    whole = one(request, "Questionnaire", UUID(asked))
    return planning.new_activity(form.titles(), whole, _url(known, asked), organization)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, activity: UUID) -> HttpResponse:
    """Change a draft: what it is called, what it asks and when, what may be used again, and where answers may go."""
    draft = opened(request, "ActivityDefinition", activity)
    if not life(draft, reader(request)).edits:
        return redirect("kam:activity", activity=activity)
    known = _questionnaires(request, plans.questionnaire_url(draft))
    form = _form(request.POST or None, draft, known)
    given: tuple[tuple[str, str], ...] = ()
    if form.is_valid() and "save" in request.POST and not is_partial(request):
        try:
            with told_in(form):
                save(request, _changed(draft, form, known), form)
                return redirect("kam:activity", activity=activity)
        except Overtaken:
            draft = one(request, "ActivityDefinition", activity)
            if not life(draft, reader(request)).edits:
                return activities.page(request, draft, overtaken=written(form))
            form = _form(merged(form, _begun(draft, kept_words(draft))), draft, known)
            given = plans.activity_lines(draft, known)
    page = {
        "id": activity,
        "title": labels.title(draft),
        "kind": plans.kind(draft),
        "measures": criteria.measures(draft),
        "meta_version": draft["meta"]["versionId"],
        "given": given,
    }
    return regime_page(request, "kam/activity_edit.html", form, draft, page)


def _form(data: QueryDict | None, draft: Json, known: dict[str, Json]) -> ActivityForm:
    kept, reuse = kept_words(draft), criteria.reuse_of(draft)
    is_measuring = plans.questionnaire_url(draft) is None
    return ActivityForm(
        data,
        initial=_begun(draft, kept),
        choices=plans.choices(known, {}),
        label=_("Spørgeskema"),
        elsewhere=_("Bestemmes, når planen sendes"),
        kept=kept,
        kept_reuse=kept_reuse(draft),
        qualities=(reuse.qualities if reuse else {}) if is_measuring or (reuse and reuse.qualities) else None,
        parts=criteria.parts_of(draft),
        is_measuring=is_measuring,
    )


def _changed(draft: Json, form: ActivityForm, known: dict[str, Json]) -> Json:
    """Give the draft as the form has it; the form is valid."""
    asked = form.cleaned_data.get("chosen")
    changed = planning.asking(draft, _url(known, asked)) if asked else draft
    changed = planning.shared(planning.titled(changed, form.titles()), form.sharing())
    changed = criteria.limited(changed, form.spans())
    changed = changed if form.keeps_reuse else criteria.reusable(changed, form.reusing())
    return changed if form.is_kept else planning.timed(changed, form.regime())


def _begun(draft: Json, kept: str) -> dict[str, object]:
    titles, sharing = planning.titles_of(draft), planning.sharing_of(draft)
    spans, parts = criteria.spans_of(draft), criteria.parts_of(draft)
    return {
        "citizen": titles.citizen,
        "staff": titles.staff,
        "description": titles.description,
        "chosen": url_id(plans.questionnaire_url(draft) or ""),
        "policy": sharing.policy,
        "approval": sharing.approval,
        **initial(regime_of(draft), kept),
        **criteria_initial(criteria.reuse_of(draft), kept_reuse(draft), spans, parts),
    }


def _questionnaires(request: HttpRequest, own: str | None = None) -> dict[str, Json]:
    """Give those that can be asked, and the one that is asked, though it may be out of use, or superseded."""
    usable = not_superseded(questionnaires(request, ("status", "active,draft")))
    if own is not None and own not in usable:
        usable |= questionnaires(request, ("_id", url_id(own)))
    return usable


def _url(known: dict[str, Json], id: str) -> str:
    return next(url for url, each in known.items() if each["id"] == id)

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from kommunalpro.care import planning
from kommunalpro.care.sub_plans import can_be_taken_in
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.kam.forms.definition import TitlesForm
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.missing import missing
from kommunalpro.web.kam.views.drafts import save
from kommunalpro.web.kam.views.known import known_to, usable
from kommunalpro.web.kam.views.refused import told_in
from kommunalpro.web.kam.views.roles import others_of_steps, owners_of_others
from kommunalpro.web.shared.reading import gateway_of


def begun(draft: Json) -> dict[str, object]:
    """Give what the fields of a draft's titles begin with."""
    titles = planning.titles_of(draft)
    return {"citizen": titles.citizen, "staff": titles.staff, "description": titles.description}


def titles_on(request: HttpRequest, draft: Json) -> TitlesForm | None:
    """Give what is written in the fields of a draft's titles, whichever button of the page was pressed.

    None: it is as it was, or there were no such fields.
    """
    form = TitlesForm(request.POST, initial=begun(draft))
    return form if "citizen" in request.POST and form.has_changed() else None


def keep(request: HttpRequest, draft: Json, changed: Json, onwards: str = "") -> HttpResponse:
    """Store what was changed in a draft, with what is written on its page; then show that again, or go `onwards`."""
    form, there = titles_on(request, draft), onwards or reverse("kam:plan-edit", args=(draft["id"],))
    if form is None:
        if changed is not draft:
            save(request, changed)
        return redirect(there)
    if form.is_valid():
        with told_in(form):
            save(request, planning.titled(changed, form.titles()), form)
            return redirect(there)
    return page(request, draft, form)


def page(
    request: HttpRequest,
    draft: Json,
    form: TitlesForm | None = None,
    *,
    refused: tuple[str, ...] = (),
    overtaken: tuple[tuple[str, str], ...] | None = None,
    meanwhile: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    """Show a draft as it is changed. `refused`: why something could not be done.

    `overtaken`: what was written, which is not saved because somebody else was first; None: nobody was. `meanwhile`:
    what they changed of the titles, where what was written stands in the fields still; None: it was no titles.
    """
    form = form or TitlesForm(initial=begun(draft))
    known, url = known_to(request, draft), own_url(gateway_of(request).base_url, draft)
    others = others_of_steps(request, draft, known.definitions, known.questionnaires)
    owners = owners_of_others(request, known.definitions.values())
    shown = {
        "form": form,
        "id": draft["id"],
        "title": labels.title(draft),
        "version": draft.get("version"),
        "meta_version": draft["meta"]["versionId"],
        "steps": plans.actions(draft, known.activities, known.questionnaires, known.plans),
        "count": len(draft.get("action", ())),
        "chosen": request.POST.get("chosen", ""),
        "choices": plans.choices(usable(known.activities), owners),
        "plan_choices": plans.choices(can_be_taken_in(draft, url, known.plans), owners),
        "measures": plans.measures(draft, known.definitions),
        "goals": goal_rows(draft),
        "materials": material_rows(draft, known.documents),
        "missing": missing(draft, known.definitions, known.documents, url, others=others),
        "status_label": labels.publication_status(draft),
        "refused": refused,
        "overtaken": overtaken,
        "meanwhile": meanwhile,
    }
    status = 412 if overtaken is not None else 422 if form.errors or refused else 200
    return render(request, "kam/plan_edit.html", shown, status=status)

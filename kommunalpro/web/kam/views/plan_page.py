from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care import planning
from kommunalpro.care.sub_plans import can_be_taken_in
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.kam.forms.definition import TitlesForm
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.missing import missing
from kommunalpro.web.kam.views.known import known_to, usable
from kommunalpro.web.kam.views.roles import others_of_steps, owners_of_others
from kommunalpro.web.shared.reading import gateway_of


def begun(draft: Json) -> dict[str, object]:
    """Give what the fields of a draft's titles begin with."""
    titles = planning.titles_of(draft)
    return {"citizen": titles.citizen, "staff": titles.staff, "description": titles.description}


def page(
    request: HttpRequest,
    draft: Json,
    form: TitlesForm | None = None,
    *,
    refused: tuple[str, ...] = (),
    overtaken: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    """Show a draft as it is changed. `refused`: why something could not be done.

    `overtaken`: what was written, which is not saved because somebody else was first; None: nobody was.
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
        "choices": plans.choices(usable(known.activities), owners),
        "plan_choices": plans.choices(can_be_taken_in(draft, url, known.plans), owners),
        "measures": plans.measures(draft, known.definitions),
        "goals": goal_rows(draft),
        "materials": material_rows(draft, known.documents),
        "missing": missing(draft, known.definitions, known.documents, url, others=others),
        "status_label": labels.publication_status(draft),
        "refused": refused,
        "overtaken": overtaken,
    }
    status = 412 if overtaken is not None else 422 if form.errors or refused else 200
    return render(request, "kam/plan_edit.html", shown, status=status)

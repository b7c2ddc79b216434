from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhir.reference import own_url
from kommunalpro.web.kam.presenters import labels, plans
from kommunalpro.web.kam.presenters.content import goal_rows, material_rows
from kommunalpro.web.kam.presenters.differences import differences
from kommunalpro.web.kam.presenters.in_use import cannot_be_sent, not_superseded
from kommunalpro.web.kam.presenters.missing import explains, missing
from kommunalpro.web.kam.views.known import known_to, organizations_of
from kommunalpro.web.kam.views.roles import others_of_steps, owners_of_others, roles_of
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import everything, gateway_of, one, questionnaires, reader


def index(request: HttpRequest) -> HttpResponse:
    """Every plan, with how many activities it has; and the published questionnaires that no plan sends."""
    return every_plan(request)


def every_plan(request: HttpRequest, *, refused: tuple[str, ...] = ()) -> HttpResponse:
    """Show every plan. `refused`: why one could not be made."""
    every = everything(request, "PlanDefinition")
    by, activities = reader(request), everything(request, "ActivityDefinition")
    asked = questionnaires(request)
    published = {url: each for url, each in not_superseded(asked).items() if each.get("status") == "active"}
    may, definitions = by.privileges, {**activities, **every}
    stopped = {each["id"]: cannot_be_sent(each, definitions, asked) for each in every.values()}
    page = {
        "rows": plans.plan_rows(every.values(), owners_of_others(request, every.values()), stopped),
        "may_create": "PlanDefinition.create" in may,
        "may_import": "PlanDefinition$import" in may,
        "unsent": plans.unsent(published, activities, every, by.context.organization),
        "refused": refused,
    }
    return render(request, "kam/plans.html", page, status=422 if refused else 200)


def show(request: HttpRequest, plan: UUID) -> HttpResponse:
    """One plan: its activities in order, when they take place, and what keeps it from being used."""
    return page(request, one(request, "PlanDefinition", plan))


def page(
    request: HttpRequest,
    plan: Json,
    *,
    refused: FhirError | None = None,
    overtaken: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    """Show a plan. `refused`: why it could not be taken into use; `overtaken`: what somebody else was faster than."""
    known = known_to(request, plan)
    every, url = known.plans.values(), own_url(gateway_of(request).base_url, plan)
    others = others_of_steps(request, plan, known.definitions, known.questionnaires)
    lacking = missing(plan, known.definitions, known.documents, url, others=others, questionnaires=known.questionnaires)
    shown = {
        "id": plan["id"],
        "meta_version": plan["meta"]["versionId"],
        "title": labels.title(plan),
        "citizen_title": plan.get("title"),
        "description": plan.get("description"),
        "version": plan.get("version"),
        "status_label": labels.publication_status(plan),
        "actions": plans.actions(plan, known.activities, known.questionnaires, known.plans),
        "measures": plans.measures(plan, known.definitions),
        "goals": goal_rows(plan),
        "materials": material_rows(plan, known.documents),
        "missing": lacking,
        "is_refused": refused is not None,
        "refused": refusals(refused, partial(explains, lacking)) if refused else (),
        "overtaken": overtaken,
        "life": life(plan, reader(request)),
        "roles": roles_of(request, plan),
        "may_export": "PlanDefinition$export" in reader(request).privileges,
        "differences": differences(
            plan,
            every,
            known.activities,
            known.questionnaires,
            plans_in=known.plans,
            documents=known.documents,
            organizations=organizations_of(request, plan, every, known.activities),
        ),
        "versions_of": plans.version_rows(plan, every),
    }
    status = 412 if overtaken is not None else 422 if refused else 200
    return render(request, "kam/plan.html", shown, status=status)

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kommunalpro.care import planning
from kommunalpro.care.bundles import batch
from kommunalpro.care.organizations import named
from kommunalpro.care.sub_plans import all_steps, definition_url
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, PreconditionFailed
from kommunalpro.fut.modifier_roles import co_authors_of, is_owner, may_edit, owner_of
from kommunalpro.web.kam.presenters import labels, roles
from kommunalpro.web.kam.presenters.plans import questionnaire_url
from kommunalpro.web.kam.views.refused import REFUSED
from kommunalpro.web.shared.life import life, refusals
from kommunalpro.web.shared.reading import gateway_of, now_of, one, reader


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Who may change a plan: its owner says which organisations do it too."""
    return _page(request, one(request, "PlanDefinition", plan), "plan")


@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, activity: UUID) -> HttpResponse:
    """Who may change an activity."""
    return _page(request, one(request, "ActivityDefinition", activity), "activity")


def roles_of(request: HttpRequest, definition: Json) -> roles.Roles:
    """Give who may change a definition; the owner decides it, while it is a draft."""
    by = reader(request)
    urls = [url for url in (owner_of(definition), *co_authors_of(definition)) if url]
    known = batch(gateway_of(request), "Organization", urls, by=by, now=now_of(request))
    decides = is_owner(definition, by.context.organization) and life(definition, by).edits
    return roles.roles(definition, known, decides=decides)


def owners_of_others(request: HttpRequest, definitions: Iterable[Json]) -> dict[str, str]:
    """Give the names of whose definitions are, by their id, but of those of the reader's own organisation."""
    by = reader(request)
    owners = {each["id"]: url for each in definitions if (url := owner_of(each)) not in (None, by.context.organization)}
    known = batch(gateway_of(request), "Organization", sorted(set(owners.values())), by=by, now=now_of(request))
    return {id: str(known[url]["name"]) for id, url in owners.items() if "name" in known.get(url, {})}


def others_of_steps(
    request: HttpRequest, plan: Json, known: Mapping[str, Json], questionnaires: Mapping[str, Json]
) -> dict[str, str]:
    """Give whose the definitions are, by id, that a plan runs or asks and the reader's organisation may not change.

    Those of the plans in it are among them, as among what is not in use.
    """
    mine = reader(request).context.organization
    urls = dict.fromkeys(map(definition_url, all_steps(plan, known)))
    run = [known[url] for url in urls if url in known]
    asked = (questionnaires.get(questionnaire_url(each) or "") for each in run)
    found = [each for each in (*run, *filter(None, asked)) if not may_edit(each, mine)]
    names = owners_of_others(request, found)
    return {each["id"]: names.get(each["id"], _("en anden organisation")) for each in found}


def _page(request: HttpRequest, definition: Json, kind: str) -> HttpResponse:
    who, back = roles_of(request, definition), reverse(f"kam:{kind}", kwargs={kind: definition["id"]})
    if not who.decides:
        return redirect(back)
    overtaken: tuple[()] | None = None
    refused: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            _change(request, definition)
            return redirect(request.path)
        except PreconditionFailed:
            overtaken = ()
        except REFUSED as wrong:
            refused = refusals(wrong)
    name = request.GET.get("navn", "").strip()
    found = named(gateway_of(request), name, by=reader(request), now=now_of(request)).organizations if name else {}
    page = {
        "section": "plans" if kind == "plan" else "activities",
        "back": back,
        "here": request.path,
        "title": labels.title(definition),
        "meta_version": definition["meta"]["versionId"],
        "roles": who,
        "overtaken": overtaken,
        "refused": refused,
        "name": name,
        "found": roles.others(found.values(), name, who),
    }
    return render(request, "kam/roles.html", page, status=412 if overtaken is not None else 422 if refused else 200)


def _change(request: HttpRequest, definition: Json) -> None:
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    try:
        organization = f"{gateway.base_url}/Organization/{UUID(request.POST.get('organization', ''))}"
    except ValueError:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form names no organisation.") from None
    match request.POST.get("do"):
        case "add":
            changed = planning.edited_with(definition, organization)
        case "remove":
            changed = planning.edited_without(definition, organization)
        case _:
            raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    planning.save(gateway, changed, request.POST.get("version", ""), by=by, now=now)

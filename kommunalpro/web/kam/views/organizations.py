from typing import get_args
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kommunalpro.care import organizations as registers
from kommunalpro.care.teams import managing
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, PreconditionFailed
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.organizations.settling import awaits_import, may_follow, may_keep
from kommunalpro.web.kam.presenters import labels, organizations
from kommunalpro.web.kam.presenters.teams import team_rows
from kommunalpro.web.kam.views.refused import REFUSED
from kommunalpro.web.shared.life import refusals
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, reader


def index(request: HttpRequest) -> HttpResponse:
    """Organisations as a tree, each with its teams: all while they are few, else those of here, or those looked for."""
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    name = request.GET.get("navn", "").strip()
    teams = everything(request, "CareTeam").values()
    if name:
        chosen = registers.named(gateway, name, by=by, now=now)
    else:
        running = [url for team in teams if (url := managing(team))]
        chosen = registers.selected(gateway, running, by=by, now=now)
    differences = registers.differences(gateway, chosen.organizations, by=by, now=now)
    page = {
        "tree": organizations.tree(chosen.organizations, teams, differences.by_url, now),
        "has_all_differences": differences.is_all,
        "name": name,
        "is_all": chosen.is_all,
    }
    return render(request, "kam/organizations.html", page)


def show(request: HttpRequest, organization: UUID) -> HttpResponse:
    """One organisation: numbers, source, where sources disagree, what it is under, what is below it, and its teams."""
    return _page(request, one(request, "Organization", organization))


@require_POST
def settle(request: HttpRequest, organization: UUID) -> HttpResponse:
    """Keep what somebody here wrote of an organisation, or use what its register says."""
    sides: tuple[registers.Side, ...] = get_args(registers.Side)
    wanted = next((each for each in sides if each == request.POST.get("do")), None)
    if wanted is None:
        raise BadRequest("Siden er ikke hel. Åbn den igen.", diagnostics="The form says nothing that can be done.")
    resource, version = one(request, "Organization", organization), request.POST.get("version", "")
    try:
        registers.settle(gateway_of(request), resource, wanted, version, by=reader(request), now=now_of(request))
    except PreconditionFailed:
        return _page(request, one(request, "Organization", organization), overtaken=())
    except REFUSED as wrong:
        return _page(request, resource, refused=refusals(wrong))
    return redirect("kam:organization", organization=organization)


def _page(
    request: HttpRequest,
    resource: Json,
    *,
    overtaken: tuple[tuple[str, str], ...] | None = None,
    refused: tuple[str, ...] = (),
) -> HttpResponse:
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    url = own_url(gateway.base_url, resource)
    known = registers.with_those_above(gateway, {url: resource}, by=by, now=now)
    teams = [team for team in everything(request, "CareTeam").values() if managing(team) == url]
    below = registers.below(gateway, url, by=by, now=now)
    differences = registers.differences(gateway, {url: resource}, by=by, now=now)
    may_change = "Organization.patch" in by.privileges and registers.is_below(url, by.context.organization, known)
    page = {
        "id": resource["id"],
        "version": resource["meta"]["versionId"],
        "overtaken": overtaken,
        "refused": refused,
        "may_keep": may_change and may_keep(resource),
        "may_follow": may_change and may_follow(resource),
        "following_words": organizations.following_words(resource),
        "awaits_import": awaits_import(resource),
        "name": resource.get("name"),
        "source": labels.source(resource),
        "synchronization": labels.synchronization_status(resource),
        "closed": organizations.closed(resource, now.astimezone(DENMARK).date()),
        "disagreeing": organizations.disagreements(differences.by_url.get(url, ())),
        "has_all_differences": differences.is_all,
        "identifiers": organizations.identifiers(resource),
        "parent": known.get(registers.above(resource) or ""),
        "children": sorted(below.organizations.values(), key=lambda each: str(each.get("name", "")).casefold()),
        "has_more_children": not below.is_all,
        "teams": team_rows(teams, known, now),
    }
    status = 412 if overtaken is not None else 422 if refused else 200
    return render(request, "kam/organization.html", page, status=status)

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care.bundles import batch
from kommunalpro.fhir.json import Json
from kommunalpro.web.kam.presenters import labels, organizations
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, reader


def index(request: HttpRequest) -> HttpResponse:
    """Every care team, with its organisation, conditions and size."""
    teams = everything(request, "CareTeam").values()
    rows = organizations.team_rows(teams, _running(request, teams))
    return render(request, "kam/teams.html", {"rows": rows})


def show(request: HttpRequest, team: UUID) -> HttpResponse:
    """One care team: who is in it, and what each may do."""
    resource = one(request, "CareTeam", team)
    known = _running(request, [resource])
    page = {
        "name": resource.get("name"),
        "status_label": labels.team_status(resource),
        "organization": known.get(organizations.managing(resource) or ""),
        "conditions": organizations.conditions(resource),
        "members": organizations.members(resource, everything(request, "Practitioner")),
    }
    return render(request, "kam/team.html", page)


def _running(request: HttpRequest, teams: Iterable[Json]) -> dict[str, Json]:
    """Give the organisations that run teams, by version-less URL."""
    urls = {url for team in teams if (url := organizations.managing(team))}
    return batch(gateway_of(request), "Organization", urls, by=reader(request), now=now_of(request))

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.web.kam.presenters import labels, organizations
from kommunalpro.web.kam.reading import everything, one


def index(request: HttpRequest) -> HttpResponse:
    """All organisations as a tree, each with its teams."""
    tree = organizations.tree(everything(request, "Organization"), everything(request, "CareTeam").values())
    return render(request, "kam/organizations.html", {"tree": tree})


def show(request: HttpRequest, organization: UUID) -> HttpResponse:
    """One organisation: numbers, source, what it is under, and its teams."""
    resource = one(request, "Organization", organization)
    known = everything(request, "Organization")
    teams = [
        team
        for team in everything(request, "CareTeam").values()
        if (organizations.managing(team) or "").endswith(f"/Organization/{organization}")
    ]
    page = {
        "name": resource.get("name"),
        "source": labels.source(resource),
        "synchronization": labels.synchronization_status(resource),
        "identifiers": organizations.identifiers(resource),
        "parent": known.get(organizations.parent_url(resource) or ""),
        "teams": organizations.team_rows(teams, known),
    }
    return render(request, "kam/organization.html", page)

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.web.kam.presenters import labels, organizations
from kommunalpro.web.kam.reading import everything, one


def index(request: HttpRequest) -> HttpResponse:
    """Every care team, with its organisation, conditions and size."""
    rows = organizations.team_rows(everything(request, "CareTeam").values(), everything(request, "Organization"))
    return render(request, "kam/teams.html", {"rows": rows})


def show(request: HttpRequest, team: UUID) -> HttpResponse:
    """One care team: who is in it, and what each may do."""
    resource = one(request, "CareTeam", team)
    known = everything(request, "Organization")
    page = {
        "name": resource.get("name"),
        "status_label": labels.team_status(resource),
        "organization": known.get(organizations.managing(resource) or ""),
        "conditions": organizations.conditions(resource),
        "members": organizations.members(resource, everything(request, "Practitioner")),
    }
    return render(request, "kam/team.html", page)

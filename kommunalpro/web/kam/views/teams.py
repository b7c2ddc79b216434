from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kommunalpro.care import teams as care
from kommunalpro.care.bundles import batch
from kommunalpro.care.organizations import with_those_above
from kommunalpro.fhir.json import Json
from kommunalpro.fut.membership import member_url
from kommunalpro.web.kam.presenters import labels, teams
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, one, reader


def index(request: HttpRequest) -> HttpResponse:
    """Every care team, with its organisation, conditions and size."""
    every = everything(request, "CareTeam").values()
    page = {
        "rows": teams.team_rows(every, running(request, every), now_of(request)),
        "may_create": "CareTeam.create" in reader(request).privileges,
    }
    return render(request, "kam/teams.html", page)


def show(request: HttpRequest, team: UUID) -> HttpResponse:
    """One care team: who is in it and what each may do, who was in it, and what it works with."""
    return page(request, one(request, "CareTeam", team))


def page(request: HttpRequest, team: Json, *, refused: tuple[str, ...] = ()) -> HttpResponse:
    """Show a team. `refused`: why it could not be changed."""
    known, people, now = running(request, [team]), people_in(request, team), now_of(request)
    shown = {
        "id": team["id"],
        "meta_version": team["meta"]["versionId"],
        "name": team.get("name"),
        "status_label": labels.team_status(team),
        "organization": known.get(care.managing(team) or ""),
        "conditions": teams.conditions(team),
        "members": teams.members(team, people, now),
        "former": teams.former(team, people, now),
        "may_change": may_change(request, team, known),
        "refused": refused,
    }
    return render(request, "kam/team.html", shown, status=422 if refused else 200)


def may_change(request: HttpRequest, team: Json, known: dict[str, Json]) -> bool:
    """Tell whether the reader may change a team, by privilege and by organisation."""
    by = reader(request)
    return "CareTeam.update" in by.privileges and care.runs(by.context.organization, team, known)


def running(request: HttpRequest, every: Iterable[Json]) -> dict[str, Json]:
    """Give the organisations that run teams, and those above them, by version-less URL."""
    gateway, by, now = gateway_of(request), reader(request), now_of(request)
    urls = {url for team in every if (url := care.managing(team))}
    return with_those_above(gateway, batch(gateway, "Organization", urls, by=by, now=now), by=by, now=now)


def people_in(request: HttpRequest, team: Json) -> dict[str, Json]:
    """Give the practitioners who are or were in a team, by version-less URL."""
    urls = {url for each in team.get("participant", ()) if "/Practitioner/" in (url := member_url(each))}
    return batch(gateway_of(request), "Practitioner", urls, by=reader(request), now=now_of(request))

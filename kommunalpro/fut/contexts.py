"""Which teams somebody may work in: what FUT's identity provider answers as `contexts`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fut.gateway.protocol import Context, Gateway, Principal
from kommunalpro.fut.membership import memberships_of
from kommunalpro.fut.privileges import every_privilege, privileges_of
from kommunalpro.fut.treatment_area import TAG

SYSTEM = Principal("kommunalpro", "SYSTEM", "Kommunal PRO", every_privilege(), system_tags=frozenset({TAG}))
"""The installation itself, for what no user's privileges govern: choosing a context, the worker, the demo."""


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """One care team that a practitioner is a current member of, with the roles they have in it."""

    care_team: str
    name: str
    organization: str | None
    organization_name: str
    roles: tuple[str, ...]


def care_teams_of(gateway: Gateway, user: str, *, now: datetime) -> tuple[TeamChoice, ...]:
    """Give the active care teams that a practitioner is a member of, by name."""
    found = gateway.search(
        "CareTeam",
        [("participant", user), ("status", "active"), ("_include", "CareTeam:managingOrganization"), ("_count", "100")],
        by=SYSTEM,
        now=now,
    )
    resources = [entry["resource"] for entry in found.get("entry", ())]
    names = {
        f"{gateway.base_url}/Organization/{each['id']}": each["name"]
        for each in resources
        if each["resourceType"] == "Organization"
    }
    teams = [each for each in resources if each["resourceType"] == "CareTeam"]
    choices = (_choice(gateway, team, current, names) for team in teams if (current := memberships_of(team, user, now)))
    return tuple(sorted(choices, key=lambda choice: choice.name))


def read_contexts(found: Json, here: Callable[[str], str]) -> tuple[TeamChoice, ...]:
    """Read the teams that an identity provider gives to choose from, by name; `here` gives our names of its URLs."""
    choices = []
    for each in found.get("care_teams", ()):
        of = each.get("affiliation") or {}
        organization = here(of["id"]) if of.get("id") else None
        name = str(of.get("name") or "")
        choices.append(TeamChoice(here(each["id"]), str(each["name"]), organization, name, tuple(each["roles"])))
    return tuple(sorted(choices, key=lambda choice: choice.name))


def as_practitioner(user: str, name: str, team: TeamChoice | None) -> Principal:
    """Give a practitioner as who acts, in a team; without one they may do what everybody may."""
    context = Context(organization=team.organization, care_team=team.care_team) if team else Context()
    privileges = privileges_of(team.roles if team else ())
    return Principal(user, "PRACTITIONER", name, privileges, context, frozenset({TAG}))


def as_citizen(user: str, name: str) -> Principal:
    """Give a citizen as who acts, about themselves."""
    return Principal(user, "PATIENT", name, privileges_of(["citizen"]), Context(patient=user), frozenset({TAG}))


def _choice(gateway: Gateway, team: Json, memberships: list[Json], names: dict[str, str]) -> TeamChoice:
    managing = team.get("managingOrganization")
    organization = managing[0]["reference"] if managing else None
    return TeamChoice(
        care_team=f"{gateway.base_url}/CareTeam/{team['id']}",
        name=str(team["name"]),
        organization=organization,
        organization_name=names.get(organization or "", ""),
        roles=tuple(
            coding["code"] for each in memberships for role in each.get("role", ()) for coding in role.get("coding", ())
        ),
    )

"""`CarePlan/{id}/$suggest-care-teams`: the care teams of a region or a municipality that could see to a plan.

Supported: `regionCode`, or `municipalityCode`, which is not looked at where both are given → searchset Bundle of the
CareTeams that have every condition of the plan among their reason codes and are managed by an organisation with that
code, and these organisations, included. Of a condition with several codes one is enough. What is ours: only active
teams, by name, for no other can be put on; and that the codes of the organisation itself count, not those of a unit
above or below it.
Not supported: neither of the two (400); the conditions of the sub-plans, which are asked about one by one.
Also takes: `CarePlan.read`, with the course of care in the token.

Source: `fut.md` 4.5; OperationDefinition CarePlan-i-suggest-care-teams.
"""

from kommunalpro.fhir.bundle import resources, searchset
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhir.parameters import value
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.reading import read_if_there

_PLACES = ("regionCode", "municipalityCode")
"""In the order in which they count."""


def suggest_care_teams(session: Session, parameters: Json, target: str | None) -> Json:
    """Search for the teams by all of the plan's conditions at once, as the user sees the plan."""
    place = _place(parameters)
    type, _, id = str(target).partition("/")
    conditions = _conditions(session, session.read(type, id))
    found = _search(session, [*conditions, place]) if conditions else []
    teams = [each for each in found if each["resourceType"] == "CareTeam"]
    organizations = {each["id"]: each for each in found if each["resourceType"] == "Organization"}
    return searchset(
        sorted(teams, key=lambda each: (each["name"], each["id"])),
        base_url=session.server.base_url,
        total=len(teams),
        included=organizations.values(),
    )


def _place(parameters: Json) -> tuple[str, str]:
    """Give the condition by which a team is of the region or the municipality.

    Raises:
        BadRequest: neither is named.
    """
    for name in _PLACES:
        if code := value(parameters, name):
            return f"managingOrganization.{name}:exact", escaped(code)
    raise BadRequest("Skriv en region eller en kommune.", diagnostics=f"One of {' and '.join(_PLACES)}")


def _conditions(session: Session, plan: Json) -> list[tuple[str, str]]:
    """Give one condition of a search for each that the plan addresses; none when one of them has no code."""
    found = []
    for each in plan.get("addresses", ()):
        condition = read_if_there(session, each.get("reference", "")) or {}
        codes = [_token(coding) for coding in condition.get("code", {}).get("coding", ()) if "code" in coding]
        if not codes:
            return []
        found.append(("reasonCode", ",".join(codes)))
    return found


def _token(coding: Json) -> str:
    return f"{escaped(coding.get('system', ''))}|{escaped(coding['code'])}"


def _search(session: Session, conditions: list[tuple[str, str]]) -> list[Json]:
    asked = [*conditions, ("status", "active"), ("_include", "CareTeam:managingOrganization"), ("_count", "200")]
    return [each for page in session.elevated().search_pages("CareTeam", asked) for each in resources(page)]

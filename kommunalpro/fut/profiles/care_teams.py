"""Rules of `ehealth-careteam`: who is in a team and as what, what it works with, and who may change it.

That a team is changed by the organisation that runs it, or one that stands above that one, is ours: the guide names no
rule, and a CareTeam has no modifierRole as definitions have.

Source: `fut.md` 1B.
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.unseen import seen
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import forbidden, missing
from kommunalpro.fut.profiles.conditions import condition_problems
from kommunalpro.fut.profiles.organizations import stands_below


def care_team_problems(team: Json) -> Iterator[Issue]:
    """Give what a team does not keep of its profile; a name that nobody would see is none."""
    if "name" in team and not seen(team["name"]):
        yield missing("name", "CareTeam.name")
    for number, participant in enumerate(team.get("participant", ())):
        yield from _participant_problems(participant, f"CareTeam.participant[{number}]")
    for number, reason in enumerate(team.get("reasonCode", ())):
        yield from condition_problems(reason.get("coding", ()), f"CareTeam.reasonCode[{number}]")
    for number, telecom in enumerate(team.get("telecom", ())):
        if "value" not in telecom:
            yield missing("value", f"CareTeam.telecom[{number}]")


def _participant_problems(participant: Json, path: str) -> Iterator[Issue]:
    if "member" not in participant:
        yield missing("member", f"{path}.member")
    if not participant.get("role"):
        yield missing("role", f"{path}.role")


def check_organization(team: Json, previous: Json | None, session: Session) -> None:
    """Whoever changes or deletes a team works for who runs it, and gives it to nobody else's organisation.

    Raises:
        Forbidden: another organisation runs it, or would.
    """
    if session.principal.user_type == "SYSTEM":
        return
    own = session.principal.context.organization
    for each in (previous, team) if previous else (team,):
        managing = [reference.get("reference", "") for reference in each.get("managingOrganization", ())]
        if own is None or not managing or not all(stands_below(session, url, own) for url in managing):
            raise forbidden("KPRO_CARE_TEAM_NOT_MATCHING_TOKEN_CONTEXT")

"""Rules of `ehealth-careteam`: who is in a team and as what, what it works with, and who may change it.

That a team is changed by the organisation that runs it, or one that stands above that one, is ours: the guide names no
rule, and a CareTeam has no modifierRole as definitions have. So is that the last who may do so stays.

Source: `fut.md` 1B.
"""

from collections.abc import Iterator
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhir.unseen import seen
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.attending import GOING_ON, take_turns_on
from kommunalpro.fut.errors import forbidden, issue, missing
from kommunalpro.fut.membership import is_current, role_codes
from kommunalpro.fut.profiles.conditions import condition_problems
from kommunalpro.fut.profiles.organizations import stands_below, with_those_above
from kommunalpro.fut.task_codes import OPEN

_ADMINISTRATOR = "careteamAdministrator"


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


def deletion_problems(team: Json, session: Session) -> Iterator[Issue]:
    """Give what keeps a team from being deleted: a course of care, or a plan, that is not over has it, or an open Task.

    It is taken off them first, by what looks who is left: else nobody might see the course of care any more, for ever.
    And what it is asked to see to stands on no other team's list. The system may: it sees what is left, and puts
    another on.
    """
    if session.principal.user_type == "SYSTEM":
        return
    system, url = session.elevated(), own_url(session.server.base_url, team)
    take_turns_on(session, [url])
    for type, (parameter, statuses) in {**GOING_ON, "Task": ("responsible", (OPEN,))}.items():
        query = [(parameter, url), ("status", ",".join(statuses)), ("_count", "1")]
        if next(iter(system.search_all(type, query)), None):
            yield issue("KPRO_CARE_TEAM_IN_USE", type, "CareTeam")


def administrator_problems(team: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Tell that a team would lose its last administrator, and nobody in another may change the organisation's teams.

    Counted are those of active teams that the organisation runs, or one that stands above it. To close a team is told
    otherwise: an organisation may close its last.
    """
    if session.principal.user_type == "SYSTEM" or previous is None or team.get("status") != "active":
        return
    if not _has_administrator(previous, session.now) or _has_administrator(team, session.now):
        return
    managing = [each.get("reference", "") for each in previous.get("managingOrganization", ())]
    every = dict.fromkeys(each for url in managing for each in with_those_above(session, url))
    for each in sorted(every):
        session.take_turns(f"CareTeam.managingOrganization={each}")
    asked = [("managingOrganization", ",".join(map(escaped, every))), ("status", "active")]
    teams = session.elevated().search_all("CareTeam", asked)
    if not any(_has_administrator(each, session.now) for each in teams if each["id"] != team["id"]):
        yield issue("KPRO_CARE_TEAM_LAST_ADMINISTRATOR", "", "CareTeam.participant")


def _has_administrator(team: Json, now: datetime) -> bool:
    """Tell whether somebody may change teams by this one: it counts while it is in use."""
    members = [each for each in team.get("participant", ()) if is_current(each, now)]
    return team.get("status") == "active" and any(_ADMINISTRATOR in role_codes(each) for each in members)

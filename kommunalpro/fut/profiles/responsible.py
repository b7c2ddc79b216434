"""Who answers for a course of care, a plan or a Task: the teams on it are here and active, its organisations are here.

A team that is not here finds nothing of it, and no other knows that it should; and by the organisation it is told whose
data it is. What stood there before may stay, however it is called now: teams are closed while the course of care goes
on. So may the team of the plan that a plan is part of. What was over and goes on again has no team that was deleted
meanwhile; nor has a Task that is open, or it would stand on nobody's list. Which version of a team is named makes no
difference: it is what it is now. The last team of a course of care or of a plan stays where nobody else sees to it
(`attending.py`), as `$update-care-teams` has it. What the server writes itself ($apply, a scheduled change) goes on
from what was written, and is not looked at again.

Ours: the guide says which types these are of (`fut.md` 1A), and not that somebody is there.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.attending import course_of, goes_on, key_of, loses_its_last, take_turns, take_turns_on
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import are_of_one_course
from kommunalpro.fut.profiles.care_plans import parents
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.task_codes import OPEN
from kommunalpro.fut.team_history import TEAM_ELEMENTS, teams_on

_OPEN = frozenset(OPEN.split(","))


def responsible_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each team of an EpisodeOfCare or CarePlan that is new and not here, or not active, and each organisation.

    And that the last team that sees to it is taken off.
    """
    if session.is_elevated:
        return
    before = (previous or {}, *_around(resource, session))
    known = [_who(each, session) for old in before for _, each in (*_teams(old), *_organizations(old))]
    yield from _team_problems(resource, previous, known, session)
    for path, named in _organizations(resource):
        if _who(named, session) not in known and _found("Organization", named, session) is None:
            text = "Den organisation, der henvises til, findes ikke her."
            yield issue("GENERAL_RESOURCE_NOT_FOUND", _said(named), path, text)
    if previous and _is_left_alone(resource, previous, session):
        type = resource["resourceType"]
        yield issue("KPRO_CARE_TEAM_LAST", "", f"{type}.{TEAM_ELEMENTS[type]}")


def _team_problems(resource: Json, previous: Json | None, known: list[object], session: Session) -> Iterator[Issue]:
    begins = goes_on(resource) and not (previous and goes_on(previous))
    teams = [(path, named, _who(named, session) in known) for path, named in _teams(resource)]
    wanted = [each for each in teams if begins or not each[-1]]
    if wanted and previous:
        session.hold(key_of(previous))
    take_turns_on(session, [_said(named) for _, named, _ in wanted])
    for path, named, is_known in wanted:
        found = _found("CareTeam", named, session)
        if found is None or not (is_known or found["status"] == "active"):
            yield issue("KPRO_CARE_TEAM_NOT_ACTIVE", _said(named), path)


def task_team_problems(task: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each team that an open Task goes on with, or names by a version, and that was deleted.

    That a team is here which it names anew, `mentions.py` looks, when nobody can delete it meanwhile.
    """
    if session.is_elevated or task["status"] not in _OPEN:
        return
    before = previous if previous and previous["status"] in _OPEN else None
    stood = {_who(named, session) for _, named in _task_teams(before or {})}
    wanted = [(path, named) for path, named in _task_teams(task) if _who(named, session) not in stood]
    if wanted and previous:
        session.hold(key_of(previous))
    take_turns_on(session, [_said(named) for _, named in wanted])
    known = {_said(named) for _, named in _task_teams(previous or {})}
    for path, named in wanted:
        is_told_elsewhere = "/_history/" not in _said(named) and _said(named) not in known
        if not is_told_elsewhere and _found("CareTeam", named, session) is None:
            yield issue("GENERAL_RESOURCE_NOT_FOUND", _said(named), path)


def _task_teams(task: Json) -> Iterator[tuple[str, Json]]:
    for number, each in enumerate(task.get("extension", ())):
        named = each.get("valueReference", {}) if each.get("url") == ehealth.TASK_RESPONSIBLE else {}
        reference = Reference.parse(_said(named))
        if reference and reference.type == "CareTeam":
            yield f"Task.extension[{number}].value", named


def _is_left_alone(resource: Json, previous: Json, session: Session) -> bool:
    if teams_on(resource) or not teams_on(previous):
        return False
    session.hold(key_of(previous))
    take_turns(session, previous)
    episode, plans = course_of(previous, session)
    return loses_its_last([*episode, *plans], [resource])


def _around(resource: Json, session: Session) -> Iterator[Json]:
    """Give the plans that a plan is part of; not another citizen's, or the refusal would tell which team it has."""
    for each in parents(resource):
        parent = read_if_there(session, each)
        if parent and are_of_one_course(parent, resource):
            yield parent


def _teams(resource: Json) -> Iterator[tuple[str, Json]]:
    type = resource.get("resourceType", "")
    for number, each in enumerate(resource.get(TEAM_ELEMENTS.get(type, ""), ())):
        yield f"{type}.{TEAM_ELEMENTS[type]}[{number}]", each


def _organizations(resource: Json) -> Iterator[tuple[str, Json]]:
    """Give whose the data are (dataansvarlig), and who answers for the care; a plan has them from its EpisodeOfCare."""
    if "managingOrganization" in resource:
        yield "EpisodeOfCare.managingOrganization", resource["managingOrganization"]
    for each in extensions(resource, ehealth.CAREMANAGER_ORGANIZATION):
        yield "EpisodeOfCare.extension", each.get("valueReference", {})


def _who(named: Json, session: Session) -> object:
    """Give by what somebody is the same: their URL, with or without a name beside it; who is only called, as called."""
    reference = Reference.parse(_said(named))
    return reference.at(session.server.base_url) if reference else named


def _found(type: str, named: Json, session: Session) -> Json | None:
    """Give what is named, as it is now; None: it is not here, or of another type, or called by a name alone."""
    reference = Reference.parse(_said(named))
    found = read_if_there(session, reference.at(session.server.base_url)) if reference else None
    return found if found and found["resourceType"] == type else None


def _said(named: Json) -> str:
    return str(named.get("reference", ""))

"""`$update-care-teams`: care teams are put on a plan or a course of care, and taken off.

Supported: `addCareTeams` and `removeCareTeams`, also spelled `addCareteams` and `removeCareteams`; on a CarePlan also
for all its sub-plans; `teamHistory` follows, as at each write (`team_history.py`). Gives the updated resource. All or
nothing; two at once wait for each other. A team that is already on, or already off, is left as it is. What is ours: a
team to put on is here and active; and the last team is not taken off, where then neither a plan that is not over nor
its course of care has one, or nobody would see the course of care any more.
Not supported: a change of the plans by that of their EpisodeOfCare, of which the guide says nothing: each plan keeps
its teams, and a team sees the citizen for as long as it is on the course of care or on one of the plans. Participants,
scheduled changes of team and the Tasks of a team that is taken off are left as they are.
Also takes: `CarePlan.read` or `EpisodeOfCare.read`, with the course of care in the token: one changes what one sees.

Source: `fut.md` 1A, 4.5 and 5.2; OperationDefinition CarePlanEpisodeOfCare-i-update-care-teams.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.attending import course_of, key_of, loses_its_last, take_turns, take_turns_on
from kommunalpro.fut.errors import issue, refuse, rule_broken
from kommunalpro.fut.operations.arguments import references
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.team_history import teams_on, with_teams

_ADD, _REMOVE = ("addCareTeams", "addCareteams"), ("removeCareTeams", "removeCareteams")
_MOST = 100
"""Teams in one call: ours."""


@dataclass(frozen=True, slots=True)
class _Change:
    """The teams to put on and to take off, as absolute URLs."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def of(self, resource: Json) -> dict[str, Any]:
        return with_teams(resource, self.added, self.removed)


def update_care_teams(session: Session, parameters: Json, target: str | None) -> Json:
    """Check all at once, then write the target and, of a plan, those of its sub-plans that are changed by it."""
    change = _change(session, parameters)
    type, _, id = str(target).partition("/")
    meant, _ = _meant(session, type, id)
    session.elevated().hold(*map(key_of, meant))
    take_turns(session, meant[0])
    take_turns_on(session, change.added)
    meant, course = _meant(session, type, id)
    refuse(_team_problems(session, change, meant))
    changed = {key_of(each): change.of(each) for each in meant}
    if loses_its_last(course, changed.values()):
        raise rule_broken("KPRO_CARE_TEAM_LAST", "", type)
    for each in meant:
        if (after := changed[key_of(each)]) != each:
            changed[key_of(each)] = session.elevated().update(after, if_match=each["meta"]["versionId"])
    return changed[key_of(meant[0])]


def _meant(session: Session, type: str, id: str) -> tuple[list[Json], list[Json]]:
    """Give what is to be changed, the target first, and the whole course of care that it is of."""
    asked = session.read(type, id)
    episode, plans = course_of(asked, session)
    return [asked, *(_below(asked, plans) if type == "CarePlan" else ())], [*episode, *plans]


def _change(session: Session, parameters: Json) -> _Change:
    """Read what is asked for.

    Raises:
        BadRequest: it is nothing, too much, or that the same team comes and goes.
    """
    added, removed = _addresses(session, parameters, _ADD), _addresses(session, parameters, _REMOVE)
    if not 0 < len(added) + len(removed) <= _MOST:
        raise _unreadable(f"from one to {_MOST} of {', '.join((*_ADD, *_REMOVE))}")
    if set(added) & set(removed):
        raise _unreadable("The same care team is both to be added and to be removed")
    return _Change(added, removed)


def _unreadable(problem: str) -> BadRequest:
    return BadRequest("Skriv, hvilke team der skal sættes på, og hvilke der skal tages af.", diagnostics=problem)


def _addresses(session: Session, parameters: Json, names: Iterable[str]) -> tuple[str, ...]:
    found = [each for name in names for each in references(parameters, name)]
    return tuple(each.at(session.server.base_url) for each in found)


def _below(plan: Json, plans: list[Json]) -> list[Json]:
    """Give all sub-plans of a plan, and theirs."""
    found = {key_of(plan): plan}
    waiting = [key_of(plan)]
    for key in waiting:
        for each in plans:
            if key in _parents(each) and key_of(each) not in found:
                found[key_of(each)] = each
                waiting.append(key_of(each))
    return list(found.values())[1:]


def _parents(plan: Json) -> set[str]:
    named = (Reference.parse(each.get("reference", "")) for each in plan.get("partOf", ()))
    return {each.key for each in named if each}


def _team_problems(session: Session, change: _Change, meant: list[Json]) -> Iterator[Issue]:
    for url in change.added:
        if (_team(session, url) or {}).get("status") != "active":
            yield issue("KPRO_CARE_TEAM_NOT_ACTIVE", url, "Parameters.parameter")
    here = {url for each in meant for url in teams_on(each)}
    for url in change.removed:
        # A team that was deleted can be taken off; a name that is nobody's is a mistake, which must not look like done.
        if url not in here and _team(session, url) is None:
            yield issue("KPRO_CARE_TEAM_UNKNOWN", url, "Parameters.parameter")


def _team(session: Session, url: str) -> Json | None:
    return read_if_there(session, url) if "/CareTeam/" in url else None

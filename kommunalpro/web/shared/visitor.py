"""Who is at the browser: read from the session on every request, with what they may do right now."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from kommunalpro.care.bundles import url_id
from kommunalpro.fut.contexts import TeamChoice, as_citizen, as_practitioner
from kommunalpro.fut.gateway import Principal
from kommunalpro.identity.sessions import SessionUser, choose_team, read_user

OPENED_BY = "opened_by"
"""The field of a form that says who opened it: a visitor's `key`."""

TeamsOf = Callable[[str, str], tuple[TeamChoice, ...]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in. `team` is None for a citizen, and for staff until they have chosen one."""

    principal: Principal
    team: TeamChoice | None = None
    teams: tuple[TeamChoice, ...] = ()

    @property
    def name(self) -> str:
        """Their name, as the header says it."""
        return self.principal.name

    @property
    def key(self) -> str:
        """Who they are, and in which team: `<id>|<id of the team>`, as the forms of their pages say."""
        return "|".join((url_id(self.principal.user), url_id(self.team.care_team) if self.team else ""))

    @property
    def is_citizen(self) -> bool:
        """Whether they are here about themselves."""
        return self.principal.user_type == "PATIENT"


def visitor_of(session: SessionBase, teams_of: TeamsOf) -> Visitor | None:
    """Give who is logged in; None when nobody is. `teams_of` tells the teams of a practitioner by URL and name.

    A team counts only while its own list of members names the user, so whoever is taken off it is out at the next
    request. With one team to choose from there is nothing to choose.
    """
    user = read_user(session)
    if user is None:
        return None
    if user.user_type == "PATIENT":
        return Visitor(as_citizen(user.user_url, user.name))
    teams = teams_of(user.user_url, user.name)
    team = _chosen(user, teams)
    if (team.care_team if team else None) != user.care_team:
        remember_team(session, team)
    return Visitor(as_practitioner(user.user_url, user.name, team), team, teams)


def remember_team(session: SessionBase, team: TeamChoice | None) -> None:
    """Let the user act in this team from now on; None: in none."""
    choose_team(session, organization=team.organization if team else None, care_team=team.care_team if team else None)


def visitor_on(request: HttpRequest) -> Visitor | None:
    """Give the visitor of a request; None also where a request failed before anybody could tell."""
    return getattr(request, "visitor", None)


def _chosen(user: SessionUser, teams: tuple[TeamChoice, ...]) -> TeamChoice | None:
    if len(teams) == 1:
        return teams[0]
    return next((team for team in teams if team.care_team == user.care_team), None)

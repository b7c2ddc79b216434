"""Care teams as clinical administrators read and change them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care import teams
from kommunalpro.care.bundles import url_id
from kommunalpro.care.teams import Found
from kommunalpro.fhir.datetime import in_zone, parse_interval
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fut.membership import is_current, member_url, role_codes
from kommunalpro.fut.treatment_area import condition_name, conditions_of_fsiii, diagnoses
from kommunalpro.web.kam.presenters import labels


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One care team in the list. `members` are those who are in it now."""

    id: str
    name: str
    organization: str
    status: labels.Status
    conditions: tuple[str, ...]
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is in a team now, with everything they may do in it. `id` is empty of who has no page: a device.

    `since` is empty where nobody has written it.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    since: str


@dataclass(frozen=True, slots=True)
class Former:
    """A membership that is over; `since` can be empty."""

    name: str
    roles: tuple[str, ...]
    since: str
    until: str


def team_rows(every: Iterable[Json], organizations: Mapping[str, Json], now: datetime) -> tuple[TeamRow, ...]:
    """Give the teams by name. `organizations` are by version-less URL."""
    rows = (
        TeamRow(
            id=team["id"],
            name=str(team.get("name", "")),
            organization=str(organizations.get(teams.managing(team) or "", {}).get("name", "")),
            status=labels.team_status(team),
            conditions=conditions(team),
            members=len({member_url(each) for each in teams.current(team, now)}),
        )
        for team in every
    )
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def conditions(team: Json) -> tuple[str, ...]:
    """Give the conditions that a team works with, in words."""
    return tuple(condition_name(each) for each in team.get("reasonCode", ()))


def members(team: Json, practitioners: Mapping[str, Json], now: datetime) -> tuple[Member, ...]:
    """Give those who are in a team now, by name, one row a person. `practitioners` are by version-less URL."""
    found: dict[str, list[Json]] = {}
    for participant in teams.current(team, now):
        found.setdefault(member_url(participant), []).append(participant)
    rows = (
        Member(
            id=url_id(url) if "/Practitioner/" in url else "",
            name=name_of(url, practitioners),
            roles=_roles(code for each in many for code in role_codes(each)),
            since=min((start for each in many if (start := _day(each, "start"))), default=("", ""))[1],
        )
        for url, many in found.items()
    )
    return tuple(sorted(rows, key=lambda member: member.name.casefold()))


def former(team: Json, practitioners: Mapping[str, Json], now: datetime) -> tuple[Former, ...]:
    """Give the memberships that are over, the last one first."""
    over = [each for each in team.get("participant", ()) if not is_current(each, now)]
    over.sort(key=lambda each: parse_interval(each["period"]["end"]).end, reverse=True)
    return tuple(
        Former(
            name_of(member_url(each), practitioners),
            _roles(role_codes(each)),
            (_day(each, "start") or ("", ""))[1],
            (_day(each, "end") or ("", ""))[1],
        )
        for each in over
    )


def name_of(url: str, practitioners: Mapping[str, Json]) -> str:
    """Give what a member is called."""
    return full_name(practitioners.get(url, {})) or "–"


def role_choices() -> list[tuple[str, str]]:
    """Give the roles that can be chosen, each with what it lets one do."""
    return [(code, f"{role.words}: {role.may}") for code, role in labels.roles().items()]


def person_choices(found: Found) -> list[tuple[str, str]]:
    """Give the people that can be chosen, by id, each with where they work."""
    return [
        (url_id(url), ", ".join((full_name(person) or "–", *found.workplaces.get(url, ()))))
        for url, person in found.practitioners.items()
    ]


def condition_choices(team: Json | None = None) -> dict[str, dict[str, Json]]:
    """Give the conditions that a team can work with: kind → `system|code` → concept.

    Diseases stand by name, conditions of FSIII in its order, and last what else the team has already.
    """
    diseases = sorted(diagnoses(), key=lambda each: str(each["display"]))
    offered = {
        _("Sygdomme"): {_key(each): each for each in _concepts(diseases)},
        _("Tilstande i FSIII, kommunernes fælles sprog"): {
            _key(each): each for each in _concepts(conditions_of_fsiii())
        },
    }
    known = {key for each in offered.values() for key in each}
    others = {key: each for each in (team or {}).get("reasonCode", ()) if (key := _key(each)) not in known}
    return {**offered, **({_("Andet"): others} if others else {})}


def _concepts(codings: Iterable[Json]) -> list[Json]:
    return [{"coding": [each]} for each in codings]


def chosen_conditions(team: Json) -> list[str]:
    """Give the conditions that a team has, as they are chosen."""
    return [_key(each) for each in team.get("reasonCode", ())]


def changes(before: Json, organizations: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Say what stands in a team now, for who has written something else meanwhile."""
    return (
        (_("Navn"), str(before.get("name", ""))),
        (_("Status"), labels.team_status(before).words),
        (_("Arbejder med"), " · ".join(conditions(before))),
        (_("Organisation"), str(organizations.get(teams.managing(before) or "", {}).get("name", "–"))),
    )


def roles_now(held: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Say which roles a member has now, for who has chosen others meanwhile."""
    return ((_("Roller"), ", ".join(_roles(held))),)


def _key(concept: Json) -> str:
    coding: Json = next(iter(concept.get("coding", ())), {})
    return f"{coding.get('system', '')}|{coding.get('code', '')}"


def _roles(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels.role(code) for code in codes))


def _day(participant: Json, which: str) -> tuple[str, str] | None:
    """Give a moment of a membership as what sorts, and as a day in words."""
    text = participant.get("period", {}).get(which)
    if not text:
        return None
    moment = in_zone(parse_interval(text).start)
    pattern = "d. MMMM y" if (get_language() or "da") == "da" else "d MMMM y"
    return moment.isoformat(), format_date(moment.date(), pattern, get_language() or "da")

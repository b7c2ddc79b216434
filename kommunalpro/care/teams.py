"""Care teams as clinical administrators make them: what a team is, who is in it, whose it is, and what hangs on it.

Functions that change a team give the changed resource and store nothing (`planning.save` does). Who leaves, or gets
other roles, is left out or written anew: the infrastructure keeps what they were, and until when (`fut.membership`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.care.bundles import batch, escaped
from kommunalpro.care.organizations import is_below
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.attending import GOING_ON
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.membership import is_current, member_url, role_codes
from kommunalpro.fut.task_codes import OPEN

MOST_FOUND = 20
"""People that are shown for one search."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """How many open courses of care, and plans, a team is on."""

    episodes: int
    plans: int


@dataclass(frozen=True, slots=True)
class Found:
    """People who could be members: Practitioners by URL, where each works, and whether there are more than these."""

    practitioners: Mapping[str, Json]
    workplaces: Mapping[str, tuple[str, ...]]
    has_more: bool


def new_team(name: str, organization: str, conditions: Sequence[Json]) -> dict[str, Any]:
    """Give a team that is proposed, has no members yet, and is run by an organisation."""
    made = {"resourceType": "CareTeam", "meta": {"profile": [ehealth.profile("CareTeam")]}, "status": "proposed"}
    return described({**made, "managingOrganization": [{"reference": organization}]}, name, conditions)


def described(team: Json, name: str, conditions: Sequence[Json]) -> dict[str, Any]:
    """Give a team another name and other conditions; one that it has already keeps its words."""
    known = {_code(each): each for each in team.get("reasonCode", ())}
    return {**team, "name": name, "reasonCode": [known.get(_code(each), each) for each in conditions]}


def with_roles(team: Json, practitioner: str, roles: Iterable[str], now: datetime) -> dict[str, Any]:
    """Let somebody be in a team with these roles and no other, from now on; who has them is left as they are."""
    wanted = list(dict.fromkeys(roles))
    if sorted(roles_of(team, practitioner, now)) == sorted(wanted):
        return dict(team)
    coded = [{"coding": [{"system": ehealth.CARETEAM_PARTICIPANT_ROLE, "code": each}]} for each in wanted]
    staying = _without(team, practitioner, now)
    return {**team, "participant": [*staying, {"role": coded, "member": {"reference": practitioner}}]}


def without_member(team: Json, practitioner: str, now: datetime) -> dict[str, Any]:
    """Let somebody leave a team now."""
    staying = _without(team, practitioner, now)
    return {name: each for name, each in {**team, "participant": staying}.items() if each != []}


def roles_of(team: Json, practitioner: str, now: datetime) -> tuple[str, ...]:
    """Give what somebody may do in a team now; nothing: they are not in it."""
    mine = (each for each in current(team, now) if member_url(each) == practitioner)
    return tuple(dict.fromkeys(code for each in mine for code in role_codes(each)))


def current(team: Json, now: datetime) -> Iterator[Json]:
    """Give the memberships that have not ended."""
    return (each for each in team.get("participant", ()) if is_current(each, now))


def is_last(team: Json, practitioner: str, now: datetime) -> bool:
    """Tell whether a team has no other member than this one."""
    return {member_url(each) for each in current(team, now)} == {practitioner}


def managing(team: Json) -> str | None:
    """Give the version-less URL of the organisation that runs a team; None means none is named."""
    reference = next((each.get("reference", "") for each in team.get("managingOrganization", ())), "")
    parsed = Reference.parse(reference)
    return parsed.url if parsed else None


def runs(organization: str | None, team: Json, organizations: Mapping[str, Json]) -> bool:
    """Tell whether an organisation runs a team, or stands above the one that does; `organizations` are by URL."""
    return is_below(managing(team), organization, organizations)


class Members:
    """Who is in the team of the acting user now; read when somebody else has taken a task."""

    def __init__(self, gateway: Gateway, by: Principal, now: datetime) -> None:
        self._gateway, self._by, self._now = gateway, by, now
        self._known: frozenset[str] | None = None

    def has_left(self, owner: str | None) -> bool:
        """Tell whether somebody who has taken a task is in the team no more: it waits for another then."""
        return owner not in (None, self._by.user) and owner not in self._urls()

    def _urls(self) -> frozenset[str]:
        if self._known is None:
            team = self._gateway.read(self._by.context.care_team or "", by=self._by, now=self._now)
            self._known = frozenset(member_url(each) for each in current(team, self._now))
        return self._known


def hanging(gateway: Gateway, team: str, *, now: datetime) -> Hanging | None:
    """Count what a team is on. A number says nothing of anybody, so it is told to who may close the team.

    None: it cannot be counted here. It takes who sees everything (SYSTEM), and on the national infrastructure that is
    nobody who signs in: who closes a team may see none of its courses, and would be told that it is on none.
    """
    try:
        return Hanging(*(_count(gateway, type, team, now) for type in ("EpisodeOfCare", "CarePlan")))
    except Forbidden:
        return None


def taken_by(gateway: Gateway, team: str, practitioner: str, *, now: datetime) -> int | None:
    """Count the open tasks of a team that one of its members has taken. None: it cannot be counted here, as above."""
    asked = [("responsible", team), ("owner", practitioner), ("status", OPEN), ("_summary", "count")]
    try:
        return int(gateway.search("Task", asked, by=SYSTEM, now=now)["total"])
    except Forbidden:
        return None


def _count(gateway: Gateway, type: str, team: str, now: datetime) -> int:
    parameter, statuses = GOING_ON[type]
    asked = [(parameter, team), ("status", ",".join(statuses)), ("_summary", "count")]
    return int(gateway.search(type, asked, by=SYSTEM, now=now)["total"])


def find_people(gateway: Gateway, name: str, *, by: Principal, now: datetime) -> Found:
    """Give those whose name has these words in it, with where they work: two can be called the same."""
    words = [("name:contains", escaped(word)) for word in name.split()]
    bundle = gateway.search("Practitioner", [*words, ("_count", str(MOST_FOUND + 1))], by=by, now=now)
    every = {own_url(gateway.base_url, each): each for each in resources(bundle, "Practitioner")}
    people = dict(list(every.items())[:MOST_FOUND])
    return Found(people, _workplaces(gateway, people, by=by, now=now), len(every) > MOST_FOUND)


def _workplaces(
    gateway: Gateway, people: Mapping[str, Json], *, by: Principal, now: datetime
) -> dict[str, tuple[str, ...]]:
    """Give the names of the organisations that people have a role in, and of the teams that they are in."""
    if not people:
        return {}
    listed = ",".join(people)
    roles = gateway.search("PractitionerRole", [("practitioner", listed), ("_count", "200")], by=by, now=now)
    held = [
        (_url(role.get("practitioner", {})), _url(role.get("organization", {})))
        for role in resources(roles, "PractitionerRole")
    ]
    organizations = batch(gateway, "Organization", {place for _, place in held if place}, by=by, now=now)
    found: dict[str, list[str]] = {url: [] for url in people}
    for person, place in held:
        if person in found and place in organizations:
            found[person].append(str(organizations[place].get("name", "")))
    asked = [("participant", listed), ("status", "active"), ("_count", "200")]
    for team in resources(gateway.search("CareTeam", asked, by=by, now=now), "CareTeam"):
        for person in {member_url(each) for each in current(team, now)} & found.keys():
            found[person].append(str(team.get("name", "")))
    return {person: tuple(dict.fromkeys(places)) for person, places in found.items()}


def _without(team: Json, practitioner: str, now: datetime) -> list[Json]:
    """Give the participants without somebody's memberships that have not ended; what is over stays."""
    every = team.get("participant", ())
    return [each for each in every if member_url(each) != practitioner or not is_current(each, now)]


def _code(concept: Json) -> tuple[str, str]:
    coding: Json = next(iter(concept.get("coding", ())), {})
    return coding.get("system", ""), coding.get("code", "")


def _url(reference: Json) -> str:
    parsed = Reference.parse(str(reference.get("reference", "")))
    return parsed.url if parsed else ""

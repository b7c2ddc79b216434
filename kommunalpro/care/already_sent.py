"""Whether a citizen is in the middle of a plan already, when somebody is about to send it.

It is the same plan whatever its version: all versions have their base in common; and who is sent a plan is sent the
plans in it. A plan that waits, is paused, or still asks something counts; one whose questionnaires are answered or over
does not, though nobody has ended it: sending the same questionnaire before each talk is how it is meant to be used.
Plans that the acting team is not on are not seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kommunalpro.care.bundles import all_pages, batch, versionless
from kommunalpro.care.due import due_for
from kommunalpro.care.parts import requests_of, with_parts
from kommunalpro.care.sub_plans import sub_plan_urls
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Conflict
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.descent import base_of
from kommunalpro.fut.gateway import Gateway, Principal


@dataclass(frozen=True, slots=True)
class Running:
    """A plan that the citizen follows. `teams` are the names of the care teams that are on it."""

    care_plan: str
    title: str
    since: datetime
    teams: tuple[str, ...]
    is_paused: bool


class AlreadySent(Conflict):
    """The citizen follows the plan already, and nobody has said that it is sent once more. `running`, oldest first."""

    def __init__(self, running: tuple[Running, ...]) -> None:
        super().__init__("Borgeren følger allerede planen.", diagnostics="The plan runs in this course of care.")
        self.running = running


def running_plans(
    gateway: Gateway, patient: str, episode: str, plan: str, *, by: Principal, now: datetime
) -> tuple[Running, ...]:
    """Give what a citizen follows of a plan, or of those in it, in a course of care, in any version, the oldest first.

    `plan` is the URL of a PlanDefinition.
    """
    within = by.within(patient=patient, episode_of_care=episode)
    same = list(_same(gateway, episode, plan, by=within, now=now))
    if not same:
        return ()
    everywhere = by.within(patient=patient, episode_of_care=None)
    due = due_for(gateway, patient, by=everywhere, now=now, back=timedelta(0))
    asking = {versionless(each.care_plan) for each in due}
    found = [each for each in _whole(gateway.base_url, same) if _is_running(gateway, each, asking, by=within, now=now)]
    urls = {team["reference"] for each in found for team in each.get("careTeam", ())}
    teams = batch(gateway, "CareTeam", urls, by=by.within(patient=None, episode_of_care=None), now=now)
    return tuple(sorted((_running(gateway.base_url, each, teams) for each in found), key=lambda each: each.since))


def _same(gateway: Gateway, episode: str, plan: str, *, by: Principal, now: datetime) -> Iterator[Json]:
    """Give the citizen's plans that were made of a version of a plan, or of one in it, and that nobody has ended."""
    query = [("episodeOfCare", episode), ("status", "active,on-hold"), ("_count", "100")]
    if team := by.context.care_team:
        query.append(("care-team", team))
    pages = all_pages(gateway, "CarePlan", query, by=by, now=now)
    open_plans = [each for page in pages for each in resources(page, "CarePlan")]
    if not open_plans:
        return iter(())
    made_of = {each["id"]: {*map(versionless, each.get("instantiatesCanonical", ()))} for each in open_plans}
    nobody = by.within(patient=None, episode_of_care=None)
    sent = _taken_in(gateway, plan, by=nobody, now=now)
    followed = batch(gateway, "PlanDefinition", set().union(*made_of.values()), by=nobody, now=now)
    own = {base for each in sent.values() if (base := base_of(each))}
    versions = {url for url, each in followed.items() if base_of(each) in own} | {versionless(plan), *sent}
    return (each for each in open_plans if made_of[each["id"]] & versions)


def _taken_in(gateway: Gateway, plan: str, *, by: Principal, now: datetime) -> dict[str, Json]:
    """Give a plan and the plans in it, by version-less URL."""
    found: dict[str, Json] = {}
    asked: set[str] = set()
    while urls := {versionless(plan)}.union(*map(sub_plan_urls, found.values())) - asked:
        asked |= urls
        found |= batch(gateway, "PlanDefinition", urls, by=by, now=now)
    return found


def _whole(base_url: str, care_plans: Sequence[Json]) -> Iterator[Json]:
    """Give the plans that are not a part of another of them, which is told with it."""
    urls = {own_url(base_url, each) for each in care_plans}
    for each in care_plans:
        if urls.isdisjoint(versionless(part["reference"]) for part in each.get("partOf", ())):
            yield each


def _is_running(gateway: Gateway, care_plan: Json, asking: set[str], *, by: Principal, now: datetime) -> bool:
    """Tell whether a plan, or one in it, asks something or will. `asking`: the plans that something is due of."""
    if care_plan["status"] == "on-hold":
        return True
    parts = list(with_parts(gateway, care_plan, by=by, now=now))
    if any(own_url(gateway.base_url, each) in asking for each in parts):
        return True
    requests = (gateway.read(url, by=by, now=now) for each in parts for url in requests_of(each))
    return any(each["status"] == "on-hold" for each in requests)


def _running(base_url: str, care_plan: Json, teams: dict[str, Json]) -> Running:
    on_it = (teams.get(versionless(each["reference"]), {}) for each in care_plan.get("careTeam", ()))
    return Running(
        care_plan=own_url(base_url, care_plan),
        title=str(care_plan.get("title", "")),
        since=parse_datetime(care_plan["period"]["start"]),
        teams=tuple(str(each["name"]) for each in on_it if "name" in each),
        is_paused=care_plan["status"] == "on-hold",
    )

"""Whether a citizen is in the middle of a plan already, or of its questionnaires, when somebody is about to send it.

It is the same plan whatever its version, and the same questionnaire: all versions have their base in common. Who is
sent a plan is sent the plans in it. A plan that waits, is paused, or still asks something counts; one whose
questionnaires are answered or over does not, though nobody has ended it: sending the same questionnaire before each
talk is how it is meant to be used. All courses of care of the citizen count that have not ended. Plans that the acting
team is not on are not seen.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kommunalpro.care.bundles import batch, versionless
from kommunalpro.care.citizens import OVER
from kommunalpro.care.due import due_for, find_questionnaire
from kommunalpro.care.followed import Followed, plans_followed
from kommunalpro.care.sub_plans import definition_url, sub_plan_urls
from kommunalpro.care.waiting import asks, steps_of
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.ehealth import WORKFLOW_EPISODE_OF_CARE
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Conflict
from kommunalpro.fut.descent import base_of
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.timing import has_ended


@dataclass(frozen=True, slots=True)
class Running:
    """A plan that the citizen follows. `teams` are the names of the care teams that are on it.

    `is_elsewhere`: in another course of care than the one it was asked for. `is_another`: it is a plan of its own,
    which asks something of the same.
    """

    care_plan: str
    title: str
    since: datetime
    teams: tuple[str, ...]
    is_paused: bool
    is_elsewhere: bool = False
    is_another: bool = False


class AlreadySent(Conflict):
    """The citizen is asked the same already, and nobody has said that it is sent once more. `running`, oldest first."""

    def __init__(self, running: tuple[Running, ...]) -> None:
        super().__init__("Borgeren bliver allerede spurgt om det samme.", diagnostics="A plan that runs asks the same.")
        self.running = running


def running_plans(
    gateway: Gateway, patient: str, episode: str, plan: str, *, by: Principal, now: datetime
) -> tuple[Running, ...]:
    """Give what a citizen follows of a plan, of those in it, or that asks the same, in any version, the oldest first.

    `plan` is the URL of a PlanDefinition, `episode` that of the course of care in which it is to be sent.
    """
    nobody = by.within(patient=None, episode_of_care=None)
    about = by.within(patient=patient, episode_of_care=None)
    followed = _followed(gateway, patient, by=about, now=now)
    counted = followed and _counted(gateway, plan, followed, by=nobody, now=now)
    if not counted:
        return ()
    due = {each.service_request for each in due_for(gateway, patient, by=about, now=now, back=timedelta(0))}
    asking = due.union(*(_waiting(each, now) for each in followed.values()))
    found = {url: is_another for (url, is_another), requests in counted.items() if requests & asking}
    urls = {team["reference"] for url in found for team in followed[url].plan.get("careTeam", ())}
    teams = batch(gateway, "CareTeam", urls, by=nobody, now=now)
    running = (_running(url, followed[url], teams, episode, is_another=is_another) for url, is_another in found.items())
    return tuple(sorted(running, key=lambda each: each.since))


def _is_paused(followed: Followed) -> bool:
    """Tell whether a plan is paused, or its whole course of care is."""
    return followed.plan["status"] == "on-hold" or followed.course.get("status") == "onhold"


def _waiting(followed: Followed, now: datetime) -> set[str]:
    """Give the URLs of what will ask, and does not now: for want of other answers, or because of a pause."""
    is_paused = _is_paused(followed)
    return {
        url
        for url, request in followed.requests.items()
        if request["status"] == "on-hold"
        or (is_paused and request["status"] == "active" and not has_ended(request, now))
    }


def _followed(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> dict[str, Followed]:
    """Give the plans of a citizen that nobody has ended, nor their course of care, by URL."""
    running = plans_followed(gateway, patient, [("status", "active,on-hold")], by=by, now=now)
    return {each.url: each for each in running if each.course.get("status") not in OVER}


def _counted(
    gateway: Gateway, plan: str, followed: Mapping[str, Followed], *, by: Principal, now: datetime
) -> dict[tuple[str, bool], set[str]]:
    """Give the plans to tell of (and whether each is another plan), with the URLs of what counts in it.

    Of a version of the plan, or of one in it, all that it and its parts ask; of others what asks the same.
    """
    sent = _taken_in(gateway, plan, by=by, now=now)
    made_of = {at: _canonicals(each.plan) for at, each in followed.items()}
    definitions = batch(gateway, "PlanDefinition", set().union(*made_of.values()), by=by, now=now)
    own = {base for each in sent.values() if (base := base_of(each))}
    versions = {url for url, each in definitions.items() if base_of(each) in own} | {versionless(plan), *sent}
    same = {at for at, urls in made_of.items() if urls & versions}
    steps = {definition_url(step) for each in sent.values() for step in steps_of(each) if asks(step)}
    asked = {url: _canonicals(request) for each in followed.values() for url, request in each.requests.items()}
    bases = _questionnaires(gateway, steps.union(*asked.values()), by=by, now=now)
    wanted = {bases[url] for url in steps & bases.keys()}
    counted = defaultdict[tuple[str, bool], set[str]](set)
    for at, each in followed.items():
        whole = _whole(at, followed, same)
        urls = {url for url in each.requests if whole or wanted & {bases.get(one) for one in asked[url]}}
        if urls:
            counted[whole or at, whole is None] |= urls
    return counted


def _taken_in(gateway: Gateway, plan: str, *, by: Principal, now: datetime) -> dict[str, Json]:
    """Give a plan and the plans in it, by version-less URL."""
    found: dict[str, Json] = {}
    asked: set[str] = set()
    while urls := {versionless(plan)}.union(*map(sub_plan_urls, found.values())) - asked:
        asked |= urls
        found |= batch(gateway, "PlanDefinition", urls, by=by, now=now)
    return found


def _questionnaires(gateway: Gateway, activities: set[str], *, by: Principal, now: datetime) -> dict[str, str]:
    """Give what all versions of the questionnaire that an activity asks have in common, by the activity's URL."""
    known = batch(gateway, "ActivityDefinition", activities, by=by, now=now)
    asked = {at: versionless(url) for at, each in known.items() if (url := find_questionnaire(each))}
    questionnaires = batch(gateway, "Questionnaire", asked.values(), by=by, now=now)
    return {at: base_of(questionnaires.get(url, {})) or url for at, url in asked.items()}


def _whole(at: str, followed: Mapping[str, Followed], same: set[str]) -> str | None:
    """Give which of the `same` a plan is, or is a part of, the outermost; None: none."""
    found, level, left = None, [at], dict(followed)
    while level:
        found = next((each for each in level if each in same), found)
        parts = [left.pop(each).plan.get("partOf", ()) for each in level if each in left]
        level = [versionless(part["reference"]) for each in parts for part in each]
    return found


def _canonicals(resource: Json) -> set[str]:
    return {*map(versionless, resource.get("instantiatesCanonical", ()))}


def _running(url: str, followed: Followed, teams: Mapping[str, Json], episode: str, *, is_another: bool) -> Running:
    on_it = (teams.get(versionless(each["reference"]), {}) for each in followed.plan.get("careTeam", ()))
    course = extension_value(followed.plan, WORKFLOW_EPISODE_OF_CARE)["reference"]
    return Running(
        care_plan=url,
        title=str(followed.plan.get("title", "")),
        since=parse_datetime(followed.plan["period"]["start"]),
        teams=tuple(str(each["name"]) for each in on_it if "name" in each),
        is_paused=_is_paused(followed),
        is_elsewhere=versionless(course) != versionless(episode),
        is_another=is_another,
    )

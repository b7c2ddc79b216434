"""Sending a questionnaire: choose a published plan with one activity, say when, and it is on its way.

`$apply` makes a draft CarePlan with its ServiceRequest; one transaction activates both with an occurrence (`fut.md`
4.5, 7.3). Which occurrence, so that `$get-patient-procedures` resolves it to slots with a beginning and an end
(`fut.md` 4.1; an open occurrencePeriod would be ad hoc: never overdue, never done):

- now: `occurrencePeriod` from now until the last day for answers, one slot;
- on a date: `occurrencePeriod` from the beginning of that day until the last day for answers, one slot;
- every N weeks: `occurrenceTiming` that recurs on the weekday of the first date (`period` N `wk`, `dayOfWeek`,
  `frequency` 1), bounded at both ends, each slot as long as answers are taken (`duration` in days, never so long that
  two slots overlap).

Days begin at midnight on the Danish clock; the last day for answers is the day's last minute.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from kommunalpro.care.bundles import by_url
from kommunalpro.care.due import find_questionnaire
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources, transaction, update_entry
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import RuleBroken, Unprocessable
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal

DENMARK = ZoneInfo("Europe/Copenhagen")
DAYS_TO_ANSWER = 14
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Now:
    """At once, once. `days` to answer in, today not counted."""

    days: int = DAYS_TO_ANSWER


@dataclass(frozen=True, slots=True)
class OnDate:
    """Once, from a day on."""

    day: date
    days: int = DAYS_TO_ANSWER


@dataclass(frozen=True, slots=True)
class EveryWeeks:
    """Every `weeks` weeks on the weekday of `first`, for the last time on or before `until`."""

    weeks: int
    first: date
    until: date
    days: int = DAYS_TO_ANSWER


When: TypeAlias = Now | OnDate | EveryWeeks


@dataclass(frozen=True, slots=True)
class Sendable:
    """A published plan that sends one questionnaire. `plan` and `questionnaire` are absolute URLs.

    `title` is what staff call it (the employee title, else the questionnaire's own). `published`: when this version
    of the plan was stored.
    """

    plan: str
    title: str
    questionnaire: str
    version: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What was activated, by absolute URL."""

    care_plan: str
    service_request: str


def sendable_plans(gateway: Gateway, *, by: Principal, now: datetime) -> tuple[Sendable, ...]:
    """Give the published plans with exactly one activity, which is a questionnaire, by title."""
    found = gateway.search(
        "PlanDefinition",
        [("status", "active"), ("_include", "PlanDefinition:definition"), ("_count", "100")],
        by=by.within(patient=None, episode_of_care=None),
        now=now,
    )
    known = by_url(found, gateway.base_url)
    plans = [_sendable(gateway.base_url, plan, known) for plan in resources(found, "PlanDefinition")]
    return tuple(sorted((plan for plan in plans if plan is not None), key=lambda plan: plan.title))


def send(gateway: Gateway, patient: str, episode: str, plan: str, when: When, *, by: Principal, now: datetime) -> Sent:
    """Send a questionnaire to a citizen within a course of care.

    Raises:
        RuleBroken: a time that lies in the past or never comes.
        Unprocessable: the plan is not one with a single activity.
    """
    occurs = occurrence(when, now)
    within = by.within(patient=patient, episode_of_care=episode)
    asked = parameters({"name": "episodeOfCare", "valueReference": {"reference": episode}})
    care_plan = _care_plan(gateway.operation("$apply", asked, target=plan, by=within, now=now))
    requests = [activity["reference"]["reference"] for activity in care_plan.get("activity", ())]
    if len(requests) != 1:
        raise Unprocessable("Planen har flere aktiviteter.", diagnostics="Only plans with one activity can be sent.")
    request = gateway.read(requests[0], by=within, now=now)
    gateway.transaction(_activation(care_plan, request, occurs, by), by=within, now=now)
    return Sent(own_url(gateway.base_url, care_plan), own_url(gateway.base_url, request))


def occurrence(when: When, now: datetime) -> dict[str, Any]:
    """Give `occurrence[x]` of a ServiceRequest, and check that it lies ahead.

    Raises:
        RuleBroken: it lies in the past, ends before it begins, or leaves no day to answer in.
    """
    _check(when, now.astimezone(DENMARK).date())
    match when:
        case Now():
            today = now.astimezone(DENMARK).date()
            return {"occurrencePeriod": {"start": _text(now), "end": _last_minute(today + timedelta(when.days))}}
        case OnDate():
            return {
                "occurrencePeriod": {"start": _first(when.day), "end": _last_minute(when.day + timedelta(when.days))}
            }
        case EveryWeeks():
            return {"occurrenceTiming": {"repeat": _repeat(when)}}


def _repeat(when: EveryWeeks) -> dict[str, Any]:
    return {
        "boundsPeriod": {"start": _first(when.first), "end": _last_minute(when.until)},
        "frequency": 1,
        "period": when.weeks,
        "periodUnit": "wk",
        "dayOfWeek": [_WEEKDAYS[when.first.weekday()]],
        "duration": min(when.days, 7 * when.weeks),
        "durationUnit": "d",
    }


def _check(when: When, today: date) -> None:
    if when.days < 1:
        raise RuleBroken("Giv mindst én dag til at svare i.", diagnostics="No day to answer in.")
    if isinstance(when, OnDate) and when.day < today:
        raise RuleBroken("Vælg en dag, der ikke er gået.", diagnostics="The day is over.")
    if isinstance(when, EveryWeeks):
        if when.first < today:
            raise RuleBroken("Vælg en første dag, der ikke er gået.", diagnostics="The first day is over.")
        if when.until < when.first:
            raise RuleBroken("Sidste dag ligger før den første.", diagnostics="Ends before it begins.")
        if not 1 <= when.weeks <= 52:
            raise RuleBroken("Vælg mellem 1 og 52 uger.", diagnostics="Weeks out of range.")


def _first(day: date) -> str:
    return _text(datetime.combine(day, time.min, DENMARK))


def _last_minute(day: date) -> str:
    return _text(datetime.combine(day, time(23, 59), DENMARK))


def _text(moment: datetime) -> str:
    return to_datetime(moment.astimezone(DENMARK))


def _activation(care_plan: Json, request: Json, occurs: Json, by: Principal) -> dict[str, Any]:
    """Activate plan and request together; the plan is put on the acting team, whose tasks will come of it."""
    team = {"reference": by.context.care_team}
    teams = [*care_plan.get("careTeam", ())]
    if by.context.care_team and team not in teams:
        teams.append(team)
    kept = {key: value for key, value in request.items() if not key.startswith("occurrence")}
    active_plan = {**care_plan, "status": "active", "careTeam": teams}
    active_request = {**kept, "status": "active", **occurs}
    return transaction(
        [update_entry(each, if_match=each["meta"]["versionId"]) for each in (active_plan, active_request)]
    )


def _care_plan(result: Json) -> dict[str, Any]:
    if result.get("resourceType") == "CarePlan":
        return dict(result)
    found = next(resources(result, "CarePlan"), None)
    if found is None:
        raise Unprocessable("Planen kunne ikke bruges.", diagnostics="$apply gave no CarePlan.")
    return dict(found)


def _sendable(base_url: str, plan: Json, known: dict[str, Json] | Any) -> Sendable | None:
    actions = plan.get("action", ())
    if len(actions) != 1 or "definitionCanonical" not in actions[0]:
        return None
    activity = known.get(actions[0]["definitionCanonical"].partition("/_history/")[0])
    questionnaire = find_questionnaire(activity) if activity else None
    if questionnaire is None:
        return None
    title = extension_value(plan, ehealth.EMPLOYEE_TITLE) or plan.get("title") or plan.get("name") or ""
    return Sendable(
        plan=own_url(base_url, plan),
        title=str(title),
        questionnaire=questionnaire,
        version=str(plan.get("version", "")),
        published=datetime.fromisoformat(plan["meta"]["lastUpdated"]),
    )

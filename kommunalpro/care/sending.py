"""Sending a plan: choose a published one, say when, and its questionnaires are on their way.

`$apply` makes a draft CarePlan with its ServiceRequest; one transaction activates both with an occurrence (`fut.md`
4.5, 7.3). Which occurrence, so that `$get-patient-procedures` resolves it to slots with a beginning and an end
(`fut.md` 4.1; an open occurrencePeriod would be ad hoc: never overdue, never done):

- now: `occurrencePeriod` from now until the last day for answers, one slot;
- on a date: `occurrencePeriod` from the beginning of that day until the last day for answers, one slot;
- every N weeks: `occurrenceTiming` that recurs on the weekday of the first date (`period` N `wk`, `dayOfWeek`,
  `frequency` 1), bounded at both ends, each slot as long as answers are taken (`duration` in days, never so long that
  two slots overlap);
- as planned: each activity with a rhythm of its own follows that from the first day on, the others are asked once, on
  that day. Only so can a plan of several activities be sent.

An activity that waits for another (its plan's trigger) is put on hold, and begins when that has been answered. Plans in
a plan are activated with it, and so are their goals, whose time begins on the first day.

What could not be activated is taken back, so that it is in nobody's way. Where nobody knows whether it was, that tells.

Days begin at midnight on the Danish clock; the last day for answers is the day's last minute.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from kommunalpro.care.already_sent import AlreadySent, running_plans
from kommunalpro.care.bundles import all_pages, batch, by_url, url_id, versionless
from kommunalpro.care.due import find_questionnaire
from kommunalpro.care.parts import goals_of, requests_of, with_parts
from kommunalpro.care.sub_plans import all_steps, definition_url
from kommunalpro.care.turns import in_turn
from kommunalpro.care.withdrawing import take_back
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources, transaction, update_entry
from kommunalpro.fhir.datetime import DENMARK, to_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, RuleBroken, Unprocessable
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.moments import begins_at, is_duration, later
from kommunalpro.fut.occurrences import planned
from kommunalpro.fut.timing import bounded, has_ended
from kommunalpro.fut.triggers import trigger_of

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


@dataclass(frozen=True, slots=True)
class AsPlanned:
    """As the plan says, from a day on. `days` to answer in where the plan does not say it."""

    day: date
    days: int = DAYS_TO_ANSWER


When: TypeAlias = Now | OnDate | EveryWeeks | AsPlanned


@dataclass(frozen=True, slots=True)
class Sendable:
    """A published plan that sends questionnaires. `plan` and `questionnaire`, the first, are absolute URLs.

    `title` is what staff call it (the employee title, else the questionnaire's own). `published`: when this version
    of the plan was stored. `activities`: how many questionnaires it sends, each once or many times. `times`: what it
    says of when, as `occurrence[x]`, of those of which it says so; `apart`: of these, of what waits for nothing.
    `waits`: some of it waits for answers to other of it.
    """

    plan: str
    title: str
    questionnaire: str
    version: str
    published: datetime
    activities: int = 1
    times: tuple[Json, ...] = ()
    apart: tuple[Json, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What was activated, by absolute URL."""

    care_plan: str
    service_requests: tuple[str, ...]


def sendable_plans(gateway: Gateway, *, by: Principal, now: datetime) -> tuple[Sendable, ...]:
    """Give the published plans whose activities are questionnaires, those of the plans in them too, by title.

    What asks something that has been taken out of use since is left out.
    """
    asked = [("status", "active"), ("_include", "PlanDefinition:definition"), ("_count", "100")]
    nobody = by.within(patient=None, episode_of_care=None)
    pages = all_pages(gateway, "PlanDefinition", asked, by=nobody, now=now)
    known = {url: each for page in pages for url, each in by_url(page, gateway.base_url).items()}
    in_use = [each for each in known.values() if each["resourceType"] == "PlanDefinition" and _is_in_use(each)]
    found = [sendable for plan in in_use if (sendable := _sendable(gateway.base_url, plan, known))]
    urls = {url for _, questionnaires in found for url in questionnaires}
    usable = batch(gateway, "Questionnaire", urls, [("status", "active")], by=nobody, now=now).keys()
    plans = (plan for plan, questionnaires in found if usable >= questionnaires)
    return tuple(sorted(plans, key=lambda plan: plan.title))


def planned_times(plan: Sendable, when: AsPlanned, now: datetime) -> tuple[Json, ...]:
    """Give when that will be asked which the plan says when of, and which waits for nothing, as `occurrence[x]`.

    Raises:
        RuleBroken: a time that is over, or never comes; `send` refuses it as well.
    """
    return tuple(_as_planned(each, when, now, waits=False) for each in plan.apart)


def send(
    gateway: Gateway,
    patient: str,
    episode: str,
    plan: str,
    when: When,
    *,
    by: Principal,
    now: datetime,
    beside: Collection[str] | None = (),
) -> Sent:
    """Send a plan to a citizen within a course of care.

    `beside` are the CarePlans by which they follow it already, and that it is sent beside; None: whatever there is.

    Raises:
        RuleBroken: a time that lies in the past or never comes.
        AlreadySent: they follow it already, by another than those; nothing is sent.
        Unprocessable: the plan has several activities, each with its own time, and is not sent as planned.
        Unanswered: nobody knows whether it was sent, or another press may be sending it still.
    """
    _check(when, now.astimezone(DENMARK).date())
    # Two presses at once, of a plan or of one that it is in: who comes last is asked about what the first has sent.
    with in_turn(f"send|{url_id(patient)}", now):
        running = () if beside is None else running_plans(gateway, patient, episode, plan, by=by, now=now)
        if any(each.care_plan not in (beside or ()) for each in running):
            raise AlreadySent(running)
        return _sent(gateway, episode, plan, when, by=by.within(patient=patient, episode_of_care=episode), now=now)


def _sent(gateway: Gateway, episode: str, plan: str, when: When, *, by: Principal, now: datetime) -> Sent:
    asked = parameters({"name": "episodeOfCare", "valueReference": {"reference": episode}})
    whole = _care_plan(gateway.operation("$apply", asked, target=plan, by=by, now=now))
    care_plan = own_url(gateway.base_url, whole)
    try:
        urls = _activate(gateway, whole, when, by=by, now=now)
    except FhirError as wrong:
        take_back(gateway, care_plan, wrong, version=whole["meta"]["versionId"], by=by, now=now)
        urls = [url for each in with_parts(gateway, whole, by=by, now=now) for url in requests_of(each)]
    return Sent(care_plan, tuple(urls))


def _activate(gateway: Gateway, whole: Json, when: When, *, by: Principal, now: datetime) -> list[str]:
    """Activate a draft with the plans in it and all that they ask, or nothing; gives the URLs of what they ask."""
    care_plans = list(with_parts(gateway, whole, by=by, now=now))
    urls = [url for each in care_plans for url in requests_of(each)]
    if len(urls) != 1 and not isinstance(when, AsPlanned):
        raise Unprocessable(
            "Planen har flere aktiviteter. Send den, som planen siger.",
            diagnostics="A plan of several activities is sent as planned.",
        )
    requests = [gateway.read(url, by=by, now=now) for url in urls]
    goals = [gateway.read(url, by=by, now=now) for each in care_plans for url in goals_of(each)]
    changed = [
        *(_active_plan(each, by) for each in care_plans),
        *(_active_goal(each, _begins(when, now)) for each in goals),
        *(_active(each, occurrence(when, now, each)) for each in requests),
    ]
    entries = [update_entry(each, if_match=each["meta"]["versionId"]) for each in changed]
    gateway.transaction(transaction(entries), by=by, now=now)
    return urls


def _begins(when: When, now: datetime) -> date:
    match when:
        case Now():
            return now.astimezone(DENMARK).date()
        case EveryWeeks():
            return when.first
        case OnDate() | AsPlanned():
            return when.day


def occurrence(when: When, now: datetime, drafted: Json | None = None) -> Json:
    """Give `occurrence[x]` of a ServiceRequest, and check that it lies ahead. `drafted`: the request as planned.

    Raises:
        RuleBroken: it lies in the past, ends before it begins, never comes, or leaves no day to answer in.
    """
    _check(when, now.astimezone(DENMARK).date())
    match when:
        case Now():
            today = now.astimezone(DENMARK).date()
            return {"occurrencePeriod": {"start": _text(now), "end": _last_minute(today + timedelta(when.days))}}
        case AsPlanned() if drafted and (occurs := _occurrence_of(drafted)):
            return _as_planned(occurs, when, now, waits=_waits(drafted))
        case OnDate() | AsPlanned():
            return {
                "occurrencePeriod": {"start": _first(when.day), "end": _last_minute(when.day + timedelta(when.days))}
            }
        case EveryWeeks():
            return {"occurrenceTiming": {"repeat": _repeat(when)}}


def _occurrence_of(request: Json) -> dict[str, Any]:
    return {name: each for name, each in request.items() if name.startswith("occurrence")}


def _as_planned(occurs: Json, when: AsPlanned, now: datetime, *, waits: bool) -> Json:
    """Give what a plan says: a regime begins with the day; what has a date of its own opens then, whatever the day.

    At a moment nobody answers: it is open for as many days as what the plan says nothing of. What waits for other
    answers is moved to the day on which they come (`fut.beginning`), so no date is too early for it.
    """
    if timing := occurs.get("occurrenceTiming"):
        begins = datetime.combine(when.day, time.min, DENMARK)
        begun = {"occurrenceTiming": bounded(timing, begins)}
        if has_ended(begun, begins):
            raise RuleBroken("Fra den dag åbner planen ikke en eneste gang. Vælg en anden.", diagnostics="No slot.")
        return begun
    if moment := occurs.get("occurrenceDateTime"):
        last = begins_at(moment).astimezone(DENMARK).date() + timedelta(when.days)
        occurs = {"occurrencePeriod": {"start": moment, "end": _last_minute(last)}}
    if has_ended(occurs, now) and not waits:
        raise RuleBroken(
            "En tid i planen er gået. Vælg ”Nu” eller en dato, eller bed den, der laver planer, om en ny version.",
            diagnostics="A time of the plan's own is over.",
        )
    return occurs


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
        raise RuleBroken("Der skal være mindst én dag til at svare.", diagnostics="No day to answer in.")
    if isinstance(when, OnDate | AsPlanned) and when.day < today:
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


def _active(request: Json, occurs: Json) -> dict[str, Any]:
    """Activate a request; one that waits for answers to another is put on hold until they come."""
    kept = {name: each for name, each in request.items() if not name.startswith("occurrence")}
    return {**kept, "status": "on-hold" if _waits(request) else "active", **occurs}


def _waits(request: Json) -> bool:
    return bool(extension_value(request, ehealth.TRIGGER_ENABLEMENT_CODE) == "TRIGGER_ENABLED")


def _active_plan(care_plan: Json, by: Principal) -> dict[str, Any]:
    """Activate a plan; it is put on the acting team, whose tasks will come of it."""
    team = {"reference": by.context.care_team}
    teams = [*care_plan.get("careTeam", ())]
    if by.context.care_team and team not in teams:
        teams.append(team)
    return {**care_plan, "status": "active", "careTeam": teams}


def _active_goal(goal: Json, begins: date) -> dict[str, Any]:
    """Activate a goal: it begins with the plan, and what it is given so long to reach is due so long after."""
    started = {} if any(name.startswith("start") for name in goal) else {"startDate": begins.isoformat()}
    target = {"target": [_due(each, begins) for each in goal["target"]]} if "target" in goal else {}
    return {**goal, **started, **target, "lifecycleStatus": "active"}


def _due(target: Json, begins: date) -> dict[str, Any]:
    lasts = target.get("dueDuration")
    if lasts is None or not is_duration(lasts):
        return dict(target)
    kept = {name: each for name, each in target.items() if name != "dueDuration"}
    due = later(datetime.combine(begins, time.min, DENMARK), lasts)
    return {**kept, "dueDate": due.date().isoformat()}


def _care_plan(result: Json) -> dict[str, Any]:
    if result.get("resourceType") == "CarePlan":
        return dict(result)
    found = next(resources(result, "CarePlan"), None)
    if found is None:
        raise Unprocessable("Planen kunne ikke bruges.", diagnostics="$apply gave no CarePlan.")
    return dict(found)


def _sendable(base_url: str, plan: Json, known: Mapping[str, Json]) -> tuple[Sendable, set[str]] | None:
    """Give a plan with the version-less URLs of its questionnaires; None: it is not sent."""
    steps = [each for each in all_steps(plan, known) if "definitionCanonical" in each]
    definitions = [known.get(definition_url(each), {}) for each in steps]
    activities = [
        (step, each)
        for step, each in zip(steps, definitions, strict=True)
        if each.get("resourceType") != "PlanDefinition"
    ]
    questionnaires = [find_questionnaire(each) for _, each in activities]
    if not all(_is_in_use(each) for each in definitions):
        return None
    if not questionnaires or questionnaires[0] is None or None in questionnaires:
        return None
    asked = {versionless(each) for each in questionnaires if each}
    times = [(step, occurs) for step, activity in activities if (occurs := planned(step, activity))]
    title = extension_value(plan, ehealth.EMPLOYEE_TITLE) or plan.get("title") or plan.get("name") or ""
    made = Sendable(
        plan=own_url(base_url, plan),
        title=str(title),
        questionnaire=questionnaires[0],
        version=str(plan.get("version", "")),
        published=datetime.fromisoformat(plan["meta"]["lastUpdated"]),
        activities=len(activities),
        times=tuple(occurs for _, occurs in times),
        apart=tuple(occurs for step, occurs in times if not trigger_of(step)),
        waits=any(trigger_of(each) for each in steps),
    )
    return made, asked


def _is_in_use(definition: Json) -> bool:
    """Tell whether a definition is active."""
    return definition.get("status") == "active"

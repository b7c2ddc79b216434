"""What a team's citizens are asked for and have not answered: overdue, open and coming.

Computed from the team's active plans in active courses of care, in a handful of searches, however many citizens there
are: all plans with their ServiceRequests, then all measurements of their citizens in the window.
(`$get-patient-procedures` answers for one citizen at a time.)

What is overdue ended while all of it was active, and also has a Task of its own (MissingMeasurementResolving), made by
the infrastructure by the same rule (`fut/status_history.py`). It is not told twice: the worklist shows none of these
Tasks, but each stands with what it is about here; what somebody has closed, as seen to, stands here no more. What an
answer has closed is closed as long as the answer counts. A Task that is open stands here whatever became of what it is
about: it is longer ago, its plan or the course of care is paused or has ended, or the plan names no team.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, product

from kommunalpro.care.bundles import all_pages, batch, by_url, versionless
from kommunalpro.care.people import is_protected
from kommunalpro.care.runs import State, Time
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Parameters, Principal
from kommunalpro.fut.measurements import TIME_PARAMETERS, counts, occasion_of
from kommunalpro.fut.status_history import all_active
from kommunalpro.fut.task_codes import MISSED_BACK, MISSING, OPEN, is_closed_by_answer, is_open
from kommunalpro.fut.timing import Slot, most_slots, resolve
from kommunalpro.fut.validity import about, fulfils

AHEAD = timedelta(days=14)

_MOST_SLOTS, _NEAREST = 2_000, timedelta(hours=1)
"""Slots of one request that are looked at, which is every hour for all that time; and how near they are at least."""
_INVALID, _AT_ONCE = "entered-in-error", 100


@dataclass(frozen=True, slots=True)
class TeamDue:
    """One response that a citizen of the team is asked for. Resource fields are absolute URLs.

    `task` None: nobody was told that it is missing, not yet at least. `task_version`: to close it by.
    `is_protected`: the citizen's name and address are protected, and are not told to others.
    """

    patient: str
    patient_name: str
    service_request: str
    title: str
    opens: datetime
    closes: datetime
    state: State
    task: str | None = None
    task_version: str = ""
    is_protected: bool = False

    @property
    def time(self) -> Time:
        """Give the time, which may be told together with others: those that nobody was told of, or those with Tasks."""
        return Time((self.service_request, self.task is None), self.state, self.opens, self.closes)


def team_due(gateway: Gateway, *, by: Principal, now: datetime) -> tuple[TeamDue, ...]:
    """Give what the acting user's team waits for within four weeks back and two ahead, in order of time."""
    plans = list(
        all_pages(
            gateway,
            "CarePlan",
            [
                ("care-team", by.context.care_team or ""),
                ("status", "active"),
                ("_include", "CarePlan:activity-reference"),
                ("_include", "CarePlan:episodeOfCare"),
                ("_include", "CarePlan:patient"),
                ("_count", "100"),
            ],
            by=by,
            now=now,
        )
    )
    patients = {each["subject"]["reference"] for bundle in plans for each in resources(bundle, "CarePlan")}
    answered = _answered(gateway, sorted(patients), by=by, now=now)
    told = _told(gateway, by=by, now=now)
    every = (due for bundle in plans for due in _in_bundle(gateway.base_url, bundle, answered, now))
    found = [due for each in every if (due := _with_task(each, told.tasks, gateway.base_url))]
    listed = {due.task for due in found}
    left = {url: task for url, task in told.open.items() if url not in listed}
    found += _of_tasks(gateway, left, told.people, by=by, now=now)
    return tuple(sorted(found, key=lambda due: due.opens))


@dataclass(frozen=True, slots=True)
class _Told:
    """The Tasks about what is missing, by ServiceRequest and beginning of slot; those that are open also by URL."""

    tasks: Mapping[tuple[str, datetime], Json]
    open: Mapping[str, Json]
    people: Mapping[str, Json]


def _told(gateway: Gateway, *, by: Principal, now: datetime) -> _Told:
    """Read those that are open, however old, and what was closed lately."""
    since = (now - MISSED_BACK).date().isoformat()
    tasks: dict[tuple[str, datetime], Json] = {}
    are_open: dict[str, Json] = {}
    people: dict[str, Json] = {}
    narrowed: tuple[Parameters, ...] = (
        [("status:not", OPEN), ("authored-on", f"ge{since}")],
        [("status", OPEN), ("_include", "Task:patient")],
    )
    for only in narrowed:
        query = [
            ("responsible", by.context.care_team or ""),
            ("category", f"{ehealth.TASK_CATEGORY_CODES}|{MISSING}"),
            *only,
            ("_count", "200"),
        ]
        for bundle in all_pages(gateway, "Task", query, by=by, now=now):
            people |= by_url(bundle, gateway.base_url)
            for task in resources(bundle, "Task"):
                # What is open is read last: it counts before one of the same slot that is closed.
                tasks[_focus(task), slot_of(task)[0]] = task
                if is_open(task):
                    are_open[own_url(gateway.base_url, task)] = task
    return _Told(tasks, are_open, people)


def _focus(task: Json) -> str:
    return versionless(task["focus"]["reference"])


def slot_of(task: Json) -> tuple[datetime, datetime]:
    """Give the slot that a Task is about; where it names none, when it was written."""
    timing = extension(task, ehealth.RESOLVED_TIMING) or {}
    written = task.get("authoredOn") or task["meta"]["lastUpdated"]
    start, end = (extension_value(timing, name) or written for name in ("start", "end"))
    return parse_datetime(start), parse_datetime(end)


def _of_tasks(
    gateway: Gateway, left: Mapping[str, Json], people: Mapping[str, Json], *, by: Principal, now: datetime
) -> Iterator[TeamDue]:
    """Give what is told only by an open Task; its title where the team stands on the plan, else it has none."""
    named = {url: extension_value(task, ehealth.REFERENCE_CAREPLAN) or {} for url, task in left.items()}
    urls = {plan["reference"] for plan in named.values() if plan}
    narrowed = [("care-team", by.context.care_team or ""), ("_include", "CarePlan:activity-reference")]
    found = batch(gateway, "CarePlan", urls, narrowed, by=by, now=now)
    for url, task in left.items():
        patient, (opens, closes) = task["for"]["reference"], slot_of(task)
        plan, request = (found.get(each, {}) for each in (named[url].get("reference", ""), _focus(task)))
        yield TeamDue(
            patient=patient,
            patient_name=full_name(people.get(patient, {})),
            is_protected=is_protected(people.get(patient, {})),
            service_request=_focus(task),
            title=_title(plan, request),
            opens=opens,
            closes=closes,
            state="missed",
            task=url,
            task_version=task["meta"]["versionId"],
        )


def _with_task(due: TeamDue, told: Mapping[tuple[str, datetime], Json], base_url: str) -> TeamDue | None:
    """Give it with its Task; None: somebody has seen to it, and closed that."""
    task = told.get((due.service_request, due.opens))
    if task is None or is_closed_by_answer(task):
        return due
    if not is_open(task):
        return None
    return replace(due, task=own_url(base_url, task), task_version=task["meta"]["versionId"])


def _answered(
    gateway: Gateway, patients: Sequence[str], *, by: Principal, now: datetime
) -> Counter[tuple[str, datetime]]:
    """Count what came in the window and fulfils what was asked for, by ServiceRequest and beginning of slot.

    FUT finds a measurement by whose it is, and not by a team.
    """
    since = (now - MISSED_BACK - timedelta(days=60)).date().isoformat()
    came: set[tuple[tuple[str, datetime], str]] = set()
    invalid: dict[str, tuple[tuple[str, datetime], str]] = {}
    some = [",".join(patients[begin : begin + _AT_ONCE]) for begin in range(0, len(patients), _AT_ONCE)]
    for (type, time), whose in product(TIME_PARAMETERS.items(), some):
        query = [("subject", whose), (time, f"ge{since}"), ("_count", "200")]
        for bundle in all_pages(gateway, type, query, by=by, now=now):
            for measurement in resources(bundle, type):
                start = extension_value(extension(measurement, ehealth.RESOLVED_TIMING) or {}, "start")
                if start:
                    slot = versionless(measurement["basedOn"][0]["reference"]), parse_datetime(start)
                    one = slot, occasion_of(measurement, gateway.base_url)
                    if counts(measurement):
                        came.add(one)
                    elif measurement["status"] == _INVALID:
                        invalid[own_url(gateway.base_url, measurement)] = one
    came.update(invalid[each] for each in _fulfilling(gateway, set(invalid), by=by, now=now))
    return Counter(slot for slot, _ in came)


def _fulfilling(gateway: Gateway, invalid: set[str], *, by: Principal, now: datetime) -> set[str]:
    """Give those invalidated measurements that fulfil what was asked for all the same."""
    found: set[str] = set()
    urls = sorted(invalid)
    for begin in range(0, len(urls), _AT_ONCE):
        query = [
            ("investigation", ",".join(urls[begin : begin + _AT_ONCE])),
            ("status", "completed"),
            ("_count", "200"),
        ]
        for bundle in all_pages(gateway, "ClinicalImpression", query, by=by, now=now):
            told = (each for each in resources(bundle, "ClinicalImpression") if fulfils(each))
            found.update(url for each in told for url in about(each) if url in invalid)
    return found


def _in_bundle(
    base_url: str, bundle: Json, answered: Counter[tuple[str, datetime]], now: datetime
) -> Iterator[TeamDue]:
    found = by_url(bundle, base_url)
    for plan in resources(bundle, "CarePlan"):
        episode = list(_episode_of(plan, found))
        if any(each["status"] != "active" for each in episode):
            continue
        for activity in plan.get("activity", ()):
            request = found.get(versionless(activity.get("reference", {}).get("reference", "")))
            if request is None or request["status"] != "active":
                continue
            url = own_url(base_url, request)
            active = all_active([request, plan, *episode])
            for slot in _slots(request, now):
                due = _due(slot, plan, url, found, now)
                if due is None or answered[url, due.opens] >= slot.requested:
                    continue
                if due.state != "missed" or any(due.closes in each for each in active):
                    yield due


def _slots(request: Json, now: datetime) -> Iterator[Slot]:
    """Give the slots of a request that are near; what was missed longer ago stands by its Task in any case."""
    back, ahead = MISSED_BACK, AHEAD
    while back > _NEAREST and most_slots(request, now - back, now + ahead) > _MOST_SLOTS:
        back, ahead = back / 2, ahead / 2
    return islice(resolve(request, now - back, now + ahead), _MOST_SLOTS)


def _episode_of(plan: Json, found: Mapping[str, Json]) -> Iterator[Json]:
    url = versionless((extension_value(plan, ehealth.WORKFLOW_EPISODE_OF_CARE) or {}).get("reference", ""))
    if url in found:
        yield found[url]


def _title(plan: Json, request: Json) -> str:
    """Give the plan's title, and what is asked where the plan asks for several things (`$apply` writes it)."""
    titles = [str(plan.get("title", ""))]
    if len(plan.get("activity", ())) > 1:
        titles.append(str(request.get("code", {}).get("text", "")))
    return ": ".join(filter(None, dict.fromkeys(titles)))


def _due(slot: Slot, plan: Json, request: str, found: Mapping[str, Json], now: datetime) -> TeamDue | None:
    closes = slot.closes
    if slot.start is None or closes is None:
        return None
    patient = plan["subject"]["reference"]
    state: State = "coming" if slot.start > now else "missed" if closes < now else "open"
    return TeamDue(
        patient=patient,
        patient_name=full_name(found.get(patient, {})),
        is_protected=is_protected(found.get(patient, {})),
        service_request=request,
        title=_title(plan, found.get(request, {})),
        opens=slot.start,
        closes=closes,
        state=state,
    )

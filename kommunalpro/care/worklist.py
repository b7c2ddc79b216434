"""The team's worklist: new answers, red first; what came unasked, and what was to happen by itself and did not.

FHIR sorts priorities by the alphabet, so red first is one search per priority (ARCHITECTURE §5). Patients, records and
owners come along by `_include`, and which answers were invalidated is one search more: their number does not grow with
the list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from kommunalpro.care.bundles import all_pages, by_url, versionless
from kommunalpro.care.impressions import light_of, record_of, response_of
from kommunalpro.care.people import is_protected
from kommunalpro.care.readings import Reading, reading_of
from kommunalpro.care.teams import Members
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.task_codes import FAILURE, OPEN, UNEXPECTED
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment, Light

PRIORITIES = ("stat", "asap", "urgent", "routine")
"""FHIR's priorities, the most pressing first: acute, red, yellow, the rest (ARCHITECTURE §5)."""

ASSESSMENT = (
    "MeasurementForAssessment",
    "MeasurementForAssessmentNotTriaged",
    "MeasurementForAssessmentAbsentValue",
    FAILURE,
)
CATEGORIES = ",".join(f"{ehealth.TASK_CATEGORY_CODES}|{code}" for code in ASSESSMENT)
"""The Tasks that ask for an assessment, as a search takes them."""
_LOUD = (Light.RED, Light.YELLOW)
_READINGS = ("Observation", "Media")
_SHOWN = ("ClinicalImpression", *_READINGS)
"""What a task may be about that is shown on the list; of a response, only what was found in it is."""
_OF_CARE = ("CarePlan", "ServiceRequest", "EpisodeOfCare")

Ownership = Literal["all", "free", "mine"]


@dataclass(frozen=True, slots=True)
class TopicLight:
    """A topic and its light of record."""

    title: Text
    light: Light


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One open task about a new response. Resource fields are absolute URLs.

    `response` None: the task is about something that is not a response. `owner` None: nobody has taken it. `has_left`:
    who took it is in the team no more, and it waits for another as if nobody had.
    `topics` holds those that want attention, worst first; empty when none do. None: no record was kept of them.
    `apart`: the lights of answers that want attention and stand in no topic.
    `reading`: the number or picture that it is about instead, which nothing has assessed; None: it is about an answer.
    `is_failure`: the automatic assessment failed, a person must read the answers. `is_invalidated`: the response was
    marked as an error since; it keeps its place until somebody closes the task, for it may have been acute.
    `is_protected`: the citizen's name and address are protected, and are not told to others.
    `is_unexpected`: nobody had asked for the response then, which has a task about its assessment besides. `is_undone`:
    what was to happen to a course of care by itself did not. Neither has a page of its own to be closed on.
    """

    task: str
    version: str
    patient: str
    patient_name: str
    episode_of_care: str
    response: str | None
    light: Light
    topics: tuple[TopicLight, ...] | None
    priority: str
    received: datetime
    owner: str | None
    owner_name: str
    is_failure: bool
    is_protected: bool = False
    is_invalidated: bool = False
    is_unexpected: bool = False
    is_undone: bool = False
    has_left: bool = False
    reading: Reading | None = None
    apart: tuple[Light, ...] = ()

    @property
    def is_free(self) -> bool:
        """Tell whether it waits for somebody to take it."""
        return self.owner is None or self.has_left


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits for the team, red first. `total` counts all, also those beyond the first hundred of a priority."""

    items: tuple[WorkItem, ...]
    total: int


def worklist(gateway: Gateway, *, by: Principal, now: datetime, ownership: Ownership = "all") -> Worklist:
    """Give the open tasks of the acting user's care team. `by` stands in the team's context and in no citizen's."""
    items: list[WorkItem] = []
    total, members = 0, Members(gateway, by, now)
    for priority in PRIORITIES:
        bundle = gateway.search("Task", _query(by, priority), by=by, now=now)
        found = by_url(bundle, gateway.base_url)
        tasks = [_item(gateway.base_url, task, found) for task in resources(bundle, "Task")]
        if ownership != "mine":
            tasks = [replace(task, has_left=members.has_left(task.owner)) for task in tasks]
        items += sorted((task for task in tasks if _is_wanted(task, ownership, by)), key=_turn)
        total += bundle.get("total", len(tasks))
    return Worklist(items=tuple(_marked(gateway, items, by=by, now=now)), total=total)


def _marked(gateway: Gateway, items: list[WorkItem], *, by: Principal, now: datetime) -> Iterator[WorkItem]:
    """Mark what is about a response that was invalidated since."""
    invalid = _invalidated(gateway, {item.patient for item in items if item.response}, by=by, now=now)
    for item in items:
        is_invalidated = item.reading.is_invalidated if item.reading else item.response in invalid
        yield replace(item, is_invalidated=is_invalidated)


def _invalidated(gateway: Gateway, patients: set[str], *, by: Principal, now: datetime) -> set[str]:
    """Give the invalidated responses of citizens: FUT finds a response by its citizen, and none by its id."""
    found: set[str] = set()
    urls = sorted(patients)
    for start in range(0, len(urls), 100):
        of_some = ("subject", ",".join(urls[start : start + 100]))
        query = [of_some, ("status", "entered-in-error"), ("_count", "200")]
        for page in all_pages(gateway, "QuestionnaireResponse", query, by=by, now=now):
            found.update(own_url(gateway.base_url, each) for each in resources(page, "QuestionnaireResponse"))
    return found


def _query(by: Principal, priority: str) -> list[tuple[str, str]]:
    return [
        ("responsible", by.context.care_team or ""),
        ("status", OPEN),
        ("priority", priority),
        ("category", f"{CATEGORIES},{ehealth.TASK_CATEGORY_CODES}|{UNEXPECTED}"),
        ("_include", "Task:patient"),
        *(("_include", f"Task:focus:{type}") for type in _SHOWN),
        ("_include", "Task:owner"),
        ("_sort", "authored-on"),
        ("_count", "100"),
    ]


def _turn(item: WorkItem) -> tuple[bool, datetime]:
    """Within a priority what has waited longest comes first, but what nobody has assessed before what is green."""
    return item.light is Light.GREEN, item.received


def _is_wanted(item: WorkItem, ownership: Ownership, by: Principal) -> bool:
    return {"all": True, "free": item.is_free, "mine": item.owner == by.user}[ownership]


def _item(base_url: str, task: Json, found: Mapping[str, Json]) -> WorkItem:
    patient = task["for"]["reference"]
    focus = task.get("focus", {}).get("reference", "")
    impression = found.get(versionless(focus))
    owner = task.get("owner", {}).get("reference")
    is_reading = impression is not None and impression["resourceType"] in _READINGS
    record = record_of(impression) if impression is not None and not is_reading else None
    return WorkItem(
        task=own_url(base_url, task),
        version=task["meta"]["versionId"],
        patient=patient,
        patient_name=full_name(found.get(patient, {})),
        is_protected=is_protected(found.get(patient, {})),
        episode_of_care=extension_value(task, ehealth.TASK_EPISODE_OF_CARE)["reference"],
        response=_response(focus, impression),
        light=record.light if record else _light(impression),
        topics=_topics(record) if record else None,
        apart=_apart(record) if record else (),
        priority=task["priority"],
        received=parse_datetime(task.get("authoredOn") or task["meta"]["lastUpdated"]),
        owner=owner,
        owner_name=full_name(found.get(owner, {})) if owner else "",
        is_failure=category_of(task) == FAILURE,
        is_unexpected=category_of(task) == UNEXPECTED,
        is_undone=bool((about := Reference.parse(focus)) and about.type in _OF_CARE),
        reading=reading_of(impression, base_url) if impression is not None and is_reading else None,
    )


def category_of(task: Json) -> str:
    """Give FUT's category of a Task; empty text when it has none."""
    codings = (extension_value(task, ehealth.TASK_CATEGORY) or {}).get("coding", ())
    return next((str(each["code"]) for each in codings), "")


def _response(focus: str, impression: Json | None) -> str | None:
    if impression is not None and impression["resourceType"] == "ClinicalImpression":
        return response_of(impression)
    reference = Reference.parse(focus)
    return reference.url if reference and reference.type == "QuestionnaireResponse" else None


def _light(impression: Json | None) -> Light:
    is_one = impression is not None and impression["resourceType"] == "ClinicalImpression"
    return light_of(impression) if impression is not None and is_one else Light.NOT_ASSESSED


def _apart(record: Assessment) -> tuple[Light, ...]:
    worst = {each.path: each.light for each in reversed(record.apart)}
    return tuple(light for light in worst.values() if light in _LOUD)


def _topics(record: Assessment) -> tuple[TopicLight, ...]:
    loud = [TopicLight(topic.title, topic.light) for topic in record.topics if topic.light in _LOUD]
    return tuple(sorted(loud, key=lambda topic: topic.light is not Light.RED))

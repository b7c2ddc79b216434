"""A Task for a care team, as FUT has it: who is responsible, what it is about, and who may see it.

Source: `fut.md` 1A (ehealth-task) and 2.3.
"""

from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.task_codes import FAILURE


def new_task(
    session: Session,
    episode: Json,
    care_plan: Json | None,
    *,
    category: str,
    priority: str,
    focus: str,
    timing: Json | None,
) -> dict[str, Any]:
    """Make a Task for the teams of the plan, else of the episode. `timing` is the resolved timing it is about."""
    base = session.server.base_url
    at = to_datetime(session.now)
    extensions: list[dict[str, Any]] = [
        {"url": ehealth.TASK_EPISODE_OF_CARE, "valueReference": {"reference": own_url(base, episode)}},
        {"url": ehealth.TASK_CATEGORY, "valueCodeableConcept": concept(ehealth.TASK_CATEGORY_CODES, category)},
        {
            "url": ehealth.RESTRICTION_CATEGORY,
            "valueCodeableConcept": concept(ehealth.RESTRICTION_CATEGORY_CODES, "measurement-monitoring"),
        },
        *({"url": ehealth.TASK_RESPONSIBLE, "valueReference": dict(team)} for team in teams_of(episode, care_plan)),
    ]
    if care_plan:
        plan = {"reference": own_url(base, care_plan)}
        extensions.append({"url": ehealth.REFERENCE_CAREPLAN, "valueReference": plan})
    return {
        "resourceType": "Task",
        "extension": [*extensions, *([dict(timing)] if timing else [])],
        "status": "requested",
        "intent": "plan",
        "priority": priority,
        "focus": {"reference": focus},
        "for": episode["patient"],
        "authoredOn": at,
        "lastModified": at,
    }


def is_told(session: Session, focus: str, *, since: datetime, before: datetime | None = None) -> bool:
    """Tell whether there was a Task, open or closed, that says that something about a resource failed."""
    begin = to_datetime(since.replace(microsecond=0))
    category = f"{ehealth.TASK_CATEGORY_CODES}|{FAILURE}"
    query = [("focus", focus), ("category", category), ("authored-on", f"ge{begin}"), ("_summary", "count")]
    query += [("authored-on", f"lt{to_datetime(before)}")] if before else []
    return bool(session.elevated().search("Task", query)["total"])


def teams_of(episode: Json, care_plan: Json | None) -> list[Json]:
    """Give the references of the teams that see to a plan: its own, else those of the episode."""
    return list((care_plan or {}).get("careTeam") or episode.get("team", ()))


def concept(system: str, code: str) -> dict[str, Any]:
    """Give a CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}

"""Moving the clock: the worker's rounds at a time, and what they have made."""

from datetime import datetime, timedelta
from typing import Any

from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines.reminders import Reminding
from kommunalpro.fut.deadlines.rounds import work
from kommunalpro.fut.pipeline import assessments
from tests.gateway.looking import oldest_first
from tests.unit.care.world import World

ENDS = datetime.fromisoformat("2026-12-07T23:59:00+01:00")
"""When the slot ends that somebody is sent on that Monday with fourteen days to answer in."""
AFTER = ENDS + timedelta(minutes=6)


def round_at(now: datetime, reminding: Reminding | None = None) -> int:
    """Let a worker do a round."""
    return work(wiring.server(), now, reminding or Reminding(), [assessments()])


def all_of(world: World, type: str, now: datetime = AFTER) -> list[Any]:
    """Give all resources of a type, oldest first."""
    return oldest_first(world.gateway.search(type, [("_count", "200")], by=SYSTEM, now=now))


def category(task: Any) -> str:
    """Give a Task's category."""
    code: str = extension_value(task, ehealth.TASK_CATEGORY)["coding"][0]["code"]
    return code


def tasks(world: World, wanted: str = "MissingMeasurementResolving") -> list[Any]:
    """Give the Tasks of a category."""
    return [each for each in all_of(world, "Task") if category(each) == wanted]


def messages(world: World, reason: str) -> list[Any]:
    """Give the messages with a reason."""
    found = all_of(world, "Communication")
    return [each for each in found if any(c["code"] == reason for r in each["reasonCode"] for c in r["coding"])]


def wish(patient: str, system: str, reason: str, **changes: Any) -> dict[str, Any]:
    """Make a CommunicationRequest about messages to, or about, a citizen."""
    return {
        "resourceType": "CommunicationRequest",
        "status": "active",
        "subject": {"reference": patient},
        "category": [{"coding": [{"system": ehealth.MESSAGE_CATEGORY, "code": "notification"}]}],
        "reasonCode": [{"coding": [{"system": system, "code": reason}]}],
        **changes,
    }


def since(moment: datetime, **changes: Any) -> dict[str, Any]:
    """Give the period of a request that holds from a moment on."""
    return {"occurrencePeriod": {"start": to_datetime(moment), **changes}}

"""Action triggers: an activity that waits for answers to another, and then begins.

`$apply` gives the waiting ServiceRequest trigger-enablement TRIGGER_ENABLED. When its plan is activated it is on-hold:
whoever sets it active gets it on-hold, as long as the trigger is enabled. Once the actions it waits for have brought as
many measurements as it says, it becomes active in the transaction of the last of them, TRIGGER_DONE, and its time
begins then, or `offset` later (`beginning.py`).

Ours, where the guide is silent: the request carries the trigger itself and the id of its action (an extension of ours),
so that a plan changed for one citizen triggers as it then says; an action is known by its `id`; measurements that were
invalidated do not count, and do when that is taken back; what has begun does not wait again.

Source: `fut.md` 1A (plandefinition, servicerequest).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension, extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.beginning import begun
from kommunalpro.fut.measurements import BASED_ON, counts, occasion_of, requests_of

WAITS = "TRIGGER_ENABLED"
BEHAVIORS = ("one-or-more", "all")
EFFECT = {"system": ehealth.ACTION, "code": "status-on-hold-to-active"}


@dataclass(frozen=True, slots=True)
class Condition:
    """So many measurements of an action."""

    action: str
    count: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an action waits for. `needs_all`: every condition must be met, else one is enough. `offset`: a Duration."""

    conditions: tuple[Condition, ...]
    needs_all: bool
    offset: Json | None

    def is_met(self, submitted: dict[str, int]) -> bool:
        """Tell whether it is met, by how many measurements of each action there are."""
        met = [submitted.get(each.action, 0) >= each.count for each in self.conditions]
        return all(met) if self.needs_all else any(met)


def trigger_of(element: Json) -> Trigger | None:
    """Read the trigger of an action, or of a request that was made of one."""
    found = extension(element, ehealth.ACTION_TRIGGER)
    if found is None:
        return None
    conditions = tuple(
        Condition(extension_value(each, "actionId") or "", extension_value(each, "count") or 0)
        for each in extensions(found, ehealth.TRIGGER_CONDITION)
    )
    return Trigger(conditions, extension_value(found, "triggerBehavior") == "all", extension_value(found, "offset"))


def trigger_extension(trigger: Trigger) -> dict[str, Any]:
    """Give the extension of an action that waits for this."""
    conditions = (
        complex_extension(
            ehealth.TRIGGER_CONDITION,
            {"url": "actionId", "valueId": each.action},
            {"url": "count", "valueInteger": each.count},
        )
        for each in trigger.conditions
    )
    offset = [{"url": "offset", "valueDuration": trigger.offset}] if trigger.offset else []
    return complex_extension(
        ehealth.ACTION_TRIGGER,
        *conditions,
        {"url": "triggerBehavior", "valueCode": "all" if trigger.needs_all else "one-or-more"},
        *offset,
        {"url": "action", "valueCoding": EFFECT},
    )


def of_action(action: Json) -> list[dict[str, Any]]:
    """Give the extensions by which a request knows its action, and what it waits for."""
    trigger = extension(action, ehealth.ACTION_TRIGGER)
    found: list[dict[str, Any]] = [
        {"url": ehealth.TRIGGER_ENABLEMENT_CODE, "valueCode": WAITS if trigger else "NO_TRIGGER"}
    ]
    if trigger:
        found.append(dict(trigger))
    if "id" in action:
        found.append({"url": ehealth.SERVICEREQUEST_ACTION, "valueId": action["id"]})
    return found


def waits(request: Json) -> bool:
    """Tell whether a request waits for its trigger."""
    return bool(extension_value(request, ehealth.TRIGGER_ENABLEMENT_CODE) == WAITS)


def held(request: dict[str, Any]) -> dict[str, Any]:
    """Give an active request as on-hold while it waits for its trigger; any other as it is."""
    return {**request, "status": "on-hold"} if request.get("status") == "active" and waits(request) else request


def is_waited_for(session: Session, care_plan: Json) -> bool:
    """Tell whether anything in a plan waits; where it has one activity, that is told without a look."""
    urls = _activities(care_plan)
    return len(urls) > 1 and bool(_waiting(session.system_read_all(urls)))


def _activities(care_plan: Json) -> list[str]:
    return [each["reference"]["reference"] for each in care_plan.get("activity", ())]


def release(session: Session, care_plan: Json) -> None:
    """Let begin what waited for what just came in, or counts again; `session` is the system's, in that transaction."""
    urls = _activities(care_plan)
    # Two submissions at once would each count only its own.
    session.take_turns(f"triggers of {care_plan['id']}")
    requests = session.system_read_all(urls)
    submitted = _submitted(session, requests)
    for request, trigger in _waiting(requests):
        if trigger.is_met(submitted):
            session.update(_begun(session, request, trigger), if_match=request["meta"]["versionId"])


def _waiting(requests: Sequence[Json]) -> list[tuple[Json, Trigger]]:
    found = ((each, trigger_of(each)) for each in requests if each["status"] == "on-hold" and waits(each))
    return [(request, trigger) for request, trigger in found if trigger]


def _submitted(session: Session, requests: Sequence[Json]) -> dict[str, int]:
    """Count the measurements of each action that something waits for; what came in together is one."""
    base, named = session.server.base_url, {each.action for _, at in _waiting(requests) for each in at.conditions}
    actions = {own_url(base, each): extension_value(each, ehealth.SERVICEREQUEST_ACTION) for each in requests}
    waited = {url: action for url, action in actions.items() if action in named}
    _, found = session.system_read_referred(list(waited), by=BASED_ON)
    counted = filter(counts, found)
    came = {(url, occasion_of(each, base)) for each in counted for url in requests_of(each) if url in waited}
    return Counter(waited[url] for url, _ in came)


def _begun(session: Session, request: Json, trigger: Trigger) -> dict[str, Any]:
    kept = {name: value for name, value in request.items() if not name.startswith("occurrence")}
    done = {"url": ehealth.TRIGGER_ENABLEMENT_CODE, "valueCode": "TRIGGER_DONE"}
    others = [each for each in request["extension"] if each["url"] != ehealth.TRIGGER_ENABLEMENT_CODE]
    return {**kept, "extension": [*others, done], "status": "active", **begun(request, session.now, trigger.offset)}

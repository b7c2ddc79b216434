"""A step of a plan that waits for answers to others: who can wait for whom, and how it is written.

Only a step that asks something itself waits, and only for such (`fut.triggers`); each is known by its `id`, which
`named` gives to those that have none.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.profiles.sub_plans import actions
from kommunalpro.fut.triggers import Trigger, trigger_extension, trigger_of


def steps_of(plan: Json) -> Iterator[Json]:
    """Give every step of a plan, outer before inner; of a plan in it, only the step that it is."""
    return (step for _, step in actions(plan.get("action", ()), ""))


def asks(step: Json) -> bool:
    """Tell whether a step is an activity itself, neither a group of steps nor another plan."""
    reference = Reference.parse(step.get("definitionCanonical", ""))
    return reference is not None and reference.type == "ActivityDefinition"


def named(plan: Json) -> dict[str, Any]:
    """Give a plan of which every activity has an id."""
    taken = {step["id"] for step in steps_of(plan) if "id" in step}
    free = (name for number in count(1) if (name := f"trin-{number}") not in taken)
    return {**plan, "action": _named(plan, free)}


def _named(parent: Json, free: Iterator[str]) -> list[dict[str, Any]]:
    found = []
    for step in parent["action"]:
        made = {"id": next(free), **step} if asks(step) and "id" not in step else dict(step)
        found.append({**made, "action": _named(step, free)} if "action" in step else made)
    return found


def waiting(step: Json, trigger: Trigger | None) -> dict[str, Any]:
    """Let a step begin when others are answered; None: with the plan."""
    others = [each for each in step.get("extension", ()) if each.get("url") != ehealth.ACTION_TRIGGER]
    extension = [*others, *([trigger_extension(trigger)] if trigger else [])]
    kept = {name: each for name, each in step.items() if name != "extension"}
    return {**kept, "extension": extension} if extension else kept


def can_be_waited_for(plan: Json, step: Json) -> tuple[Json, ...]:
    """Give the activities that a step can wait for: the others that do not wait for it, directly or through others.

    `plan` is `named`.
    """
    waits = {each["id"]: _awaited(each) for each in steps_of(plan) if "id" in each}
    closed = {step.get("id")}
    while more := {id for id, awaited in waits.items() if awaited & closed} - closed:
        closed |= more
    return tuple(each for each in steps_of(plan) if asks(each) and each["id"] not in closed)


def who_wait_for(plan: Json, step: Json) -> tuple[Json, ...]:
    """Give the other steps that wait for a step, or for one within it."""
    within = [step, *steps_of(step)]
    ids = {each["id"] for each in within if "id" in each}
    return tuple(each for each in steps_of(plan) if each not in within and _awaited(each) & ids)


def _awaited(step: Json) -> set[str]:
    trigger = trigger_of(step)
    return {each.action for each in trigger.conditions} if trigger else set()

"""The goals of a plan: `PlanDefinition.goal` becomes a Goal of the citizen, proposed until the plan is activated.

Ours, where the guide is silent, and as R4 describes `$apply`: the CarePlan names them in `goal`; what is measured is
the goal itself where its target names nothing, for Goal demands it (gol-1).
Not taken over: `addresses` (codes there, Conditions of the citizen here) and `documentation`.

Source: `fut.md` 1A (plandefinition), §6 (Goal, CarePlan.goal); R4 PlanDefinition `$apply`.
"""

from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json


def goals_of(plan: Json, subject: Json) -> list[dict[str, Any]]:
    """Give the Goals of a plan, in its order, for a citizen (a Reference to the Patient)."""
    return [_goal(each, subject) for each in plan.get("goal", ())]


def _goal(goal: Json, subject: Json) -> dict[str, Any]:
    made = {
        "resourceType": "Goal",
        "meta": {"profile": [ehealth.profile("Goal")]},
        "lifecycleStatus": "proposed",
        "category": [goal["category"]] if "category" in goal else None,
        "priority": goal.get("priority"),
        "description": goal["description"],
        "subject": subject,
        "startCodeableConcept": goal.get("start"),
        "target": [_target(each, goal["description"]) for each in goal.get("target", ())],
    }
    return {name: each for name, each in made.items() if each}


def _target(target: Json, description: Json) -> dict[str, Any]:
    """Give a target of a Goal: the same, but for the name of when it is due."""
    made = {name: each for name, each in target.items() if name != "due"}
    if any(name.startswith("detail") for name in target):
        made.setdefault("measure", description)
    return {**made, "dueDuration": target["due"]} if "due" in target else made

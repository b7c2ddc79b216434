"""The goals of a plan, as an editor says them: what is wanted, how it is measured, and how long it may take.

A goal stands as `PlanDefinition.goal`; when the plan is sent, it becomes the citizen's own (`fut.goals`). What these
words cannot say (several targets, a range, a measure by its code) is kept as it is.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kommunalpro.care.regime import UCUM, UNITS, Length
from kommunalpro.fhir.json import Json

_SAID = frozenset({"measure", "detailQuantity", "due"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A number to reach. `comparator`: FHIR's, empty means exactly; `unit`: UCUM's code; `unit_words`: as written."""

    what: str
    comparator: str
    value: Decimal
    unit: str
    unit_words: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal. `measure` None: it is not a number; `within` None: no time is set."""

    description: str
    measure: Measure | None = None
    within: Length | None = None


def aim_of(goal: Json) -> Aim | None:
    """Read a goal of a plan; None: its target says more than an editor can say here."""
    targets = goal.get("target", ())
    if len(targets) > 1 or not all(_is_sayable(each) for each in targets):
        return None
    target = targets[0] if targets else {}
    quantity, due = target.get("detailQuantity"), target.get("due")
    measure = _measure(quantity, target["measure"]["text"]) if quantity else None
    return Aim(description_of(goal), measure, Length(int(due["value"]), due["code"]) if due else None)


def _is_sayable(target: Json) -> bool:
    """Tell whether a target is one number of something told in words, a time to reach it in, or both."""
    measure, quantity, due = target.get("measure", {}), target.get("detailQuantity", {}), target.get("due", {})
    return (
        target.keys() <= _SAID
        and measure.keys() == ({"text"} if quantity else set())
        and ("value" in quantity or not quantity)
        and (due.get("code") in UNITS if due else True)
    )


def _measure(quantity: Json, what: str) -> Measure:
    code, words = quantity.get("code", "1"), quantity.get("unit", "")
    return Measure(what, quantity.get("comparator", ""), Decimal(quantity["value"]), code, words)


def description_of(goal: Json) -> str:
    """Give what a goal is called, on a plan or on a citizen: its text, else what its code is called."""
    concept = goal.get("description", {})
    displays = (each.get("display") or each.get("code", "") for each in concept.get("coding", ()))
    return str(concept.get("text") or next(displays, ""))


def with_aim(plan: Json, number: int, aim: Aim, *, keeps_target: bool = False) -> dict[str, Any]:
    """Put a goal in the place of a plan's goal, numbered from 0; one after the last is a new one.

    What else the goal says stays, and its target with `keeps_target`.
    """
    goals = list(plan.get("goal", ()))
    before = goals[number] if number < len(goals) else {}
    kept = {name: each for name, each in before.items() if keeps_target or name != "target"}
    said: dict[str, Any] = {**kept, "description": {**before.get("description", {}), "text": aim.description}}
    if not keeps_target and (target := _target(aim)):
        said["target"] = [target]
    return {**plan, "goal": [*goals[:number], said, *goals[number + 1 :]]}


def without_goal(plan: Json, number: int) -> dict[str, Any]:
    """Take a goal out of a plan."""
    kept = [each for at, each in enumerate(plan["goal"]) if at != number]
    others = {name: each for name, each in plan.items() if name != "goal"}
    return {**others, "goal": kept} if kept else others


def _target(aim: Aim) -> dict[str, Any]:
    target: dict[str, Any] = {}
    if aim.measure:
        target["measure"] = {"text": aim.measure.what}
        target["detailQuantity"] = _quantity(aim.measure)
    if aim.within:
        target["due"] = {"value": aim.within.value, "system": UCUM, "code": aim.within.unit}
    return target


def _quantity(measure: Measure) -> dict[str, Any]:
    comparator = {"comparator": measure.comparator} if measure.comparator else {}
    unit = {"unit": measure.unit_words or measure.unit, "system": UCUM, "code": measure.unit}
    return {"value": measure.value, **comparator, **unit}

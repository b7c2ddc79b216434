"""The goals and the information material of a plan, as rows in its order."""

from collections.abc import Mapping

from kommunalpro.care.materials import materials_of
from kommunalpro.fhir.json import Json
from kommunalpro.web.shared.plan_rows import GoalRow, MaterialRow, goal_row, material_row


def goal_rows(plan: Json) -> tuple[GoalRow, ...]:
    """Give the goals of a plan."""
    return tuple(map(goal_row, plan.get("goal", ())))


def material_rows(plan: Json, documents: Mapping[str, Json]) -> tuple[MaterialRow, ...]:
    """Give the material of a plan. `documents` are by version-less URL."""
    return tuple(map(material_row, materials_of(plan, documents)))

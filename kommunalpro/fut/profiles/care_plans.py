"""Rules of what becomes of a CarePlan: what it asks of a citizen stays in it, and it stays in the plan that it is in.

That a draft may still be put together is ours: the guide says that nothing of a plan is ever deleted. What a sub-plan
is part of is not put together by anybody: `$apply` says it, and a plan without it would be a plan of its own.

Source: `fut.md` 1A (ehealth-careplan).
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue


def lost_activities(care_plan: Json, previous: Json | None) -> Iterator[Issue]:
    """Tell of each activity that would be asked of the citizen and be in no plan any more."""
    if previous is None or previous["status"] == "draft":
        return
    before, now = ({each.key for each in activities(plan)} for plan in (previous, care_plan))
    for key in sorted(before - now):
        yield issue("KPRO_CAREPLAN_ACTIVITY_LOST", key, "CarePlan.activity")


def lost_parent(care_plan: Json, previous: Json | None) -> Iterator[Issue]:
    """Tell of a sub-plan that would be in another plan, or in none."""
    before, now = _parents(previous or {}), _parents(care_plan)
    if before and now != before:
        yield issue("KPRO_CAREPLAN_PART_OF", ", ".join(before), "CarePlan.partOf")


def _parents(care_plan: Json) -> list[str]:
    return [str(each.get("reference")) for each in care_plan.get("partOf", ())]


def activities(care_plan: Json) -> list[Reference]:
    """Give what a plan asks: a reference to the ServiceRequest of each activity."""
    found = (Reference.parse(each.get("reference", {}).get("reference", "")) for each in care_plan.get("activity", ()))
    return [each for each in found if each]

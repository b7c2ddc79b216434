"""Rules of what becomes of a CarePlan: what it asks of a citizen stays in it, and it stays in the plan that it is in.

That is a plan of the same course of care.

That a draft may still be put together is ours: the guide says that nothing of a plan is ever deleted. What a sub-plan
is part of is not put together by anybody: `$apply` says it, and a plan without it would be a plan of its own.

Source: `fut.md` 1A (ehealth-careplan).
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import are_of_one_course
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.status_history import is_unbegun


def lost_activities(care_plan: Json, previous: Json | None) -> Iterator[Issue]:
    """Tell of each activity that would be asked of the citizen and be in no plan any more.

    A plan that never began asks nothing; one that is a draft anew has asked, and may again.
    """
    if previous is None or is_unbegun(previous):
        return
    before, now = ({each.key for each in activities(plan)} for plan in (previous, care_plan))
    for key in sorted(before - now):
        yield issue("KPRO_CAREPLAN_ACTIVITY_LOST", key, "CarePlan.activity")


def lost_parent(care_plan: Json, previous: Json | None) -> Iterator[Issue]:
    """Tell of a sub-plan that would be in another plan, or in none."""
    before, now = parents(previous or {}), parents(care_plan)
    if before and now != before:
        yield issue("KPRO_CAREPLAN_PART_OF", ", ".join(before), "CarePlan.partOf")


def new_parent(care_plan: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Tell of a plan that becomes part of one that is not here or is of another course of care, or part of itself.

    Whether there is one of another citizen's is not told. What `$apply` makes, it makes of one course of care, and all
    of it together.
    """
    if session.is_elevated:
        return
    for reference in (each for each in parents(care_plan) if each not in parents(previous or {})):
        parent = read_if_there(session, reference)
        if parent is None or not are_of_one_course(parent, care_plan):
            yield issue("CAREPLAN_NOT_FOUND", "", "CarePlan.partOf")
        elif care_plan["id"] in _upwards(parent, session):
            yield issue("KPRO_SUB_PLAN", "", "CarePlan.partOf")


def _upwards(care_plan: Json, session: Session) -> set[str]:
    """Give the ids of a plan and of all that it is part of."""
    ids: set[str] = set()
    waiting: list[Json | None] = [care_plan]
    for plan in waiting:
        if plan is not None and plan["id"] not in ids:
            ids.add(plan["id"])
            waiting += [read_if_there(session, each) for each in parents(plan)]
    return ids


def parents(care_plan: Json) -> list[str]:
    """Give what a plan is part of: the address of each plan."""
    return [str(each.get("reference")) for each in care_plan.get("partOf", ())]


def activities(care_plan: Json) -> list[Reference]:
    """Give what a plan asks: a reference to the ServiceRequest of each activity."""
    found = (Reference.parse(each.get("reference", {}).get("reference", "")) for each in care_plan.get("activity", ()))
    return [each for each in found if each]

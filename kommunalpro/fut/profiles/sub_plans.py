"""Rules of a plan in a plan: none contains itself, and they nest no deeper than `$apply` goes.

Source: `fut.md` 1A (plandefinition: "hierarchy via sub-plans"); how deep is ours.
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there

MOST_SUB_PLANS = 5
"""How deep sub-plans may nest."""


def actions(nested: object, path: str) -> Iterator[tuple[str, Json]]:
    """Give every action of a plan, outer before inner, with its FHIRPath."""
    for number, action in enumerate(nested if isinstance(nested, list | tuple) else ()):
        here = f"{path}.action[{number}]"
        yield here, action
        yield from actions(action.get("action", ()), here)


def sub_plan(action: Json) -> Reference | None:
    """Give the plan that an action runs; None: it runs none."""
    reference = Reference.parse(action.get("definitionCanonical", ""))
    return reference if reference and reference.type == "PlanDefinition" else None


def sub_plan_problems(plan: Json, found: list[tuple[str, Json]], session: Session) -> Iterator[Issue]:
    """Give where a plan contains itself or nests too deep. `found`: its actions with their FHIRPaths."""
    own = f"PlanDefinition/{plan.get('id')}"
    for path, action in found:
        reference = sub_plan(action)
        if reference and not _ends(reference, own, session):
            yield issue("KPRO_SUB_PLAN", reference.key, f"{path}.definition")


def _ends(first: Reference, own: str, session: Session) -> bool:
    """Tell whether the plans below end within the depth that is allowed, and none of them is `own`."""
    level = {first.key: first}
    for _ in range(MOST_SUB_PLANS):
        if own in level or not level:
            break
        plans = [read_if_there(session, str(each)) or {} for each in level.values()]
        below = (sub_plan(action) for plan in plans for _, action in actions(plan.get("action", ()), ""))
        level = {each.key: each for each in below if each}
    return not level

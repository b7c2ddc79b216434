"""Plans in plans: which a plan can take in, what it asks through them, and which ask a questionnaire."""

from collections.abc import Iterator, Mapping

from kommunalpro.care.bundles import versionless
from kommunalpro.care.due import find_questionnaire
from kommunalpro.care.waiting import steps_of
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.descent import base_of
from kommunalpro.fut.profiles.sub_plans import MOST_SUB_PLANS


def definition_url(step: Json) -> str:
    """Give the version-less URL of what a step runs; empty: it runs nothing itself."""
    return versionless(step.get("definitionCanonical", ""))


def is_plan(url: str) -> bool:
    """Tell whether a URL names a plan."""
    reference = Reference.parse(url)
    return reference is not None and reference.type == "PlanDefinition"


def sub_plan_urls(plan: Json) -> tuple[str, ...]:
    """Give the version-less URLs of the plans that a plan runs itself."""
    return tuple(url for url in map(definition_url, steps_of(plan)) if is_plan(url))


def depth(plan: Json, plans: Mapping[str, Json], *, within: int = 0) -> int:
    """Tell how deep a plan's sub-plans nest; 0: it has none, more than `MOST_SUB_PLANS`: too deep, or in a circle.

    `plans` are by version-less URL.
    """
    if within > MOST_SUB_PLANS:
        return 1
    below = (depth(plans.get(url, {}), plans, within=within + 1) for url in sub_plan_urls(plan))
    return max((1 + each for each in below), default=0)


def can_be_taken_in(plan: Json, url: str, plans: Mapping[str, Json]) -> dict[str, Json]:
    """Give the plans that a plan can take in; `url` is its own, `plans` are by version-less URL.

    Left out are those out of use, its own versions, what leads back to it, and what would nest too deep.
    """
    own = base_of(plan)
    return {
        at: each
        for at, each in plans.items()
        if each.get("status") != "retired"
        and at != url
        and not (own and base_of(each) == own)
        and not leads_to(at, url, plans)
        and depth(each, plans) < MOST_SUB_PLANS
    }


def leads_to(url: str, goal: str, plans: Mapping[str, Json]) -> bool:
    """Tell whether a plan contains another, itself or through others; `goal` is that other's version-less URL."""
    found: set[str] = set()
    left = {url}
    while left:
        found |= left
        left = {each for at in left for each in sub_plan_urls(plans.get(at, {}))} - found
    return goal in found


def all_steps(plan: Json, plans: Mapping[str, Json], *, within: int = 0) -> Iterator[Json]:
    """Give every step of a plan, and of the plans in it; what goes too deep is left out."""
    for step in steps_of(plan):
        yield step
        if is_plan(definition_url(step)) and within < MOST_SUB_PLANS:
            yield from all_steps(plans.get(definition_url(step), {}), plans, within=within + 1)


def asking(questionnaire: str, activities: Mapping[str, Json], plans: Mapping[str, Json]) -> list[Json]:
    """Give the plans that ask a questionnaire, themselves or through the plans in them.

    `questionnaire` is its version-less URL, by which the mappings are too.
    """
    having = {url for url, each in activities.items() if versionless(find_questionnaire(each) or "") == questionnaire}
    return [plan for plan in plans.values() if any(definition_url(step) in having for step in all_steps(plan, plans))]

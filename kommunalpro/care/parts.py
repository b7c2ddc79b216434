"""A citizen's plan with the plans in it: what is done to it is done to them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from kommunalpro.care.bundles import all_pages
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal


def with_parts(gateway: Gateway, care_plan: Json, *, by: Principal, now: datetime) -> Iterator[Json]:
    """Give a CarePlan and those that are parts of it, the whole before its parts.

    `by` stands in its course of care; parts that their team is not on are not found.
    """
    context = {"episodeOfCare": by.context.episode_of_care, "care-team": by.context.care_team}
    given = [(name, value) for name, value in context.items() if value]
    level = [care_plan]
    while level:
        yield from level
        above = ",".join(own_url(gateway.base_url, each) for each in level)
        pages = all_pages(gateway, "CarePlan", [("part-of", above), *given, ("_count", "100")], by=by, now=now)
        level = [each for page in pages for each in resources(page, "CarePlan")]


def requests_of(care_plan: Json) -> list[str]:
    """Give the URLs of what a plan asks."""
    return _urls(each.get("reference", {}) for each in care_plan.get("activity", ()))


def goals_of(care_plan: Json) -> list[str]:
    """Give the URLs of a plan's goals."""
    return _urls(care_plan.get("goal", ()))


def _urls(references: Iterable[Json]) -> list[str]:
    """What is told by a number or in words alone has none."""
    return [each["reference"] for each in references if "reference" in each]

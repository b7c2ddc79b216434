"""The plans that a citizen follows or has followed, each read with its course of care and with what it asks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.care.bundles import all_pages, by_url, versionless
from kommunalpro.care.parts import goals_of, requests_of
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.ehealth import WORKFLOW_EPISODE_OF_CARE
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Parameters, Principal


@dataclass(frozen=True, slots=True)
class Followed:
    """A CarePlan with what it asks and its goals, by URL, as far as they may be seen.

    `course`: its EpisodeOfCare; empty: who reads may not see it.
    """

    url: str
    plan: Json
    requests: Mapping[str, Json]
    goals: Mapping[str, Json]
    course: Json


def plans_followed(
    gateway: Gateway, patient: str, only: Parameters = (), *, with_goals: bool = False, by: Principal, now: datetime
) -> Iterator[Followed]:
    """Give a citizen's plans, of a professional those that their team is on.

    `only` narrows them by what a search takes; their goals are read only with `with_goals`. `by` stands in that
    citizen's context.
    """
    included = [("_include", f"CarePlan:{each}") for each in ("activity-reference", "episodeOfCare")]
    included += [("_include", "CarePlan:goal")] if with_goals else []
    of_team = [("care-team", by.context.care_team)] if by.context.care_team else []
    query = [("patient", patient), *only, *of_team, *included, ("_count", "100")]
    for page in all_pages(gateway, "CarePlan", query, by=by, now=now):
        known = by_url(page, gateway.base_url)
        for plan in resources(page, "CarePlan"):
            yield Followed(
                url=own_url(gateway.base_url, plan),
                plan=plan,
                requests=_of(requests_of(plan), known),
                goals=_of(goals_of(plan), known),
                course=known.get(extension_value(plan, WORKFLOW_EPISODE_OF_CARE)["reference"], {}),
            )


def _of(urls: Iterable[str], known: Mapping[str, Json]) -> dict[str, Json]:
    return {url: known[url] for url in map(versionless, urls) if url in known}

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from kommunalpro.care.bundles import batch
from kommunalpro.care.materials import read_documents
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fut.descent import base_of
from kommunalpro.web.kam.presenters.differences import organizations_named
from kommunalpro.web.shared.reading import everything, gateway_of, now_of, questionnaires, reader


@dataclass(frozen=True, slots=True)
class Known:
    """What plans refer to, by version-less URL. `documents`: the material of the plans that were asked about."""

    activities: Mapping[str, Json]
    plans: Mapping[str, Json]
    questionnaires: Mapping[str, Json]
    documents: Mapping[str, Json]

    @property
    def definitions(self) -> dict[str, Json]:
        """All that a step of a plan can run."""
        return {**self.activities, **self.plans}


def known_to(request: HttpRequest, plan: Json) -> Known:
    """Read what a plan, and the versions that it may be compared with, refer to."""
    plans = everything(request, "PlanDefinition")
    own = base_of(plan)
    compared = [plan, *(each for each in plans.values() if own and base_of(each) == own)]
    return Known(
        everything(request, "ActivityDefinition"),
        plans,
        questionnaires(request),
        read_documents(gateway_of(request), compared, by=reader(request), now=now_of(request)),
    )


def organizations_of(
    request: HttpRequest, definition: Json, every: Iterable[Json], activities: Mapping[str, Json]
) -> dict[str, Json]:
    """Read whom a definition and the version that it is compared with name, by version-less URL."""
    urls = organizations_named(definition, every, activities)
    return batch(gateway_of(request), "Organization", urls, by=reader(request), now=now_of(request))


def usable(definitions: Mapping[str, Json]) -> dict[str, Json]:
    """Give those that are in use, and drafts that will be."""
    return {url: each for url, each in definitions.items() if each.get("status") != "retired"}


def usable_activities(request: HttpRequest) -> dict[str, Json]:
    """Read the activities that a plan can be made of."""
    return everything(request, "ActivityDefinition", ("status", "active,draft"))


def chosen(known: Mapping[str, Json], id: str) -> tuple[str, Json]:
    """Give what was chosen on a list, with its URL.

    Raises:
        BadRequest: it is not on the list.
    """
    found = next(((url, each) for url, each in known.items() if each["id"] == id), None)
    if found is None:
        raise BadRequest("Vælg en på listen.", diagnostics="Nothing on the list was chosen.")
    return found

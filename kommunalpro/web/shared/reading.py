"""What a page reads: through the request's gateway and now; definitions and organisations as a professional."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from kommunalpro.care.bundles import all_pages, batch
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import owner_of

OF_QUESTIONNAIRES = ("status", "title", "name", "version", "date", "approvalDate", "identifier", "extension")
"""What pages tell of a questionnaire that is one of many, less what every resource has."""


def everything(request: HttpRequest, type: str, *parameters: tuple[str, str]) -> dict[str, Json]:
    """Give all resources of a type that match, by version-less URL."""
    gateway = gateway_of(request)
    pages = all_pages(gateway, type, [*parameters, ("_count", "200")], by=reader(request), now=now_of(request))
    return {own_url(gateway.base_url, each): each for page in pages for each in resources(page, type)}


def questionnaires(request: HttpRequest, *parameters: tuple[str, str]) -> dict[str, Json]:
    """Read what questionnaires are called, whose and of which base they are, and which are in use: not what they ask.

    Whole ones are long: a list would wait for every question that was ever asked.
    """
    return everything(request, "Questionnaire", ("_elements", ",".join(OF_QUESTIONNAIRES)), *parameters)


def owners(request: HttpRequest, definitions: Iterable[Json]) -> dict[str, Json]:
    """Give the organisations that own definitions, by version-less URL: of a whole country's, these few."""
    urls = {url for each in definitions if (url := owner_of(each))}
    return batch(gateway_of(request), "Organization", urls, by=reader(request), now=now_of(request))


def one(request: HttpRequest, type: str, id: UUID | str) -> Json:
    """Read the one resource that the page's URL names.

    Raises:
        NotFound: there is none, or the reader may not know it.
    """
    gateway = gateway_of(request)
    return gateway.read(f"{gateway.base_url}/{type}/{id}", by=reader(request), now=now_of(request))


def reader(request: HttpRequest) -> Principal:
    """Give the acting professional, in no citizen's context."""
    principal: Principal = request.principal  # type: ignore[attr-defined]  # set by the session middleware
    return principal.within(patient=None, episode_of_care=None)


def gateway_of(request: HttpRequest) -> Gateway:
    gateway: Gateway = request.gateway  # type: ignore[attr-defined]  # set by config's middleware
    return gateway


def is_partial(request: HttpRequest) -> bool:
    """Tell whether a script asks, for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def is_saving(request: HttpRequest) -> bool:
    """Tell whether the citizen's script saves one answer, and asks for what came of it."""
    return request.headers.get("X-Requested-With") == "fetch"


def now_of(request: HttpRequest) -> datetime:
    now: datetime = request.now  # type: ignore[attr-defined]  # set by config's middleware
    return now

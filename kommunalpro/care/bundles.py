"""Reading searchset Bundles: over all pages, by URL, many at a time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from kommunalpro.fhir.bundle import link, resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.gateway import Gateway, Parameters, Principal

_PAGES = 50


def by_url(bundle: Json, base_url: str) -> Mapping[str, Json]:
    """Give all resources of a Bundle by their absolute, version-less URL."""
    return {own_url(base_url, each): each for each in resources(bundle)}


def all_pages(gateway: Gateway, type: str, parameters: Parameters, *, by: Principal, now: datetime) -> Iterator[Json]:
    """Give every page of a search, at most fifty: a page is asked for when the one before is read."""
    bundle = gateway.search(type, parameters, by=by, now=now)
    for _ in range(_PAGES):
        yield bundle
        following = link(bundle, "next")
        if following is None:
            return
        bundle = gateway.page(following, by=by, now=now)


def escaped(text: str) -> str:
    """Write what somebody has typed as one value of a search parameter: its commas and the like part nothing."""
    return re.sub(r"([\\\\,|$])", r"\\\1", text)


def batch(
    gateway: Gateway, type: str, urls: Iterable[str], only: Parameters = (), *, by: Principal, now: datetime
) -> dict[str, Json]:
    """Read many resources of a type in as few searches as it takes; gives those that the user may see, by URL.

    `only` narrows them further, or brings others along.
    """
    ids = sorted({url_id(url) for url in urls})
    found: dict[str, Json] = {}
    for start in range(0, len(ids), 100):
        chosen = ",".join(ids[start : start + 100])
        bundle = gateway.search(type, [("_id", chosen), *only, ("_count", "100")], by=by, now=now)
        found |= by_url(bundle, gateway.base_url)
    return found


def url_id(url: str) -> str:
    """Give the id in a reference; the text itself when it is none."""
    reference = Reference.parse(url)
    return reference.id if reference else url


def versionless(url: str) -> str:
    """Give a reference without its version."""
    reference = Reference.parse(url)
    return reference.url if reference else url

"""Going through all pages of a search, as a client does: by the link to the next one, which holds the place."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.json import Json

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session


def pages_of(session: "Session", type: str, parameters: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Give the pages of a search, each looked for when it is asked for."""
    found = session.search(type, parameters)
    yield found
    while (following := link(found, "next")) is not None:
        found = session.search(type, [*parameters, _place(following)])
        yield found


def found_in(page: Json) -> Iterator[dict[str, Any]]:
    """Give what a page holds, and not what it says of the search."""
    yield from (entry["resource"] for entry in page.get("entry", ()) if entry["search"]["mode"] != "outcome")


def _place(following: str) -> tuple[str, str]:
    return next(each for each in parse_qsl(urlsplit(following).query) if each[0] == "_page")

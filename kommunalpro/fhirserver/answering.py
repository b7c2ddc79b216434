"""A search from its parameters to its Bundle."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kommunalpro.fhir.bundle import searchset
from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.other_versions import said_of_versions
from kommunalpro.fhirserver.pages import query_of
from kommunalpro.fhirserver.pinning import in_their_versions
from kommunalpro.fhirserver.search.order import Cursor
from kommunalpro.fhirserver.search.query import Query
from kommunalpro.fhirserver.search.run import Search

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session


def search_bundle(session: "Session", type: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Give a page of what somebody searches for and may see, noted for the audit."""
    server = session.server
    query = session.queries.read(type, pairs, session.visible, passes_empty=True)
    pairs = [pair for pair in pairs if pair[1]]
    at = to_microseconds(session.now)
    of = query_of(type, pairs)
    cursor = None if query.page is None else Cursor.of_json(server.pages.read(of, query.page))
    if _tells_of_unseen(session, query, pairs):
        session.trail.tell_of_unseen(session.principal.context.patient_id)
    page = Search(query, session.visible, server.parameters, server.base_url, at, cursor).run()
    following = server.pages.write(of, page.next.to_json()) if page.next else None
    part = query.subset.of if query.subset else dict
    session.trail.answer(id := new_id())
    return searchset(
        [part(session.touched(each)) for each in page.matches],
        included=[part(session.touched(each)) for each in in_their_versions(session, query, page)],
        total=page.total,
        outcome=said_of_versions(session, query, pairs, page),
        base_url=server.base_url,
        links=_links(f"{server.base_url}/{type}?", pairs, following),
        id=id,
    )


def _tells_of_unseen(session: "Session", query: Query, pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether somebody learns of people's data without being shown any: the log has no resource to tell it by."""
    counted = [query.type] if query.only_count or query.count == 0 else []
    referring = [name.split(":")[1] for name, _ in pairs if name.startswith("_has:")]
    types = [] if session.is_elevated else [*counted, *referring]
    return any(not isinstance(session.visible(each), Everything) for each in types)


def _links(base: str, pairs: Sequence[tuple[str, str]], following: str | None) -> Iterator[tuple[str, str]]:
    """Give a searchset's links; a CPR number stands in no address that we make (docs/adr/0010-cpr.md)."""
    asked = [pair for pair in pairs if pair[0] != "_page"]
    masked = [(name, mask_cpr(value)) for name, value in asked]
    yield "self", base + urlencode([*masked, *(pair for pair in pairs if pair[0] == "_page")])
    if following and masked != asked:
        raise BadRequest(
            "Søg efter færre ad gangen.",
            diagnostics="A search by CPR number has one page: narrow it, or ask for a larger _count",
        )
    if following:
        yield "next", base + urlencode([*asked, ("_page", following)])

"""Versions, newest first: of one resource, of a type, of everything. Source: R4 http.html#history.

Who may see a resource now sees its versions, those of a deleted one included, but none that was somebody else's before
it was corrected. `_since` loses nothing: the Bundle says
up to when it is complete (`horizon.py`), and who asks again from there is given what was committed late.

A page begins after the place where the last one ended, be it that no more were asked for or that no more fit. New
versions stand before the first page: none comes twice, and none that was there is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kommunalpro.fhir import bundle
from kommunalpro.fhir.bundle import version_entry
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhirserver.access import Nothing
from kommunalpro.fhirserver.clockwork import from_microseconds, microseconds_of
from kommunalpro.fhirserver.database import Sql, rows, size_sql
from kommunalpro.fhirserver.horizon import complete_to
from kommunalpro.fhirserver.offers import refuse_unknown
from kommunalpro.fhirserver.pages import Pages, query_of
from kommunalpro.fhirserver.search.filters import Visible, filter_sql, joined
from kommunalpro.fhirserver.search.query import LARGEST_PAGE, USUAL_PAGE
from kommunalpro.fhirserver.search.values import interval
from kommunalpro.fhirserver.seeing import is_of_row, read_current
from kommunalpro.fhirserver.sizes import MOST_TEXT

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

PARAMETERS = ("_since", "_count", "_page")
NEWEST_FIRST = "last_updated DESC, type, id"

Place = tuple[int, str, str]
"""Time in microseconds, type and id of a version: no two of one resource have the same time."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What is asked for. `since` in microseconds, None: from the beginning; `after`: where the last page ended."""

    since: int | None = None
    count: int = USUAL_PAGE
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version; `resource` None: with it the resource was deleted.

    `patient` and `episode`: whose the resource is now, empty: nobody's. The version may have been another's.
    """

    type: str
    id: str
    version: int
    last_updated: int
    resource: dict[str, Any] | None = field(repr=False)
    patient: str
    episode: str


def read_history_query(place: str, pairs: Sequence[tuple[str, str]], pages: Pages) -> HistoryQuery:
    """Read the parameters of a history at an address.

    Raises:
        UnknownParameter: names every parameter that is not offered.
        BadRequest: one that cannot be read, or is given twice.
    """
    names = [name for name, _ in pairs]
    refuse_unknown(names, PARAMETERS, "_history")
    twice = [
        Issue(f"{name} er givet flere gange.", diagnostics=f"{name} may be given once")
        for name in PARAMETERS
        if names.count(name) > 1
    ]
    if twice:
        raise BadRequest(issues=twice)
    given = {name: value for name, value in pairs if value or name == "_page"}  # as a search passes over the rest
    return HistoryQuery(
        since=_moment(given["_since"]) if "_since" in given else None,
        count=_count(given["_count"]) if "_count" in given else USUAL_PAGE,
        after=tuple(pages.read(query_of(place, pairs), given["_page"])) if "_page" in given else None,
    )


def history(
    query: HistoryQuery, types: Sequence[str], id: str | None, visible: Visible
) -> tuple[list[Version], Place | None]:
    """Give a page of versions, of one resource where `id` says which, and the place where it ends; None: no more come.

    Each type by itself, from its index, and of these the newest.
    """
    parts = [_of_type(query, type, id, visible) for type in types if visible(type) != Nothing()]
    if not parts:
        return [], None
    together = " UNION ALL ".join(f"SELECT * FROM ({sql}) t{number}" for number, (sql, _) in enumerate(parts))
    wanted = f"SELECT * FROM ({together}) h ORDER BY {NEWEST_FIRST} LIMIT %s"
    found = rows(_fitting(wanted, _table(types[0])), (*(each for _, many in parts for each in many), query.count + 1))
    page = [_version(row[:-1]) for row in takewhile(itemgetter(-1), found[: query.count])]
    if len(found) == len(page):
        return page, None
    last = page[-1]
    return page, (last.last_updated, last.type, last.id)


def history_bundle(
    session: "Session", type: str | None, id: str | None, pairs: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Give a page as a Bundle; of everything (`type` None) without AuditEvents, which would be most of it.

    Raises:
        NotFound: there is no such resource, or this user may not know of it.
    """
    base, pages = session.server.base_url, session.server.pages
    place = "/".join(part for part in (type, id, "_history") if part)
    query = read_history_query(place, pairs, pages)
    types = [type] if type else sorted(session.server.rules.types - {"AuditEvent"})
    # Before the versions are read: what is committed in between is given, and comes again.
    complete = complete_to(session.now)
    found, end = history(query, types, id, session.visible)
    if not found and id is not None:
        read_current(session, (str(type), id), also_deleted=True)
    shown = [each for each in found if _may_be_known(session, each)]
    for each in shown:
        session.trail.touch(_whose(session, each), f"{base}/{each.type}/{each.id}/_history/{each.version}")
    return bundle.history(
        (_entry(each, base) for each in shown),
        complete_to=to_instant(from_microseconds(complete)),
        links=_links(f"{base}/{place}", pairs, pages.write(query_of(place, pairs), end) if end else None),
    )


def _may_be_known(session: "Session", version: Version) -> bool:
    return version.resource is None or is_of_row(session, version.resource, version.patient, version.episode)


def _whose(session: "Session", version: Version) -> str:
    """Give the patient that a version is about, empty: nobody; a deletion is of whom the resource was of last."""
    owner = session.server.rules.owner(version.resource) if version.resource else None
    return (owner.patient or "") if owner else version.patient


def _entry(version: Version, base: str) -> dict[str, Any]:
    at = to_instant(from_microseconds(version.last_updated))
    return version_entry(f"{base}/{version.type}/{version.id}", version.resource, version.version, at)


def _links(place: str, pairs: Sequence[tuple[str, str]], following: str | None) -> Iterator[tuple[str, str]]:
    yield "self", f"{place}?{urlencode(pairs)}" if pairs else place
    if following:
        yield "next", f"{place}?{urlencode([*(pair for pair in pairs if pair[0] != '_page'), ('_page', following)])}"


def _of_type(query: HistoryQuery, type: str, id: str | None, visible: Visible) -> Sql:
    conditions: list[Sql] = [("v.type = %s", (type,)), filter_sql(visible(type))]
    if id is not None:
        conditions.append(("v.id = %s", (id,)))
    if query.since is not None:
        conditions.append(("v.last_updated >= %s", (query.since,)))
    if query.after:
        conditions.append(_after(query.after))
    where, parameters = joined(" AND ", "TRUE", conditions)
    sql = (
        f"SELECT v.type, v.id, v.version, v.last_updated, v.deleted, r.patient, r.episode, {size_sql('v.json')} AS size"
        f" FROM {_table(type)} v JOIN fhir_resource r ON r.type = v.type AND r.id = v.id"
        f" WHERE {where} ORDER BY v.last_updated DESC, v.id LIMIT %s"
    )
    return sql, (*parameters, query.count + 1)


def _table(type: str) -> str:
    # An AuditEvent never changes: its one version is the current row. Nothing else is asked for beside it.
    return "fhir_resource" if type == "AuditEvent" else "fhir_version"


def _fitting(wanted: str, table: str) -> str:
    """Give the versions that are wanted, each with whether the page holds it; the texts of those alone are read."""
    sized = f"SELECT p.*, sum(size) OVER (ORDER BY {NEWEST_FIRST} ROWS UNBOUNDED PRECEDING) AS so_far FROM ({wanted}) p"
    fits = f"(so_far <= {MOST_TEXT} OR so_far = size)"
    text = f"SELECT v.json FROM {table} v WHERE v.type = s.type AND v.id = s.id AND v.version = s.version"
    return (
        f"SELECT type, id, version, last_updated, deleted, CASE WHEN {fits} THEN ({text}) END, patient, episode, {fits}"
        f" FROM ({sized}) s ORDER BY {NEWEST_FIRST}"
    )


def _after(place: Place) -> Sql:
    at, type, id = place
    sql = "v.last_updated <= %s AND (v.last_updated < %s OR v.type > %s OR (v.type = %s AND v.id > %s))"
    return sql, (at, at, type, type, id)


def _version(row: tuple[Any, ...]) -> Version:
    type, id, version, last_updated, is_deleted, text, *whose = row
    return Version(type, id, version, last_updated, None if is_deleted else loads(text), *whose)


def _moment(text: str) -> int:
    try:
        # A plus sign in a query is a space when nobody encoded it.
        return microseconds_of(interval(text.strip().replace(" ", "+"))[0])
    except ValueError:
        raise BadRequest("_since kan ikke læses.", diagnostics="_since must be an instant, or a date") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise BadRequest("_count skal være et tal fra 1.", diagnostics="_count must be a number from 1")
    return min(int(text), LARGEST_PAGE)

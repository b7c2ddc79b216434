"""Paging while others write: every row has one place in the order for as long as somebody pages through it.

A row that is written after the first page was read would change its place, and come twice or not at all. So each page
after the first leaves those rows out of its query and puts them where they stood when the first page was read. Because
a version may be committed a little after the time that it bears, all that were written from `SLACK` before are treated
so, and the cursor keeps which of them the first page knew already. A row that is made meanwhile stands where it was
made: it comes once, or before where the reader is.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import Sql, is_postgresql, rows
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.matching import ROW
from kommunalpro.fhirserver.search.order import Cursor, Place, key_of
from kommunalpro.fhirserver.search.query import Sort

SLACK = 10_000_000
"""Microseconds that a unit of work may take from its beginning until it is committed."""
MOST_KNOWN = 100
"""Versions that a cursor keeps; a link cannot hold more."""
MOST_MOVED = 5_000
"""Versions that are looked at for one page: who reads on for hours, while everything is written, begins anew."""


def known_sql(where: Sql, since: int) -> Sql:
    """Give an expression for which of the rows that match have versions after `since`, newest first.

    `where` is said of a row called `ROW`: they are few, and each is looked at.

    It stands in the statement that reads the first page, so that both see the same.
    """
    together = "string_agg" if is_postgresql() else "group_concat"
    inner = (
        f"SELECT {ROW}.id || ':' || {ROW}.version || ':' || {ROW}.last_updated AS name FROM fhir_resource {ROW}"
        f" WHERE ({where[0]}) AND {ROW}.last_updated > %s AND {ROW}.version > 1"
        f" ORDER BY {ROW}.last_updated DESC, {ROW}.id LIMIT {MOST_KNOWN + 1}"
    )
    return f"(SELECT {together}(n.name, ' ') FROM ({inner}) n)", (*where[1], since)


def read_known(text: str | None, since: int) -> tuple[int, dict[str, int]]:
    """Read what the expression gave, None when there was nothing; gives since when, and those versions by id.

    Where there are more than a cursor keeps, the older ones count as standing still: `since` is later.
    """
    known = [each.split(":") for each in (text or "").split()]
    if len(known) > MOST_KNOWN:
        since = min(int(at) for _, _, at in known)
    return since, {id: int(version) for id, version, at in known if int(at) > since}


def still_sql(since: int) -> Sql:
    """Give the condition that a row `r` stands where it stood."""
    return "NOT (r.version > 1 AND r.last_updated > %s)", (since,)


def moved(
    where: Sql, sort: tuple[Sort, ...], cursor: Cursor, parameters: Mapping[str, SearchParameter], base_url: str
) -> Iterator[tuple[Place, str]]:
    """Give the rows that were written meanwhile and still match: where they stood, and their text of now.

    Raises:
        BadRequest: they are too many to be looked at for a page.
    """
    found = rows(
        f"SELECT {ROW}.id, {ROW}.json, v.version, v.last_updated, v.json FROM fhir_resource {ROW}"
        f" JOIN fhir_version v ON v.type = {ROW}.type AND v.id = {ROW}.id WHERE ({where[0]})"
        f" AND {ROW}.version > 1 AND {ROW}.last_updated > %s ORDER BY {ROW}.id, v.version LIMIT {MOST_MOVED + 1}",
        (*where[1], cursor.since),
    )
    if len(found) > MOST_MOVED:
        raise BadRequest(
            "Meget er ændret, siden du begyndte. Begynd forfra.",
            diagnostics="So much was written since the first page that its order cannot be kept: begin anew",
            code="too-costly",
        )
    sorted_by = [parameters[each.name] for each in sort if each.name in parameters]
    indexer = Indexer(sorted_by, base_url)
    for id, versions in groupby(found, key=lambda row: str(row[0])):
        many = list(versions)
        _, text, _, last_updated, then = _stood_as(many, cursor)
        index = indexer.rows(loads(then)) if sorted_by else ()
        yield (*(key_of(each, last_updated, id, index) for each in sort), id), text


def _stood_as(versions: list[Any], cursor: Cursor) -> Any:
    """Give the version that the first page saw, or the first of a row that was made later."""
    known = cursor.versions.get(versions[0][0])
    before = [each for each in versions if (each[2] == known if known else each[3] <= cursor.since)]
    return before[-1] if before else versions[0]

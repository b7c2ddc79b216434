"""Paging while others write: every row has one place in the order for as long as somebody pages through it.

A row that is written after the first page was read would change its place, and come twice or not at all. So each page
after the first leaves those rows out of its query and puts them where they stood when the first page was read. Because
a version may be committed a little after the time that it bears, all that were written from `SLACK` before are treated
so, and the cursor keeps which of them the first page knew already. A row that is made meanwhile stands where it was
made: it comes once, or before where the reader is.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import Row, Sql, is_postgresql, rows, rows_by_key
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Visible
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.matching import ROW
from kommunalpro.fhirserver.search.order import Cursor, Place, key_of
from kommunalpro.fhirserver.search.query import Query

SLACK = 10_000_000
"""Microseconds that a unit of work may take from its beginning until it is committed."""
LEAST_SLACK = 5_000_000
"""As little of it as will do where more was written than a cursor keeps; less, and rows could be lost unseen."""
MOST_KNOWN = 500
"""Versions that a cursor keeps, ten bytes each; there are proxies that take no link of more than 8,000."""
MOST_MOVED = 5_000
"""Rows that are looked at for one page: who reads on for hours, while everything is written, begins anew."""
AT_ONCE = 100
"""Versions that are read together."""


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


def read_known(text: str | None, since: int) -> tuple[int, dict[bytes, int]]:
    """Read what the expression gave, None when there was nothing; gives since when, and those versions by `short` id.

    Where there are more than a cursor keeps, the older ones count as standing still: `since` is later, as long as what
    began before it has been committed by now.
    """
    known = [each.split(":") for each in (text or "").split()]
    if len(known) > MOST_KNOWN:
        oldest = min(int(at) for _, _, at in known)
        since = oldest if oldest <= since + SLACK - LEAST_SLACK else -1
    return since, {short(id): int(version) for id, version, at in known if int(at) > since}


def short(id: str) -> bytes:
    """Give a name of an id of which many find room in a link; of two thousand million, two have the same."""
    return blake2b(id.encode(), digest_size=5).digest()


def still_sql(since: int) -> Sql:
    """Give the condition that a row `r` stands where it stood."""
    return "NOT (r.version > 1 AND r.last_updated > %s)", (since,)


def moved(
    query: Query, visible: Visible, cursor: Cursor, parameters: Mapping[str, SearchParameter], base_url: str
) -> Iterator[tuple[Place, int]]:
    """Give the rows that were written meanwhile and still match: where they stood, and which version they are now.

    Raises:
        BadRequest: they are too many to be looked at for a page.
    """
    where = query.by_row(visible)
    # The + keeps both databases from looking through the versions of all that is of the type, by their time.
    then = (
        f"SELECT b.version FROM fhir_version b WHERE b.type = {ROW}.type AND b.id = {ROW}.id"
        " AND +b.last_updated <= %s ORDER BY b.version DESC LIMIT 1"
    )
    found = rows(
        f"SELECT {ROW}.id, {ROW}.version, ({then}) FROM fhir_resource {ROW} WHERE ({where[0]})"
        f" AND {ROW}.version > 1 AND {ROW}.last_updated > %s"
        f" ORDER BY {ROW}.last_updated DESC, {ROW}.id LIMIT {MOST_MOVED + 1}",
        (cursor.since, *where[1], cursor.since),
    )
    if len(found) > MOST_MOVED or cursor.since < 0:
        raise BadRequest(
            "Meget er ændret, siden du begyndte. Begynd forfra.",
            diagnostics="So much was written since the first page that its order cannot be kept: begin anew",
            code="too-costly",
        )
    now = {id: version for id, version, _ in found}
    # What the first page saw, or the first of a row that was made later.
    stood = [(id, cursor.versions.get(short(id)) or before or 1) for id, _, before in found]
    sorted_by = [parameters[each.name] for each in query.sort if each.name in parameters]
    indexer = Indexer(sorted_by, base_url)
    for id, last_updated, text in _versions(query.type, stood, "v.json" if sorted_by else "''"):
        index = indexer.rows(loads(text)) if sorted_by else ()
        yield (*(key_of(each, last_updated, id, index) for each in query.sort), id), now[id]


def texts_of(type: str, versions: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Give the texts of versions of different resources, by id."""
    return {id: text for id, _, text in _versions(type, versions, "v.json")}


def _versions(type: str, versions: Sequence[tuple[str, int]], text: str) -> Iterator[Row]:
    """Give (id, when it was written, text) of versions, few at a time: each may be large."""
    for start in range(0, len(versions), AT_ONCE):
        some = versions[start : start + AT_ONCE]
        # With the type in each: else SQLite reads all that are of it.
        which = " OR ".join(["(v.type = %s AND v.id = %s AND v.version = %s)"] * len(some))
        bound = [each for key in some for each in (type, *key)]
        yield from rows_by_key(f"SELECT v.id, v.last_updated, {text} FROM fhir_version v WHERE {which}", bound)

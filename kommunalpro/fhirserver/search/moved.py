"""Paging while others write: every row has one place in the order for as long as somebody pages through it.

A row that is written after the first page was read would change its place, and come twice or not at all. So each page
after the first leaves those rows out of its query and puts them where they stood when the first page was read. Which
versions that page saw, the database tells exactly, whatever time they bear: by its snapshot on PostgreSQL, and on
SQLite, where one writes at a time, by how many there were. A row that is made meanwhile stands where it was made: it
comes once, or before where the reader is.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import Sql, is_postgresql, rows, rows_by_key, size_sql
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Visible
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.matching import ROW
from kommunalpro.fhirserver.search.order import Cursor, Found, key_of
from kommunalpro.fhirserver.search.query import Query

SLACK = 60_000_000
"""Microseconds that a unit of work may take from its beginning until it is committed: rows that bear an older time are
not looked at."""
MOST_MOVED = 5_000
"""Rows that are looked at for one page: who reads on for hours, while everything is written, begins anew."""
AT_ONCE = 20
"""Versions that are read together: each may be large."""


def seen_sql() -> str:
    """Give an expression for what its statement sees, as `Cursor.seen` has it."""
    if not is_postgresql():
        return "(SELECT coalesce(max(v.rowid), 0) || ' ' FROM fhir_version v)"
    # What this transaction has written itself is in no snapshot.
    return "pg_current_snapshot() || ' ' || coalesce(pg_current_xact_id_if_assigned()::text, '')"


def still_sql(cursor: Cursor) -> Sql:
    """Give the condition that a row `r` stands where it stood."""
    sql, bound = _moved_sql("r", cursor)
    return f"NOT ({sql})", bound


def _moved_sql(row: str, cursor: Cursor) -> Sql:
    seen, bound = _was_seen_sql("w", cursor)
    current = (
        f"SELECT 1 FROM fhir_version w WHERE w.type = {row}.type AND w.id = {row}.id AND w.version = {row}.version"
    )
    sql = f"{row}.version > 1 AND {row}.last_updated > %s AND NOT EXISTS ({current} AND {seen})"
    return sql, (cursor.since, *bound)


def _was_seen_sql(version: str, cursor: Cursor) -> Sql:
    """Give the condition that the first page saw a version (migration 0011)."""
    snapshot, _, own = cursor.seen.partition(" ")
    if not is_postgresql():
        return f"{version}.rowid <= %s", (int(snapshot),)
    # The + keeps it from looking through the versions of all that is of the type, by their time. What was restored from
    # a copy bears numbers of another database.
    sql = (
        f"(+{version}.last_updated <= %s OR {version}.xact IS NULL OR {version}.xact::text = %s"
        f" OR pg_visible_in_snapshot({version}.xact, %s::pg_snapshot))"
    )
    return sql, (cursor.since, own, snapshot)


def moved(
    query: Query, visible: Visible, cursor: Cursor, parameters: Mapping[str, SearchParameter], base_url: str
) -> Iterator[Found]:
    """Give the rows that were written meanwhile and still match, as they are now, where they stood.

    Raises:
        BadRequest: they are too many to be looked at for a page.
    """
    where, written, seen = query.by_row(visible), _moved_sql(ROW, cursor), _was_seen_sql("v", cursor)
    # What the first page saw, or the first version of a row that was made later.
    then = (
        f"SELECT v.version FROM fhir_version v WHERE v.type = {ROW}.type AND v.id = {ROW}.id AND {seen[0]}"
        " ORDER BY v.version DESC LIMIT 1"
    )
    found = rows(
        f"SELECT {ROW}.id, {ROW}.version, {size_sql(f'{ROW}.json')}, b.version, b.last_updated"
        f" FROM fhir_resource {ROW} JOIN fhir_version b ON b.type = {ROW}.type AND b.id = {ROW}.id"
        f" AND b.version = coalesce(({then}), 1)"
        f" WHERE ({where[0]}) AND {written[0]} ORDER BY {ROW}.last_updated DESC, {ROW}.id LIMIT {MOST_MOVED + 1}",
        (*seen[1], *where[1], *written[1]),
    )
    if len(found) > MOST_MOVED:
        raise BadRequest(
            "Meget er ændret, siden du begyndte. Begynd forfra.",
            diagnostics="So much was written since the first page that its order cannot be kept: begin anew",
            code="too-costly",
        )
    sorted_by = [parameters[each.name] for each in query.sort if each.name in parameters]
    indexer = Indexer(sorted_by, base_url)
    texts = texts_of(query.type, [(id, then) for id, *_, then, _ in found]) if sorted_by else repeat("{}")
    for (id, now, size, _, last_updated), text in zip(found, texts, strict=False):
        index = indexer.rows(loads(text))
        yield Found((*(key_of(each, last_updated, id, index) for each in query.sort), id), now, size)


def texts_of(type: str, versions: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Give the texts of versions of different resources in the order asked for, as they are wanted."""
    for start in range(0, len(versions), AT_ONCE):
        some = versions[start : start + AT_ONCE]
        # With the type in each: else SQLite reads all that are of it.
        which = " OR ".join(["(v.type = %s AND v.id = %s AND v.version = %s)"] * len(some))
        bound = [each for key in some for each in (type, *key)]
        texts = dict[str, str](rows_by_key(f"SELECT v.id, v.json FROM fhir_version v WHERE {which}", bound))
        yield from (texts[id] for id, _ in some)

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
from kommunalpro.fhirserver.database import is_postgresql, rows
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Sql
from kommunalpro.fhirserver.search.indexing import index_rows
from kommunalpro.fhirserver.search.order import Cursor, Place, key_of
from kommunalpro.fhirserver.search.query import Sort

SLACK = 10_000_000
"""Microseconds that a unit of work may take from its beginning until it is committed."""
MOST_KNOWN = 100
"""Versions that a cursor keeps; a link cannot hold more."""


def known_sql(type: str, since: int) -> Sql:
    """Give an expression for which versions after `since` there are, read in the same statement as the page."""
    together = "string_agg" if is_postgresql() else "group_concat"
    inner = (
        "SELECT m.id || ':' || m.version AS name FROM fhir_resource m"
        f" WHERE m.type = %s AND m.last_updated > %s AND m.version > 1 LIMIT {MOST_KNOWN}"
    )
    return f"(SELECT {together}(n.name, ' ') FROM ({inner}) n)", (type, since)


def read_known(text: str | None) -> dict[str, int]:
    """Read what the expression gave; None when there was nothing."""
    return {id: int(version) for id, _, version in (each.partition(":") for each in (text or "").split())}


def still_sql(since: int) -> Sql:
    """Give the condition that a row `r` stands where it stood."""
    return "NOT (r.version > 1 AND r.last_updated > %s)", (since,)


def moved(
    where: Sql, sort: tuple[Sort, ...], cursor: Cursor, parameters: Mapping[str, SearchParameter], base_url: str
) -> Iterator[tuple[Place, str]]:
    """Give the rows that were written meanwhile and still match: where they stood, and their text of now."""
    found = rows(
        "SELECT r.id, r.json, v.version, v.last_updated, v.json FROM fhir_resource r"
        f" JOIN fhir_version v ON v.type = r.type AND v.id = r.id WHERE ({where[0]})"
        " AND r.version > 1 AND r.last_updated > %s ORDER BY r.id, v.version",
        (*where[1], cursor.since),
    )
    sorted_by = {each.name: parameters[each.name] for each in sort if each.name in parameters}
    for id, versions in groupby(found, key=lambda row: str(row[0])):
        many = list(versions)
        _, text, _, last_updated, then = _stood_as(many, cursor)
        index = index_rows(loads(then), sorted_by, (), base_url) if sorted_by else ()
        yield (*(key_of(each, last_updated, id, index) for each in sort), id), text


def _stood_as(versions: list[Any], cursor: Cursor) -> Any:
    """Give the version that the first page saw, or the first of a row that was made later."""
    known = cursor.versions.get(versions[0][0])
    before = [each for each in versions if (each[2] == known if known else each[3] <= cursor.since)]
    return before[-1] if before else versions[0]

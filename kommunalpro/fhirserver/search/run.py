"""Running a query: one page of matches, what they include, and the link to the next page.

Paging is by where the last row stands (sort key, id): what others write meanwhile makes no row that they leave alone
come twice or not at all.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import Row, placeholders, rows
from kommunalpro.fhirserver.search.filters import Sql, filter_sql, joined
from kommunalpro.fhirserver.search.query import Query, Visible

_LATEST = 2**63


@dataclass(frozen=True, slots=True)
class Page:
    """One page: matches in order, included resources, how many match in all, and where the next page begins."""

    matches: tuple[dict[str, Any], ...] = field(repr=False)
    included: tuple[dict[str, Any], ...] = field(repr=False)
    total: int
    next: str | None


def run(query: Query, visible: Visible) -> Page:
    """Run a query with the access filter of every type that it touches inside the SQL."""
    where = _where(query, visible)
    if query.only_count or query.count == 0:
        return Page((), (), _count(where), None)
    found = _page(query, where)
    more = len(found) > query.count
    # A first page that holds all has counted them.
    total = _count(where) if more or query.page else len(found)
    kept = found[: query.count]
    matches = tuple(loads(text) for _, _, text in kept)
    following = _cursor(*kept[-1][:2]) if more else None
    ids = [id for _, id, _ in kept]
    return Page(matches, tuple(_unless_there(matches, _included(query, ids, visible))), total, following)


def _where(query: Query, visible: Visible) -> Sql:
    own: Sql = ("r.type = %s AND NOT r.deleted", (query.type,))
    return joined(" AND ", "TRUE", [own, *query.conditions, filter_sql(visible(query.type))])


def _count(where: Sql) -> int:
    return int(rows(f"SELECT count(*) FROM fhir_resource r WHERE {where[0]}", where[1])[0][0])


def _page(query: Query, where: Sql) -> list[Row]:
    """Give (sort key, id, text), one row more than a page, to know whether there is another."""
    name, descending = query.sort
    key: Sql = ("r.last_updated", ())
    if name != "_lastUpdated":
        inner = "SELECT min(s.value) FROM fhir_index s WHERE s.type = r.type AND s.id = r.id AND s.parameter = %s"
        key = (f"coalesce(({inner}), '')", (name,))
    compare, direction = ("<", "DESC") if descending else (">", "ASC")
    after: Sql = ("TRUE", ())
    if query.page is not None:
        value, id = _read_cursor(query.page, int if name == "_lastUpdated" else str)
        after = (f"(k.key {compare} %s OR (k.key = %s AND k.id > %s))", (value, value, id))
    sql = (
        "SELECT k.key, k.id, k.json FROM"
        f" (SELECT {key[0]} AS key, r.id, r.json FROM fhir_resource r WHERE {where[0]}) k"
        f" WHERE {after[0]} ORDER BY k.key {direction}, k.id LIMIT %s"
    )
    return rows(sql, (*key[1], *where[1], *after[1], query.count + 1))


def _cursor(key: object, id: str) -> str:
    return urlsafe_b64encode(dumps([key, id])).decode().rstrip("=")


def _read_cursor(text: str, kind: type) -> tuple[object, str]:
    try:
        found: Any = loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        found = None
    match found:
        case [str() as key, str() as id] if kind is str:
            return key, id
        case [int() as moment, str() as id] if kind is int and type(moment) is int and 0 <= moment < _LATEST:
            return moment, id
    raise BadRequest("Siden findes ikke.", diagnostics="_page was not made by this server, or for another order")


def _included(query: Query, ids: list[str], visible: Visible) -> Iterator[dict[str, Any]]:
    if not ids:
        return
    marks = placeholders(len(ids))
    for type, name, target in query.includes:
        sql = f"SELECT DISTINCT i.value FROM fhir_index i WHERE i.type = %s AND i.parameter = %s AND i.id IN ({marks})"
        keys = [value for (value,) in rows(sql, (type, name, *ids)) if not target or value.startswith(f"{target}/")]
        yield from _visible_of(keys, visible)
    keys = [f"{query.type}/{id}" for id in ids]
    for type, name in query.revincludes:
        sql, parameters = filter_sql(visible(type))
        found = rows(
            "SELECT r.json FROM fhir_resource r WHERE r.type = %s AND NOT r.deleted AND r.id IN"
            f" (SELECT i.id FROM fhir_index i WHERE i.type = %s AND i.parameter = %s AND i.value IN ({marks}))"
            f" AND ({sql}) ORDER BY r.id",
            (type, type, name, *keys, *parameters),
        )
        yield from (loads(text) for (text,) in found)


def _unless_there(matches: Iterable[Json], found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give what is found once each, and what matches itself not at all: a Bundle holds a resource once."""
    there = {(each["resourceType"], each["id"]) for each in matches}
    for each in found:
        key = each["resourceType"], each["id"]
        if key not in there:
            there.add(key)
            yield each


def _visible_of(keys: list[str], visible: Visible) -> Iterator[dict[str, Any]]:
    """Give the resources of these keys (`Type/id`) that may be seen; foreign references are nobody's here."""
    by_type: dict[str, list[str]] = {}
    for key in sorted(keys):
        type, _, id = key.partition("/")
        if "/" not in id and ":" not in type:
            by_type.setdefault(type, []).append(id)
    for type, ids in by_type.items():
        sql, parameters = filter_sql(visible(type))
        found = rows(
            "SELECT r.json FROM fhir_resource r WHERE r.type = %s AND NOT r.deleted"
            f" AND r.id IN ({placeholders(len(ids))}) AND ({sql}) ORDER BY r.id",
            (type, *ids, *parameters),
        )
        yield from (loads(text) for (text,) in found)

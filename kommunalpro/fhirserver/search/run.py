"""Running a query: one page of matches, what comes along with them, and the link to the next page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Sql, Visible, joined
from kommunalpro.fhirserver.search.including import included
from kommunalpro.fhirserver.search.matching import Lead
from kommunalpro.fhirserver.search.moved import SLACK, known_sql, moved, read_known, still_sql
from kommunalpro.fhirserver.search.order import (
    Cursor,
    Place,
    after_sql,
    in_order,
    keys_sql,
    order_sql,
    read_cursor,
)
from kommunalpro.fhirserver.search.query import Query

FEW = 1000
"""Rows that are counted, or collected, without a thought; what is more is not counted unless it is asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: matches in order, what comes along, how many match in all, and where the next page begins.

    `total` None: more than are counted unasked.
    """

    matches: tuple[dict[str, Any], ...] = field(repr=False)
    included: tuple[dict[str, Any], ...] = field(repr=False)
    total: int | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """A query of somebody, at a time: `at` in microseconds."""

    query: Query
    visible: Visible
    parameters: Mapping[str, SearchParameter]
    base_url: str
    at: int

    def run(self) -> Page:
        """Run it, with the access filter of every type that it touches inside the SQL."""
        query, where = self.query, self.query.where(self.visible)
        if query.only_count or query.count == 0:
            return Page((), (), _count(where), None)
        cursor = read_cursor(query.page, query.sort) if query.page is not None else None
        found, known = self._rows(cursor)
        kept = found[: query.count]
        matches = tuple(loads(text) for _, text in kept)
        following = None
        if len(found) > query.count:
            place = kept[-1][0]
            following = Cursor(place, cursor.since, cursor.versions) if cursor else Cursor(place, self._since, known)
        along = tuple(included(matches, query.includes, self.visible))
        return Page(matches, along, self._total(where, found, cursor), str(following) if following else None)

    @property
    def _since(self) -> int:
        return max(self.at - SLACK, 0)

    def _total(self, where: Sql, found: list[Any], cursor: Cursor | None) -> int | None:
        """A first page that holds all has counted them."""
        if self.query.total == "none":
            return None
        if cursor is None and len(found) <= self.query.count:
            return len(found)
        total = _count(where, None if self.query.total == "accurate" else FEW + 1)
        return total if self.query.total == "accurate" or total <= FEW else None

    def _rows(self, cursor: Cursor | None) -> tuple[list[tuple[Place, str]], dict[str, int]]:
        """Give (place, text) of one row more than a page, to know whether there is another."""
        sort, most = self.query.sort, self.query.count + 1
        if cursor is None:
            found = self._read([], ("TRUE", ()), known_sql(self.query.type, self._since), most)
            return [(_place(row), row[-2]) for row in found], read_known(found[0][-1] if found else None)
        still = self._read([still_sql(cursor.since)], after_sql(sort, cursor.place), ("NULL", ()), most)
        others = moved(self.query.where(self.visible), sort, cursor, self.parameters, self.base_url)
        places = [(_place(row), row[-2]) for row in still] + [each for each in others if each[0] != cursor.place]
        ordered = in_order([(cursor.place, None), *places], sort)
        end = next(number for number, (_, text) in enumerate(ordered) if text is None)
        return ordered[end + 1 :][:most], cursor.versions

    def _read(self, also: list[Sql], after: Sql, known: Sql, most: int) -> list[tuple[Any, ...]]:
        """Give rows of (key …, id, text, what is known of later versions)."""
        sort, lead = self.query.sort, _lead(self.query)
        keys, source, begun = keys_sql(sort), "fhir_resource r", also
        if lead and len(lead.values) == 1 and [each.name for each in sort] == ["_lastUpdated"]:
            # Its index rows stand in this order already: no more of them are read than are wanted.
            keys, begun = [("i.last_updated", ())], [lead.sql, *also]
            source = "fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
        elif lead:
            begun = [(f"r.id IN (SELECT i.id FROM fhir_index i WHERE {lead.sql[0]})", lead.sql[1]), *also]
        where = joined(" AND ", "TRUE", [*begun, self.query.where(self.visible, but=lead)])
        columns = ", ".join(f"{sql} AS k{number}" for number, (sql, _) in enumerate(keys))
        names = ", ".join(f"k.k{number}" for number in range(len(keys)))
        sql = (
            f"SELECT {names}, k.id, k.json, {known[0]} FROM (SELECT {columns}, r.id, r.json FROM {source}"
            f" WHERE {where[0]}) k WHERE {after[0]} ORDER BY {order_sql(sort)} LIMIT %s"
        )
        bound = (*known[1], *(each for _, many in keys for each in many), *where[1], *after[1], most)
        return rows(sql, bound)


def _place(row: tuple[Any, ...]) -> Place:
    return row[:-2]


def _lead(query: Query) -> Lead | None:
    """Give what to begin with: of several conditions, the one that the fewest rows meet."""
    leads = [each.lead for each in query.conditions if each.lead]
    if len(leads) < 2:
        return leads[0] if leads else None
    some = (f"SELECT 1 FROM fhir_index i WHERE {each.sql[0]} LIMIT {FEW}" for each in leads)
    counted = ", ".join(f"(SELECT count(*) FROM ({each}) n)" for each in some)
    ((*sizes,),) = rows(f"SELECT {counted}", [each for lead in leads for each in lead.sql[1]])
    return leads[sizes.index(min(sizes))]


def _count(where: Sql, most: int | None = None) -> int:
    limit = "" if most is None else f" LIMIT {most}"
    sql = f"SELECT count(*) FROM (SELECT 1 FROM fhir_resource r WHERE {where[0]}{limit}) n"
    return int(rows(sql, where[1])[0][0])

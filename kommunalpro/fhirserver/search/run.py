"""Running a query: one page of matches, what comes along with them, and the link to the next page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Sql, Visible, joined
from kommunalpro.fhirserver.search.including import included
from kommunalpro.fhirserver.search.matching import ROW, Lead
from kommunalpro.fhirserver.search.moved import SLACK, known_sql, moved, read_known, still_sql
from kommunalpro.fhirserver.search.order import (
    Cursor,
    Place,
    after_sql,
    in_order,
    keys_sql,
    order_sql,
)
from kommunalpro.fhirserver.search.query import Query

FEW = 1000
"""As many rows are counted where a rough number is enough."""
LEADS = (50, FEW, 5 * FEW)
"""As many rows a condition may be met by to be begun with: to read them takes as long as to find a page in an order."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: matches in order, what comes along, how many match in all, and where the next page begins.

    `total` None: more than this page, and nobody asked how many. `next` None: there is no other page.
    """

    matches: tuple[dict[str, Any], ...] = field(repr=False)
    included: tuple[dict[str, Any], ...] = field(repr=False)
    total: int | None
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Search:
    """A query of somebody, at a time: `at` in microseconds. `cursor` is where its last page ended; None: the first."""

    query: Query
    visible: Visible
    parameters: Mapping[str, SearchParameter]
    base_url: str
    at: int
    cursor: Cursor | None = None

    def run(self) -> Page:
        """Run it, with the access filter of every type that it touches inside the SQL."""
        query, lead = self.query, _lead(self.query)
        if query.only_count or query.count == 0:
            return Page((), (), self._count(lead), None)
        found, since, known = self._rows(lead)
        kept = found[: query.count]
        matches = tuple(loads(text) for _, text in kept)
        following = Cursor(kept[-1][0], since, known) if len(found) > query.count else None
        along = tuple(included(matches, query.includes, self.visible))
        is_all = self.cursor is None and following is None
        total = len(found) if is_all and query.total != "none" else self._total(lead)
        return Page(matches, along, total, following)

    def _total(self, lead: Lead | None) -> int | None:
        """Count as was asked for: to count what is not on a page takes longer than the page."""
        if self.query.total == "accurate":
            return self._count(lead)
        if self.query.total == "estimate":
            found = self._count(lead, FEW + 1)
            return found if found <= FEW else None
        return None

    def _rows(self, lead: Lead | None) -> tuple[list[tuple[Place, str]], int, dict[str, int]]:
        """Give (place, text) of one row more than a page, to know whether there is another; and a cursor's memory."""
        sort, most, cursor = self.query.sort, self.query.count + 1, self.cursor
        if cursor is None:
            since = max(self.at - SLACK, 0)
            found = self._read(lead, [], ("TRUE", ()), known_sql(self.query.by_row(self.visible), since), most)
            places = [(_place(row), row[-2]) for row in found]
            return places, *read_known(found[0][-1] if found else None, since)
        still = self._read(lead, [still_sql(cursor.since)], after_sql(sort, cursor.place), ("NULL", ()), most)
        others = list(moved(self.query.by_row(self.visible), sort, cursor, self.parameters, self.base_url))
        # What is written between the two statements stands in both: by its older version, and where it stood.
        written = {place[-1] for place, _ in others}
        places = [(_place(row), row[-2]) for row in still if _place(row)[-1] not in written]
        places += [each for each in others if each[0] != cursor.place]
        ordered = in_order([(cursor.place, None), *places], sort)
        end = next(number for number, (_, text) in enumerate(ordered) if text is None)
        return ordered[end + 1 :][:most], cursor.since, cursor.versions

    def _read(self, lead: Lead | None, also: list[Sql], after: Sql, known: Sql, most: int) -> list[tuple[Any, ...]]:
        """Give rows of (key …, id, text, what is known of later versions)."""
        sort, keys = self.query.sort, keys_sql(self.query.sort)
        if lead and lead.is_single and [each.name for each in sort] == ["_lastUpdated"]:
            # Its index rows stand in this order already: no more of them are read than are wanted.
            keys = [(f"{ROW}.last_updated", ())]
        source, where = self._source(lead, also)
        columns = ", ".join(f"{sql} AS k{number}" for number, (sql, _) in enumerate(keys))
        names = ", ".join(f"k.k{number}" for number in range(len(keys)))
        sql = (
            f"SELECT {names}, k.id, k.json, {known[0]} FROM (SELECT {columns}, r.id, r.json FROM {source}"
            f" WHERE {where[0]}) k WHERE {after[0]} ORDER BY {order_sql(sort)} LIMIT %s"
        )
        bound = (*known[1], *(each for _, many in keys for each in many), *where[1], *after[1], most)
        return rows(sql, bound)

    def _count(self, lead: Lead | None, most: int | None = None) -> int:
        source, where = self._source(lead, [])
        limit = "" if most is None else f" LIMIT {most}"
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where[0]}{limit}) n"
        return int(rows(sql, where[1])[0][0])

    def _source(self, lead: Lead | None, also: list[Sql]) -> tuple[str, Sql]:
        """Give where rows `r` come from, the lead first, and what they must meet."""
        if lead is None:
            return "fhir_resource r", joined(" AND ", "TRUE", [*also, self.query.where(self.visible)])
        # What a row must meet is looked for in the index before the resource is fetched.
        some = f"(SELECT i.type, i.id, i.last_updated FROM fhir_index i WHERE {lead.sql[0]}) {ROW}"
        beside, may_be = self.query.beside(lead), [*also, self.query.may_be(self.visible)]
        if lead.is_single:
            source = f"{some} JOIN fhir_resource r ON r.type = {ROW}.type AND r.id = {ROW}.id"
            where, bound = joined(" AND ", "TRUE", [beside, *may_be])
            return source, (where, (*lead.sql[1], *bound))
        ids = (f"r.id IN (SELECT {ROW}.id FROM {some} WHERE {beside[0]})", (*lead.sql[1], *beside[1]))
        return "fhir_resource r", joined(" AND ", "TRUE", [ids, *may_be])


def _place(row: tuple[Any, ...]) -> Place:
    return row[:-2]


def _lead(query: Query) -> Lead | None:
    """Give what to begin with: the condition that the fewest rows meet. None: all rows of the type, newest first.

    Of conditions that many rows meet, one whose rows stand by time: a page is found in it without reading them all.
    """
    leads = [each.lead for each in query.conditions if each.lead]
    ordered = next((each for each in leads if each.is_single), None)
    if not leads or leads == [ordered]:
        return ordered
    for most in LEADS:
        sizes = _sizes(leads, most)
        if min(sizes) < most:
            return leads[sizes.index(min(sizes))]
    return ordered


def _sizes(leads: list[Lead], most: int) -> tuple[int, ...]:
    """Count how many index rows each has, up to a number."""
    some = (f"SELECT 1 FROM fhir_index i WHERE {each.counted[0]} LIMIT {most}" for each in leads)
    counted = ", ".join(f"(SELECT count(*) FROM ({each}) n)" for each in some)
    return rows(f"SELECT {counted}", [each for lead in leads for each in lead.counted[1]])[0]

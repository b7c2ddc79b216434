"""Running a query: one page of matches, what comes along with them, and the link to the next page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, NamedTuple

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import Row, Sql, is_postgresql, rows, rows_by_key, size_sql
from kommunalpro.fhirserver.search.filters import Visible, joined
from kommunalpro.fhirserver.search.including import included, room_along
from kommunalpro.fhirserver.search.links import Links
from kommunalpro.fhirserver.search.matching import ROW, Condition, Lead
from kommunalpro.fhirserver.search.moved import SLACK, moved, seen_sql, still_sql, texts_of
from kommunalpro.fhirserver.search.order import (
    Cursor,
    Found,
    after_sql,
    by_time_sql,
    in_order,
    keys_sql,
    order_sql,
)
from kommunalpro.fhirserver.search.query import Query
from kommunalpro.fhirserver.search.refusing import Parameters
from kommunalpro.fhirserver.sizes import MOST_TEXT, Room

FEW = 1000
"""As many rows are counted where a rough number is enough."""
LEADS = (50, FEW, 5 * FEW)
"""As many rows a condition may be met by to be begun with: to read them takes as long as to find a page in an order."""
NEWEST, SELDOM = 300, 57
"""So many rows in their order are looked at first: where many meet all else, the page is found among them. Where not
even one in so many does, to look for more one by one takes long. To look at one takes 10 µs, to keep one 0.65: of a
million, both ways take as long (12 ms) where one in 57 meets both conditions."""
KEPT = 17 * FEW
"""As many ids are kept in memory to hold the rows of an order against. To keep them takes as long (8 ms) as to look at
the rows among which a page is found, one by one, where that many of a million meet the condition."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a search begins with. `lead` None: all rows of the type, newest first.

    `others`: conditions that many rows meet, as many do the lead. `newest`: of the lead only so many rows are read.
    `among`: what meets it is read first, if that is no more than can be kept, and the lead's rows held against it.
    """

    lead: Lead | None
    others: tuple[Condition, ...] = ()
    newest: int | None = None
    among: Condition | None = None

    def with_rarest(self) -> "Start":
        """Begin with what meets the rarest of the others, which is counted; not where even that is too much."""
        return replace(self, among=_rarest(self.others)) if self.others else self


@dataclass(frozen=True, slots=True)
class Page:
    """One page: matches in order, what comes along, how many match in all, and where the next page begins.

    `total` None: more than this page, and nobody asked how many. `next` None: there is no other page. `room`: for what
    may come along yet.
    """

    matches: tuple[dict[str, Any], ...] = field(repr=False)
    included: tuple[dict[str, Any], ...] = field(repr=False)
    total: int | None
    next: Cursor | None
    room: Room = field(default_factory=room_along)


@dataclass(frozen=True, slots=True)
class Search:
    """A query of somebody, at a time: `at` in microseconds. `cursor` is where its last page ended; None: the first."""

    query: Query
    visible: Visible
    parameters: Parameters
    base_url: str
    at: int
    cursor: Cursor | None = None

    def run(self) -> Page:
        """Run it, with the access filter of every type that it touches inside the SQL."""
        query, start = self.query, _start(self.query)
        if query.only_count or query.count == 0:
            return Page((), (), self._count(start), None)
        found, since, seen = self._rows(start)
        kept = _fitting(found[: query.count])
        read = query.subset.reader(query.type) if query.subset else loads
        matches = tuple(map(read, self._texts(kept)))
        following = Cursor(kept[-1].place, since, seen) if len(found) > len(kept) else None
        along = tuple(included(matches, query.includes, Links(self.parameters, self.visible), room := room_along()))
        is_all = self.cursor is None and following is None
        total = len(found) if is_all and query.total != "none" else self._total(start)
        return Page(matches, along, total, following, room)

    def _total(self, start: Start) -> int | None:
        """Count as was asked for: to count what is not on a page takes longer than the page."""
        if self.query.total == "accurate":
            return self._count(start)
        if self.query.total == "estimate":
            found = self._count(start, FEW + 1)
            return found if found <= FEW else None
        return None

    def _rows(self, start: Start) -> tuple[list[Found], int, str]:
        """Give one row more than a page, to know whether there is another; and a cursor's `since` and `seen`."""
        sort, most, cursor = self.query.sort, self.query.count + 1, self.cursor
        if cursor is None:
            first = self._read(start, [], ("TRUE", ()), seen_sql(), most)
            return [_found(row) for row in first], max(self.at - SLACK, 0), first[0][-1] if first else ""
        still = self._read(start, [still_sql(cursor)], after_sql(sort, cursor.place), "NULL", most)
        others = list(moved(self.query, self.visible, cursor, self.parameters[self.query.type], self.base_url))
        # What is written between the two statements stands in both: by its older version, and where it stood.
        written = {each.place[-1] for each in others}
        end = Found(cursor.place, 0, 0)
        rest = [each for each in map(_found, still) if each.place[-1] not in written]
        rest += [each for each in others if each.place != end.place]
        ordered = in_order([end, *rest], sort)
        return ordered[ordered.index(end) + 1 :][:most], cursor.since, cursor.seen

    def _texts(self, found: Sequence[Found]) -> Iterator[str]:
        """Give the text of each; of what was written meanwhile few are on the page."""
        unread = texts_of(self.query.type, [(each.place[-1], each.version) for each in found if each.text is None])
        for each in found:
            yield next(unread) if each.text is None else each.text

    def _read(self, start: Start, also: list[Sql], after: Sql, seen: str, most: int) -> list[Row]:
        """Give rows of (key …, id, version, size, text where it fits on a page, what is seen)."""
        if not start.others:
            return self._select(start, also, after, seen, most)
        newest = max(NEWEST, 2 * most)
        found = self._select(replace(start, newest=newest), also, after, seen, most)
        if len(found) == most:
            return found
        further = start.with_rarest() if len(found) * SELDOM < newest else start
        return self._select(further, also, after, seen, most)

    def _select(self, start: Start, also: list[Sql], after: Sql, seen: str, most: int) -> list[Row]:
        sort, keys = self.query.sort, keys_sql(self.query.sort)
        if start.lead and start.lead.is_single and [each.name for each in sort] == ["_lastUpdated"]:
            # Its index rows stand in this order already: no more of them are read than are wanted.
            keys = [(f"{ROW}.last_updated", ())]
        kept, source, where = self._source(start, also)
        columns = ", ".join(f"{sql} AS k{number}" for number, (sql, _) in enumerate(keys))
        names = ", ".join(f"k.k{number}" for number in range(len(keys)))
        order, text = order_sql(sort), _text_sql(self.query.type)
        page = (
            f"SELECT {names}, k.id, k.version{text.of_k}"
            f" FROM (SELECT {columns}, r.id, r.version{text.of_r} FROM {source} WHERE {where[0]}) k"
            f" WHERE {after[0]} ORDER BY {order} LIMIT %s"
        )
        # Of a page, no more texts are read than it holds.
        sized = (
            f"SELECT k.*, {size_sql(text.column)} AS size,"
            f" sum({size_sql(text.column)}) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING) AS so_far"
            f" FROM ({page}) k{text.join}"
        )
        fits = f"k.so_far <= {MOST_TEXT} OR k.so_far = k.size"
        sql = (
            f"{kept[0]} SELECT {names}, k.id, k.version, k.size, CASE WHEN {fits} THEN {text.read} END, {seen}"
            f" FROM ({sized}) k ORDER BY {order}"
        )
        return rows(sql, (*kept[1], *(each for _, many in keys for each in many), *where[1], *after[1], most))

    def _count(self, start: Start, most: int | None = None) -> int:
        kept, source, where = self._source(start.with_rarest(), [])
        limit = "" if most is None else f" LIMIT {most}"
        sql = f"{kept[0]} SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where[0]}{limit}) n"
        return int(rows(sql, (*kept[1], *where[1]))[0][0])

    def _source(self, start: Start, also: list[Sql]) -> tuple[Sql, str, Sql]:
        """Give what is read first and kept, where rows `r` come from, the lead first, and what they must meet."""
        lead, kept = start.lead, _kept(start.among)
        if lead is None:
            return kept, "fhir_resource r", joined(" AND ", "TRUE", [*also, self.query.where(self.visible)])
        # What a row must meet is looked for in the index before the resource is fetched.
        some, some_bound = self._some(lead, start.newest)
        beside, may_be = self._beside(lead, start.among), [*also, self.query.may_be(self.visible)]
        if lead.is_single:
            source = f"{some} JOIN fhir_resource r ON r.type = {ROW}.type AND r.id = {ROW}.id"
            where, bound = joined(" AND ", "TRUE", [beside, *may_be])
            return kept, source, (where, (*some_bound, *bound))
        ids = (f"r.id IN (SELECT {ROW}.id FROM {some} WHERE {beside[0]})", (*some_bound, *beside[1]))
        return kept, "fhir_resource r", joined(" AND ", "TRUE", [ids, *may_be])

    def _some(self, lead: Lead, newest: int | None) -> Sql:
        """Give the lead's rows, as `ROW`; of them the first from the cursor on, where only so many are wanted."""
        sql, bound = f"SELECT i.type, i.id, i.last_updated FROM fhir_index i WHERE {lead.sql[0]}", lead.sql[1]
        if newest is not None:
            from_there, order = by_time_sql(self.query.sort[0], self.cursor)
            sql, bound = f"{sql} AND {from_there[0]} ORDER BY {order} LIMIT {newest}", (*bound, *from_there[1])
        return f"({sql}) {ROW}", bound

    def _beside(self, lead: Lead, among: Condition | None) -> Sql:
        """Give what an index row of the lead must meet beside it."""
        if among is None or among.lead is None:
            return self.query.beside(lead)
        # In a CASE, PostgreSQL neither joins the two nor asks for every row anew, however few it believes them to be.
        sql = f"CASE WHEN EXISTS (SELECT 1 FROM kept) THEN {ROW}.id IN (SELECT kept.id FROM kept) ELSE FALSE END"
        return joined(" AND ", "TRUE", [(sql, ()), self.query.beside(lead, among.lead)])


class _Text(NamedTuple):
    """How a page's texts are come by: what goes along of a row `r`, and of `k`; `column`: where they are measured."""

    of_r: str
    of_k: str
    column: str
    join: str
    read: str


def _text_sql(type: str) -> _Text:
    """PostgreSQL takes a long text along as where it stands; SQLite would write each out, and looks it up again."""
    if is_postgresql():
        return _Text(", r.json", ", k.json", "k.json", "", "k.json")
    same = f"p.type = '{type}' AND p.id = k.id"
    read = f"(SELECT p.json FROM fhir_resource p WHERE {same})"
    return _Text("", "", "p.json", f" JOIN fhir_resource p ON {same}", read)


def _fitting(found: Sequence[Found]) -> Sequence[Found]:
    """Give as many of the first rows as one page holds; one at least."""
    sizes = accumulate(each.size for each in found)
    return found[: max(1, sum(size <= MOST_TEXT for size in sizes))]


def _kept(among: Condition | None) -> Sql:
    """Give what is read first: the ids of the rows that meet a condition."""
    if among is None or among.lead is None:
        return "", ()
    sql, bound = among.lead.sql
    return f"WITH kept AS MATERIALIZED (SELECT i.id FROM fhir_index i WHERE {sql})", bound


def _found(row: Row) -> Found:
    *place, version, size, text, _ = row
    return Found(tuple(place), version, size, text)


def _start(query: Query) -> Start:
    """Give what to begin with: the condition that the fewest rows meet.

    Of conditions that many rows meet, one whose rows stand by time: a page is found in it without reading them all,
    unless few of them meet the others, which is found out by the way.
    """
    leads = [each.lead for each in query.conditions if each.lead]
    ordered = next((each for each in leads if each.is_single), None)
    if not leads or leads == [ordered]:
        return Start(ordered)
    is_by_time = [each.name for each in query.sort] == ["_lastUpdated"]
    for most in LEADS[:2] if ordered and is_by_time else LEADS:
        sizes = _sizes(leads, most)
        if min(sizes) < most:
            return Start(leads[sizes.index(min(sizes))])
    others = (each for each in query.conditions if each.lead and each.lead is not ordered)
    return Start(ordered, tuple(others) if is_by_time else ())


def _rarest(conditions: Sequence[Condition]) -> Condition | None:
    """Give the condition that the fewest rows meet, of some of which each has a lead; None: they are more than kept."""
    sizes = _sizes([each.lead for each in conditions if each.lead], KEPT + 1)
    return conditions[sizes.index(min(sizes))] if min(sizes) <= KEPT else None


def _sizes(leads: Sequence[Lead], most: int) -> tuple[int, ...]:
    """Count how many index rows each has, up to a number."""
    some = (f"SELECT 1 FROM fhir_index i WHERE {each.counted[0]} LIMIT {most}" for each in leads)
    counted = ", ".join(f"(SELECT count(*) FROM ({each}) n)" for each in some)
    return rows_by_key(f"SELECT {counted}", [each for lead in leads for each in lead.counted[1]])[0]

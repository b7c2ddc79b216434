"""The order of a query's rows, and the place in it where a page ends.

A page begins after the place where the last one ended (keyset paging): its cost does not grow with its number. The
cursor is that place, what `_page` holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from kommunalpro.fhirserver.database import Sql, is_postgresql
from kommunalpro.fhirserver.search.filters import joined
from kommunalpro.fhirserver.search.query import Sort
from kommunalpro.fhirserver.writer import IndexRow

Place = tuple[Any, ...]
"""The keys of a row in order, its id as the last."""

_LAST_LETTER, _AFTER_OE = "å", "ù"
"""The last of the alphabet, which stands before æ and ø in Unicode; and what comes after ø there. No word in the index
has that: its accent is taken off (`values.py`)."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended, and what the first page saw (`moved.py`).

    `since`: microseconds; what was written before is committed. `seen`: which versions the first page's statement saw.
    """

    place: Place = field(repr=False)
    since: int
    seen: str

    def to_json(self) -> list[Any]:
        """Give what a link holds of it (`pages.py`)."""
        return [list(self.place), self.since, self.seen]

    @classmethod
    def of_json(cls, value: Any) -> Self:
        """Read what a link of ours held."""
        place, since, seen = value
        return cls(tuple(place), since, seen)


@dataclass(frozen=True, slots=True)
class Found:
    """A row in its place. `size`: bytes of its text; `text` None: it is read by its version, where it is wanted."""

    place: Place = field(repr=False)
    version: int
    size: int
    text: str | None = field(default=None, repr=False)


def keys_sql(sort: tuple[Sort, ...]) -> list[Sql]:
    """Give the key of each sort as an expression on row `r`; what a row does not have sorts before everything else."""
    return [_key_sql(each) for each in sort]


def _key_sql(sort: Sort) -> Sql:
    if sort.name == "_lastUpdated":
        return "r.last_updated", ()
    if sort.name == "_id":
        return _by_bytes("r.id"), ()
    # A code stands there with its system and without, a quantity with its unit and without: the latter is the key.
    inner = (
        f"SELECT {'max' if sort.descending else 'min'}(replace(s.value, '{_LAST_LETTER}', '{_AFTER_OE}'))"
        " FROM fhir_index s"
        " WHERE s.type = r.type AND s.id = r.id AND s.parameter = %s AND s.value NOT LIKE %s"
    )
    return f"coalesce(({inner}), '')", (sort.name, "%|%")


def key_of(sort: Sort, last_updated: int, id: str, index: Iterable[IndexRow]) -> int | str:
    """Give the key that a version would have, from its index rows."""
    if sort.name == "_lastUpdated":
        return last_updated
    if sort.name == "_id":
        return id
    found = (row.value for row in index if row.parameter == sort.name and "|" not in row.value)
    values = [each.replace(_LAST_LETTER, _AFTER_OE) for each in found]
    return max(values, default="") if sort.descending else min(values, default="")


def after_sql(sort: tuple[Sort, ...], place: Place) -> Sql:
    """Give the condition that a row `k`, with columns `k0`, `k1` … and `id`, stands after a place.

    Its bound on the first column says nothing new: by it an index is read from the place on, where the alternatives are
    held against every row before it (a page in the middle of 25,000 took three times as long as the first).
    """
    columns = [f"k.k{number}" for number in range(len(sort))] + [_by_bytes("k.id")]
    words = ["<" if each.descending else ">" for each in sort] + [">"]
    parts: list[Sql] = []
    for number, (column, word) in enumerate(zip(columns, words, strict=True)):
        same = " AND ".join(f"{each} = %s" for each in columns[:number])
        parts.append((f"{same} AND {column} {word} %s" if same else f"{column} {word} %s", place[: number + 1]))
    from_there = (f"{columns[0]} {words[0]}= %s", place[:1])
    return joined(" AND ", "TRUE", [from_there, joined(" OR ", "FALSE", parts)])


def order_sql(sort: tuple[Sort, ...]) -> str:
    """Give the ORDER BY of rows `k`."""
    keys = [f"k.k{number} {'DESC' if each.descending else 'ASC'}" for number, each in enumerate(sort)]
    return ", ".join([*keys, _by_bytes("k.id")])


def by_time_sql(sort: Sort, cursor: Cursor | None) -> tuple[Sql, str]:
    """Give, of index rows `i` that stand by time, the condition to be from a cursor on, and their ORDER BY."""
    order = f"i.last_updated {'DESC' if sort.descending else 'ASC'}, {_by_bytes('i.id')}"
    if cursor is None:
        return ("TRUE", ()), order
    return (f"i.last_updated {'<=' if sort.descending else '>='} %s", cursor.place[:1]), order


def _by_bytes(column: str) -> str:
    """Compare as Python and SQLite do: in Danish `aa` comes after `z`, in ids too."""
    return f'{column} COLLATE "C"' if is_postgresql() else column


def in_order(found: Iterable[Found], sort: tuple[Sort, ...]) -> list[Found]:
    """Sort rows as the database does."""
    ordered = sorted(found, key=lambda each: str(each.place[-1]))
    for number, key in reversed(list(enumerate(sort))):
        ordered.sort(key=_key(number), reverse=key.descending)
    return ordered


def _key(number: int) -> Callable[[Found], Any]:
    return lambda each: each.place[number]

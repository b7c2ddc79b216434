"""The access filter as SQL: it stands inside every statement, so what may not be seen is not there.

Types and parameters stand in the text, for they are the rules' own words and the database knows how many rows each has;
ids and values go along.
"""

import re
from collections.abc import Callable
from enum import Enum, auto
from functools import lru_cache

from kommunalpro.fhirserver.access import (
    AllOf,
    AnyOf,
    AsOf,
    Begins,
    Belongs,
    During,
    Everything,
    Exists,
    Filter,
    Indexed,
    Not,
    Nothing,
    Through,
)
from kommunalpro.fhirserver.database import Sql, is_postgresql

_NAME = re.compile(r"~?[A-Za-z_][A-Za-z0-9_\-]*")

Visible = Callable[[str], Filter]
"""Which rows of a type the caller may know of."""


def filter_sql(filter: Filter, row: str = "r") -> Sql:
    """Compile a filter to a condition on the row alias `row`.

    Raises:
        ValueError: it hangs on the moment, and is not as of one.
    """
    moment, filter = (filter.moment, filter.filter) if isinstance(filter, AsOf) else (None, filter)
    sql, parameters = _compiled(filter, row, 0, by_row())
    if _NOW not in parameters:
        return sql, parameters
    if moment is None:
        raise ValueError("a filter that hangs on the moment is asked as of one")
    return sql, tuple([moment if each is _NOW else each for each in parameters])


class _Now(Enum):
    """Stands among the parameters for the moment that a filter is asked as of."""

    NOW = auto()


_NOW = _Now.NOW


@lru_cache(maxsize=4096)
def _compiled(filter: Filter, row: str, depth: int, end: str) -> Sql:
    """Compile a filter; remembered, for it is the same whenever the same person asks in the same context."""
    match filter:
        case Everything():
            return "TRUE", ()
        case Nothing():
            return "FALSE", ()
        case Belongs(column, id):
            return f"{row}.{column} = %s", (id,)
        case Indexed() | Begins() | During():
            return _indexed(filter, row, end)
        case Exists():
            return _exists(filter)
        case Through():
            return _through(filter, row, depth, end)
        case AsOf():
            raise ValueError("a filter is as of one moment as a whole")
        case Not(inner):
            sql, parameters = _compiled(inner, row, depth, end)
            return f"NOT ({sql})", parameters
        case AllOf(filters) | AnyOf(filters):
            word, empty = (" AND ", "TRUE") if isinstance(filter, AllOf) else (" OR ", "FALSE")
            return joined(word, empty, [_compiled(each, row, depth, end) for each in filters])


def _indexed(filter: Indexed | Begins | During, row: str, end: str) -> Sql:
    """Rows that have an index entry themselves."""
    sql, parameter = f"f.type = {row}.type AND f.id = {row}.id", _quoted(filter.parameter)
    if isinstance(filter, During):
        sql += f" AND f.parameter = {parameter} AND f.value <= %s AND f.high > %s"
        return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql}{end})", (_NOW, _NOW)
    # What was deleted is still whose it was: its entries stand apart, where no search looks for them.
    names = f"{parameter}, {_quoted(name_when_deleted(filter.parameter))}"
    value = f"substr(f.value, 1, {len(filter.value)})" if isinstance(filter, Begins) else "f.value"
    sql += f" AND f.parameter IN ({names}) AND {value} = %s"
    return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql}{end})", (filter.value,)


def name_when_deleted(parameter: str) -> str:
    """Give the name by which a deleted resource's entries are indexed."""
    return f"~{parameter}"


def by_row() -> str:
    """Give what ends a subquery that is to be asked row by row.

    Without it PostgreSQL makes a join of it, or reads all that could meet it into memory, where it believes them few.
    """
    return " OFFSET 0" if is_postgresql() else ""


def joined(word: str, empty: str, conditions: list[Sql]) -> Sql:
    """Join conditions; none of them means `empty`."""
    if not conditions:
        return empty, ()
    return word.join([f"({sql})" for sql, _ in conditions]), tuple([each for _, many in conditions for each in many])


def _exists(filter: Exists) -> Sql:
    """Every row, or none."""
    sql = (
        f"f.type = {_quoted(filter.type)} AND f.id = %s AND f.parameter = {_quoted(filter.parameter)} AND f.value = %s"
    )
    parameters: tuple[object, ...] = (filter.id, filter.value)
    if filter.may_end:
        sql, parameters = f"{sql} AND (f.high = '' OR f.high > %s)", (*parameters, _NOW)
    return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql})", parameters


def _through(filter: Through, row: str, depth: int, end: str) -> Sql:
    """Rows joined by patient or episode; an empty column belongs to nobody and joins with nothing.

    Asked row by row: a team's rows are few today and tens of thousands in ten years, and a row's joined rows stay few.
    """
    other = f"t{depth}"
    inner, parameters = _compiled(filter.which, other, depth + 1, end)
    inner = f"({inner})" + (_about_the_same(filter.same, row, other) if filter.same else "")
    sql = (
        f"{row}.{filter.own} <> '' AND EXISTS (SELECT 1 FROM fhir_resource {other}"
        f" WHERE {other}.type = {_quoted(filter.type)} AND {other}.{filter.their} = {row}.{filter.own}"
        f" AND NOT {other}.deleted AND {inner}{end})"
    )
    return sql, parameters


def _about_the_same(parameters: tuple[str, str], row: str, other: str) -> str:
    own, their = map(_quoted, parameters)
    return (
        " AND EXISTS (SELECT 1 FROM fhir_index a, fhir_index b"
        f" WHERE a.type = {row}.type AND a.id = {row}.id AND a.parameter = {own}"
        f" AND b.type = {other}.type AND b.id = {other}.id AND b.parameter = {their} AND b.value = a.value)"
    )


def _quoted(name: str) -> str:
    """Write a type or a parameter into a statement.

    Raises:
        ValueError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a type or a parameter")
    return f"'{name}'"

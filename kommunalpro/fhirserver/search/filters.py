"""The access filter as SQL: it stands inside every statement, so what may not be seen is not there.

Types and parameters stand in the text, for they are the rules' own words and the database knows how many rows each has;
ids and values go along.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from kommunalpro.fhirserver.access import (
    AllOf,
    AnyOf,
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
from kommunalpro.fhirserver.database import is_postgresql

Sql = tuple[str, tuple[object, ...]]
"""A condition with `%s`, and its parameters."""

_NAME = re.compile(r"~?[A-Za-z_][A-Za-z0-9_\-]*")

Visible = Callable[[str], Filter]
"""Which rows of a type the caller may know of."""


def filter_sql(filter: Filter, row: str = "r", depth: int = 0) -> Sql:
    """Compile a filter to a condition on the row alias `row`."""
    match filter:
        case Everything():
            return "TRUE", ()
        case Nothing():
            return "FALSE", ()
        case Belongs(column, id):
            return f"{row}.{column} = %s", (id,)
        case Indexed() | During():
            return _indexed(filter, row)
        case Exists(type, id, parameter, value, at):
            return _exists(type, id, parameter, value, at)
        case Through(own, type, their, which):
            return _through(own, type, their, which, row, depth, by_row())
        case Not(inner):
            sql, parameters = filter_sql(inner, row, depth)
            return f"NOT ({sql})", parameters
        case AllOf(filters):
            return joined(" AND ", "TRUE", [filter_sql(each, row, depth) for each in filters])
        case AnyOf(filters):
            return joined(" OR ", "FALSE", [filter_sql(each, row, depth) for each in filters])


def _indexed(filter: Indexed | During, row: str) -> Sql:
    """Rows that have an index entry themselves."""
    sql, parameter = f"f.type = {row}.type AND f.id = {row}.id", _quoted(filter.parameter)
    if isinstance(filter, During):
        sql += f" AND f.parameter = {parameter} AND f.value <= %s AND f.high > %s"
        return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql}{by_row()})", (filter.at, filter.at)
    # What was deleted is still whose it was: its entries stand apart, where no search looks for them.
    names = f"{parameter}, {_quoted(name_when_deleted(filter.parameter))}"
    sql += f" AND f.parameter IN ({names}) AND f.value = %s"
    return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql}{by_row()})", (filter.value,)


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


def _exists(type: str, id: str, parameter: str, value: str, at: str | None) -> Sql:
    sql = f"f.type = {_quoted(type)} AND f.id = %s AND f.parameter = {_quoted(parameter)} AND f.value = %s"
    if at is None:
        return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql})", (id, value)
    sql += " AND (f.high = '' OR f.high > %s)"
    return f"EXISTS (SELECT 1 FROM fhir_index f WHERE {sql})", (id, value, at)


@lru_cache(maxsize=4096)
def _through(own: str, type: str, their: str, which: Filter, row: str, depth: int, end: str) -> Sql:
    """Rows joined by patient or episode; an empty column belongs to nobody and joins with nothing.

    Asked row by row: a team's rows are few today and tens of thousands in ten years, and a row's joined rows stay few.
    Remembered, for it is most of a filter and the same whenever the same team asks.
    """
    other = f"t{depth}"
    inner, parameters = filter_sql(which, other, depth + 1)
    sql = (
        f"{row}.{own} <> '' AND EXISTS (SELECT 1 FROM fhir_resource {other} WHERE {other}.type = {_quoted(type)}"
        f" AND {other}.{their} = {row}.{own} AND NOT {other}.deleted AND ({inner}){end})"
    )
    return sql, parameters


def _quoted(name: str) -> str:
    """Write a type or a parameter into a statement.

    Raises:
        ValueError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a type or a parameter")
    return f"'{name}'"

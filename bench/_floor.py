"""The floor: the same rows as a submission writes, by bare driver calls in one durable transaction.

Which rows they are is not written down here but read from the database, as the difference that one submission made.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from kommunalpro.fhirserver.identifiers import new_id

Row = tuple[Any, ...]
Insert = Callable[[Sequence["Rows"]], None]


@dataclass(frozen=True)
class Rows:
    """What is added to one table. `kinds` are the columns' types in PostgreSQL; SQLite needs none."""

    table: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    values: tuple[Row, ...]


def added_by(work: Callable[[], object]) -> tuple[Rows, ...]:
    """Do the work once and give the rows that it added; it must have changed and taken away none."""
    before = _everything()
    work()
    after = _everything()
    taken = {table: rows for table in after if (rows := before[table][1] - after[table][1])}
    assert not taken, f"rows of {sorted(taken)} were changed: they are no part of the floor"
    found = ((table, columns, rows - before[table][1]) for table, (columns, rows) in after.items())
    return tuple(
        Rows(table, columns, _kinds(table, columns), tuple(sorted(rows))) for table, columns, rows in found if rows
    )


def renamed(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    """Give the same rows under new ids, wherever the ids stand, so that they can be written again."""
    names = {each: new_id() for each in _ids(rows)}
    pattern = re.compile("|".join(map(re.escape, names)))

    def fresh(value: object) -> object:
        return pattern.sub(lambda match: names[match[0]], value) if isinstance(value, str) else value

    return tuple(
        Rows(each.table, each.columns, each.kinds, tuple(tuple(map(fresh, row)) for row in each.values))
        for each in rows
    )


def ways() -> Mapping[str, Insert]:
    """Give the bare ways of writing many rows to the database at hand; the fastest of them is the floor."""
    if connection.vendor == "postgresql":
        return {"one statement": _one_statement, "executemany": _executemany}
    return {"executemany": _executemany_sqlite}


def _one_statement(rows: Sequence[Rows]) -> None:
    """One prepared statement is one transaction and one round trip: nothing can be less.

    The arrays go in binary: as text every quotation mark of the JSON is escaped, which takes longer than to write it.
    """
    inserts = [f"{_into(each)} SELECT * FROM unnest({_arrays(each)})" for each in rows]  # noqa: S608  (our own names)
    parts = [f"w{number} AS ({insert})" for number, insert in enumerate(inserts[:-1])]
    columns = [list(column) for each in rows for column in zip(*each.values, strict=True)]
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"WITH {', '.join(parts)} {inserts[-1]}", columns, prepare=True)


def _executemany(rows: Sequence[Rows]) -> None:
    driver = connection.connection
    with driver.transaction(), driver.pipeline(), psycopg.Cursor(driver) as cursor:
        for each in rows:
            cursor.executemany(f"{_into(each)} VALUES ({', '.join(['%s'] * len(each.columns))})", each.values)


def _executemany_sqlite(rows: Sequence[Rows]) -> None:
    driver = connection.connection
    driver.execute("BEGIN IMMEDIATE")
    for each in rows:
        driver.executemany(f"{_into(each)} VALUES ({', '.join('?' * len(each.columns))})", each.values)
    driver.execute("COMMIT")


def _into(rows: Rows) -> str:
    return f"INSERT INTO {rows.table} ({', '.join(rows.columns)})"


def _arrays(rows: Rows) -> str:
    return ", ".join(f"%b::{kind}[]" for kind in rows.kinds)


def _ids(rows: Iterable[Rows]) -> set[str]:
    """Give what identifies the rows: the ids of resources, and the key by which a submission is known again."""
    names = {"fhir_resource": "id", "fhir_submission": "key"}
    return {row[each.columns.index(names[each.table])] for each in rows if each.table in names for row in each.values}


def _everything() -> dict[str, tuple[tuple[str, ...], set[Row]]]:
    """Give every row of every table, with the names of its columns."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  (our own names)
            found[table] = tuple(column[0] for column in cursor.description), set(cursor.fetchall())
    return found


def _kinds(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    if connection.vendor != "postgresql":
        return tuple("" for _ in columns)
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table])
        kinds = dict(cursor.fetchall())
    return tuple(kinds[column] for column in columns)

"""Plain SQL on Django's own connection: the hot path.

One connection: a resource, its audit rows, a draft and a job share a transaction, because all use Django's connection.
On PostgreSQL the statements go through the driver's own cursor (Django's binds on the client and never prepares), on
SQLite through the driver's connection. Statements are written with `%s`.

What is asked again and again by a key is prepared, for it takes longer to plan than to run
(docs/reference/performance.md). What is asked by a value is planned for that value, of which there may be one row or a
million.
"""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

Row = tuple[Any, ...]
Sql = tuple[str, tuple[object, ...]]
"""A condition with `%s`, and its parameters."""


class BeginAnew(BaseException):
    """What was tried the short way does not go that way: nothing is written, and it begins anew the long way.

    No Exception, for it is none: whoever takes up what fails on the way must let it pass.
    """


class NeedsTransaction(BeginAnew):
    """What was tried without a transaction does not do without one."""


class NoLongerSo(BeginAnew):
    """What a reading went by, because it was so before, is so no longer."""


_POSTGRESQL = "django.db.backends.postgresql"
MOST_AT_ONCE = 1000
"""Keys in one statement. A statement takes 32,766 parameters (SQLite; PostgreSQL twice as many)."""
_MOST_PARAMETERS = 65_535
_Key = TypeVar("_Key")
_COPY = "COPY ({}) TO STDOUT (FORMAT binary)"


def is_postgresql() -> bool:
    """Tell which of the two databases this is."""
    return bool(connections.settings[DEFAULT_DB_ALIAS]["ENGINE"] == _POSTGRESQL)


def in_transaction() -> None:
    """Go on only in a transaction: what is done next holds something, or is one with what is done after it.

    Raises:
        NeedsTransaction: none is open.
    """
    if not connection.in_atomic_block:
        raise NeedsTransaction


def begin_on_sqlite() -> AbstractContextManager[Any]:
    """Begin a transaction of SQLite that only writes; committed as it is left, or rolled back.

    By the driver alone: what Django does about one takes as long as to check an answer's items.
    """
    driver: sqlite3.Connection = _driver()
    driver.execute("BEGIN IMMEDIATE")
    return driver


def rows(sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Run a statement, planned for these very parameters, and give its rows."""
    return _rows(sql, parameters, prepare=False)


def rows_by_key(sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Run a statement that finds few rows whatever its parameters are, and give them; prepared when it comes often."""
    return _rows(sql, parameters, prepare=None)


def _rows(sql: str, parameters: Sequence[object], *, prepare: bool | None) -> list[Row]:
    driver = _driver()
    if isinstance(driver, psycopg.Connection):
        with psycopg.RawCursor(driver) as cursor:
            cursor.execute(_numbered(sql), parameters, prepare=prepare)
            # Not its `description`, which is made of each column anew.
            return cursor.fetchall() if cursor.rownumber is not None else []
    found: list[Row] = driver.execute(_marked(sql), parameters).fetchall()
    return found


def change(sql: str, parameters: Sequence[object] = ()) -> int:
    """Run a statement, prepared when it comes often, and give how many rows it changed."""
    driver = _driver()
    if isinstance(driver, psycopg.Connection):
        with psycopg.RawCursor(driver) as cursor:
            cursor.execute(_numbered(sql), parameters)
            return cursor.rowcount
    count: int = driver.execute(_marked(sql), parameters).rowcount
    return count


@lru_cache(maxsize=256)
def _marked(sql: str) -> str:
    """Give a statement with its parameters as SQLite has them."""
    return sql.replace("%s", "?")


@lru_cache(maxsize=256)
def _numbered(sql: str) -> bytes:
    """Give a statement with its parameters numbered, as PostgreSQL has them.

    The driver does so too, but anew each time where there are more than fifty: 80 µs for what a submission leaves.

    Raises:
        ProgrammingError: there are more than a statement takes. The driver would say so as if the connection was lost.
    """
    first, *others = sql.split("%s")
    if len(others) > _MOST_PARAMETERS:
        raise psycopg.ProgrammingError(f"{len(others)} parameters in one statement, of at most {_MOST_PARAMETERS}")
    return "".join([first, *(f"${number}{text}" for number, text in enumerate(others, 1))]).encode()


def stream(sql: str, parameters: Sequence[object] = ()) -> Generator[tuple[str, bytes]]:
    """Run a statement for (key, text) and give its rows as they come, however many: none is kept.

    The text is bytes, empty for NULL. On PostgreSQL by COPY, for else the driver gathers all rows first; in binary,
    where nothing is escaped.
    """
    driver = _driver()
    if not isinstance(driver, psycopg.Connection):
        for key, text in driver.execute(_marked(sql), parameters):
            yield key, text.encode() if text is not None else b""
        return
    with psycopg.Cursor(driver) as cursor, cursor.copy(_COPY.format(sql), parameters) as copy:
        # In binary a text is its bytes as they are.
        copy.set_types(("text", "bytea"))
        for key, text in copy.rows():
            yield key, text or b""


def change_many(sql: str, many: Iterable[Sequence[object]]) -> None:
    """Run a statement for each of many rows (SQLite's way of writing several)."""
    if given := list(many):
        _driver().executemany(_marked(sql), given)


def _driver() -> Any:
    """Give the driver's connection under Django's: psycopg's or sqlite3's, connected if it was not yet."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    return wrapper.connection


def in_parts(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    """Give keys in parts that one statement takes."""
    for start in range(0, len(keys), MOST_AT_ONCE):
        yield keys[start : start + MOST_AT_ONCE]


def size_sql(column: str) -> str:
    """Give how many bytes a text has, for which PostgreSQL need not read it."""
    size = f"octet_length({column})" if is_postgresql() else f"length(CAST({column} AS BLOB))"
    return f"coalesce({size}, 0)"


def placeholders(count: int) -> str:
    """Give `%s, %s, …`."""
    return ", ".join(["%s"] * count)

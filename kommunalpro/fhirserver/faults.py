"""What a database says when it cannot: gone, full, locked or too slow; told from what are mistakes of ours."""

import sqlite3
from typing import Literal

import psycopg
from django import db

from kommunalpro.fhir.outcome import FhirError, OutOfSpace, Unavailable

DATABASE_ERRORS = (db.Error, sqlite3.Error, psycopg.Error)
"""What a database can raise: Django's words where Django asks, the driver's own where the store does."""

Kind = Literal["lost", "full", "locked", "slow"]

# By SQLSTATE, the longest that fits. Source: PostgreSQL 15, appendix A.
_STATES: tuple[tuple[str, Kind], ...] = (
    ("53100", "full"),
    ("53", "lost"),  # no connection or no memory left
    ("0A000", "lost"),  # a prepared statement whose table was changed: the connection is of no more use
    ("55P03", "locked"),
    ("40001", "locked"),
    ("40P01", "locked"),
    ("57014", "slow"),
    ("25P03", "slow"),
    ("57P", "lost"),
    ("08", "lost"),
    ("58", "lost"),
)
# By primary result code. Source: https://www.sqlite.org/rescode.html
_CODES: dict[int, Kind] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_IOERR: "lost",
    sqlite3.SQLITE_CANTOPEN: "lost",
    sqlite3.SQLITE_READONLY: "lost",
    sqlite3.SQLITE_INTERRUPT: "slow",
}
_WORDS: dict[Kind, tuple[str, str]] = {
    "lost": ("Databasen svarer ikke lige nu. Prøv igen om lidt.", "The database does not answer; try again"),
    "locked": ("Andre skriver i det samme lige nu. Prøv igen.", "Others hold what was to be written; try again"),
    "slow": ("Det tog for lang tid. Bed om mindre ad gangen.", "The database took too long; ask for less"),
}
_CODED: dict[Kind, str] = {"lost": "transient", "locked": "lock-error", "slow": "timeout"}


def kind_of(wrong: BaseException) -> Kind | None:
    """Tell what is the matter with the database; None when it is something else, such as a mistake of ours."""
    cause = wrong.__cause__ if isinstance(wrong, db.Error) and wrong.__cause__ else wrong
    if isinstance(cause, sqlite3.Error):
        return _CODES.get((cause.sqlite_errorcode or 0) & 0xFF)
    if not isinstance(cause, psycopg.Error):
        return None
    if cause.sqlstate is None:
        # The driver's own words: the connection broke, or was not made. Not whether it stands now: Django makes a new
        # one as it leaves the transaction. What no statement may hold is not sent (`database.py`).
        return "lost" if isinstance(cause, psycopg.OperationalError) else None
    return next((kind for beginning, kind in _STATES if cause.sqlstate.startswith(beginning)), None)


def state_of(wrong: BaseException) -> str:
    """Give the database's code for what is the matter; empty when it has none."""
    cause = wrong.__cause__ if isinstance(wrong, db.Error) and wrong.__cause__ else wrong
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "")
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""


def fault_of(wrong: BaseException) -> FhirError | None:
    """Give what the caller is told about a database that cannot, without its own words; None as `kind_of`."""
    kind = kind_of(wrong)
    if kind is None:
        return None
    if kind == "full":
        return OutOfSpace("Der er ikke plads til mere. Intet er gemt.", diagnostics="No room left to store anything")
    text, diagnostics = _WORDS[kind]
    return Unavailable(text, diagnostics=diagnostics, code=_CODED[kind])

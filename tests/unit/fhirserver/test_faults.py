"""What a database says is told from what are mistakes of ours: the words of real ones."""

import sqlite3

import pytest
from django.db.utils import OperationalError
from psycopg import errors

from kommunalpro.fhirserver.faults import fault_of, kind_of


@pytest.fixture
def database(tmp_path):
    connection = sqlite3.connect(tmp_path / "small.sqlite3", timeout=0, isolation_level=None)
    connection.execute("CREATE TABLE t (text)")
    yield connection
    connection.close()


def raised(database, sql, *parameters):
    with pytest.raises(sqlite3.Error) as wrong:
        database.execute(sql, parameters)
    return wrong.value


def test_sqlite_that_is_full_says_so(database):
    database.execute("PRAGMA max_page_count = 3")
    wrong = raised(database, "INSERT INTO t VALUES (?)", "x" * 100_000)
    assert kind_of(wrong) == "full"
    assert (fault_of(wrong).status, fault_of(wrong).code) == (507, "no-store")


def test_sqlite_that_others_hold_says_so(database, tmp_path):
    other = sqlite3.connect(tmp_path / "small.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert kind_of(raised(database, "INSERT INTO t VALUES (1)")) == "locked"
    other.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.DiskFull, "full"),
        (errors.TooManyConnections, "lost"),
        (errors.CannotConnectNow, "lost"),
        (errors.AdminShutdown, "lost"),
        (errors.ConnectionFailure, "lost"),
        (errors.OperationalError, "lost"),
        (errors.LockNotAvailable, "locked"),
        (errors.DeadlockDetected, "locked"),
        (errors.SerializationFailure, "locked"),
        (errors.QueryCanceled, "slow"),
        (errors.UniqueViolation, None),
        (errors.UndefinedTable, None),
        (errors.NumericValueOutOfRange, None),
        (errors.ProgrammingError, None),
    ],
)
def test_postgresql_says_what_is_the_matter_also_through_django(error, kind):
    wrapped = OperationalError("said by Django")
    wrapped.__cause__ = error("with what was to be stored")
    assert kind_of(wrapped.__cause__) == kind_of(wrapped) == kind
    assert (fault_of(wrapped) is None) == (kind is None)


def test_nothing_of_what_the_database_said_is_passed_on():
    told = fault_of(errors.QueryCanceled("INSERT … 2512489996"))
    assert "2512489996" not in str(told.to_fhir())


def test_a_mistake_of_ours_is_no_fault_of_the_database(database):
    assert kind_of(raised(database, "SELECT nothing FROM nowhere")) is None
    assert kind_of(ValueError("x")) is None

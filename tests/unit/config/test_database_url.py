"""From a database URL to a connection that is durable and kept."""

import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from kommunalpro.config.database import POSTGRESQL_PATIENCE, POSTGRESQL_STATEMENTS, read_database_url
from tests.databases import default_database


def test_sqlite_is_durable():
    entry = read_database_url("sqlite:////var/lib/kommunalpro/db.sqlite3")
    assert entry["NAME"] == "/var/lib/kommunalpro/db.sqlite3"
    assert "synchronous=FULL" in entry["OPTIONS"]["init_command"]
    assert "journal_mode=WAL" in entry["OPTIONS"]["init_command"]


def test_sqlite_waits_its_turn_before_it_reads_what_it_will_change(tmp_path):
    url = f"sqlite:///{tmp_path}/db.sqlite3"
    said: list[str] = []
    with default_database(url):
        connection.ensure_connection()
        connection.connection.set_trace_callback(said.append)
        with transaction.atomic(), transaction.atomic():
            pass
    assert [said[0], said[-1]] == ["BEGIN IMMEDIATE", "COMMIT"]


def test_sqlite_that_is_not_let_in_says_so_as_django_has_it(tmp_path):
    url = f"sqlite:///{tmp_path}/db.sqlite3"
    with default_database(url), closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as other:
        connection.cursor().execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            pass


def test_postgresql_by_network():
    entry = read_database_url("postgresql://kommunal%40pro:p%2Fw@db.example.dk:6432/pro?sslmode=verify-full")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example.dk", "6432", "pro")
    assert (entry["USER"], entry["PASSWORD"]) == ("kommunal@pro", "p/w")
    assert entry["OPTIONS"] == POSTGRESQL_PATIENCE | POSTGRESQL_STATEMENTS | {"sslmode": "verify-full"}


def test_postgresql_by_unix_socket():
    entry = read_database_url("postgresql:///pro?host=/run/postgresql")
    assert (entry["HOST"], entry["NAME"]) == ("/run/postgresql", "pro")
    assert entry["OPTIONS"] == POSTGRESQL_PATIENCE | POSTGRESQL_STATEMENTS


def test_connections_are_kept_and_requests_are_not_transactions():
    for url in ("sqlite:///x.sqlite3", "postgresql://a@b/c"):
        entry = read_database_url(url)
        assert entry["CONN_MAX_AGE"] is None
        assert entry["ATOMIC_REQUESTS"] is False

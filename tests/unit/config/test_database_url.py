"""From a database URL to a connection that is durable and kept."""

from kommunalpro.config.database import POSTGRESQL_PATIENCE, POSTGRESQL_STATEMENTS, read_database_url


def test_sqlite_is_durable_and_waits_its_turn():
    entry = read_database_url("sqlite:////var/lib/kommunalpro/db.sqlite3")
    assert entry["NAME"] == "/var/lib/kommunalpro/db.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in entry["OPTIONS"]["init_command"]
    assert "journal_mode=WAL" in entry["OPTIONS"]["init_command"]


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

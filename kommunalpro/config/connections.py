"""Database connections outside Django's own request cycle: kept for the next request, never left in a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import FeatureNotSupported

from kommunalpro.fhirserver.faults import DATABASE_ERRORS


@contextmanager
def database_in_order() -> Iterator[None]:
    """Around one piece of work: drop a broken connection, and roll back whatever was left open."""
    was_open = connection.in_atomic_block
    if not was_open:
        connection.close_if_unusable_or_obsolete()
    try:
        yield
    except DATABASE_ERRORS as wrong:
        # The store speaks through the driver, past Django, which only then asks whether the connection still works.
        connection.errors_occurred = True
        if isinstance(wrong, FeatureNotSupported) and not was_open:
            # It does, but for what it had prepared before a table was changed.
            connection.close()
        raise
    finally:
        if not was_open:
            if connection.in_atomic_block:
                connection.close()
            connection.close_if_unusable_or_obsolete()


def limit_statements(seconds: int) -> None:
    """Let a request wait no longer than this for a lock, PostgreSQL also for one statement.

    For processes that answer requests. What rebuilds or exports takes the time that it takes.
    """

    def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            if connection.vendor != "postgresql":
                cursor.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
                return
            # Whoever waits for a lock is told so before it counts as slow.
            limits = {"statement_timeout": 1000, "lock_timeout": 800, "idle_in_transaction_session_timeout": 2000}
            for name, share in limits.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds * share}ms"))

    connection_created.connect(limit, weak=False)

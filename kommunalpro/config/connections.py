"""Database connections outside Django's own request cycle: kept for the next request, never left in a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


@contextmanager
def database_in_order() -> Iterator[None]:
    """Around one piece of work: drop a broken connection, and roll back whatever was left open."""
    was_open = connection.in_atomic_block
    if not was_open:
        connection.close_if_unusable_or_obsolete()
    try:
        yield
    finally:
        if not was_open:
            if connection.in_atomic_block:
                connection.close()
            connection.close_if_unusable_or_obsolete()


def limit_statements(seconds: int) -> None:
    """Let PostgreSQL end a statement that takes longer, a wait for a lock, and a transaction that nobody goes on with.

    For processes that answer requests. What rebuilds or exports takes the time that it takes.
    """

    def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                    cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds}s"))

    connection_created.connect(limit, weak=False)

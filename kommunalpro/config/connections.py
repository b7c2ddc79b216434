"""Database connections outside Django's own request cycle: kept for the next request, never left in a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


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

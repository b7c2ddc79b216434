"""Up to when everything is committed: who asks again from there misses nothing (docs/adr/0024-bulk-export.md)."""

from datetime import datetime, timedelta

from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import is_postgresql, rows

BEFORE_IT_BEGINS = timedelta(minutes=5)
"""The longest between a request's clock and its last transaction: SQLite lets a writer wait for 20 seconds, and a page
that writes about many citizens does so in many transactions at one time."""


def complete_to(now: datetime) -> int:
    """Give the moment, in microseconds, before which nobody can commit a change any more.

    It lies before the beginning of the oldest transaction that is open (PostgreSQL), and further back by the time that
    may pass between a request's clock and its transaction.
    """
    return max(to_microseconds(now - BEFORE_IT_BEGINS) - _age_of_oldest_transaction(), 0)


def _age_of_oldest_transaction() -> int:
    """Give, in microseconds, for how long the oldest of the other transactions has been open; SQLite has none open."""
    if not is_postgresql():
        return 0
    sql = (
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000000, 0)::bigint"
        " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return int(rows(sql)[0][0])

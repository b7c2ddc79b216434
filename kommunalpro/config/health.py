"""Whether this process can work: the database answers, has the tables of this version and takes more, and nobody stops.

That it takes more holds for some seconds, however often it is asked: a proxy asks every process, and each trial writes.
That it does not is tried anew at once.
"""

import logging
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kommunalpro.config.connections import database_in_order
from kommunalpro.config.running import is_stopping
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.writable import why_not_writable

log = logging.getLogger(__name__)
TRIED_ANEW = 5.0
"""Seconds for which it holds that something could be written."""


@dataclass(slots=True)
class _Trial:
    """Remembers until when it need not be tried again."""

    holds_until: float = 0.0

    def why_not_writable(self) -> str | None:
        if monotonic() < self.holds_until:
            return None
        why_not = why_not_writable()
        if why_not is None:
            self.holds_until = monotonic() + TRIED_ANEW
        return why_not


_trial = _Trial()


def why_not_ready() -> str | None:
    """Say why new requests should go elsewhere; None when they should not."""
    if is_stopping():
        return "stopping"
    try:
        with database_in_order():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            _check_migrated()
            why_not = _trial.why_not_writable()
    except DATABASE_ERRORS:
        log.warning("The database does not answer")
        return "the database does not answer"
    except LookupError:
        return "the database is not prepared"
    if why_not:
        log.warning("Nothing can be written: %s", why_not)
    return why_not


@cache
def _check_migrated() -> None:
    """Check the tables until they are there; nobody takes them away again.

    Raises:
        LookupError: a migration is missing.
    """
    if is_migration_missing():
        raise LookupError


def is_migration_missing() -> bool:
    """Say whether the database lacks what this version needs."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

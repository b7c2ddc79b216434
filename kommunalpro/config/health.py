"""Whether this process can work: the database answers, has the tables that this version needs, and nobody stops it."""

import logging
from functools import cache

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kommunalpro.config.connections import database_in_order
from kommunalpro.config.running import is_stopping
from kommunalpro.fhirserver.faults import DATABASE_ERRORS

log = logging.getLogger(__name__)


def why_not_ready() -> str | None:
    """Say why new requests should go elsewhere; None when they should not."""
    if is_stopping():
        return "stopping"
    try:
        with database_in_order():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            _check_migrated()
    except DATABASE_ERRORS:
        log.warning("The database does not answer")
        return "the database does not answer"
    except LookupError:
        return "the database is not prepared"
    return None


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

"""Whether this process can work: the database answers."""

import logging

from django.db import connection

from kommunalpro.config.connections import database_in_order
from kommunalpro.fhirserver.faults import DATABASE_ERRORS

log = logging.getLogger(__name__)


def is_ready() -> bool:
    """Say whether the database answers."""
    try:
        with database_in_order(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DATABASE_ERRORS:
        log.warning("The database does not answer")
        return False
    return True

"""Whether the database takes anything more: on a full disk it goes on answering, and every read leaves an AuditEvent.

Tried in the cheapest way that the disk notices, for what is rolled back need not come so far. On SQLite a page is
committed, with what it says already. On PostgreSQL a commit is no trial: its log has room set aside, and it is tables
that no longer grow. There a result that is too large for its memory is put aside in a file, beside the tables, and is
gone with the statement; where such files have a room of their own (`temp_tablespaces`), that is the one tried.
"""

from django.db import connection, transaction

from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of

FULL = "the database has no room left"
ONLY_READ = "the database can only be read"
_IN_A_FILE = "SELECT current_setting('transaction_read_only'), count(*) FROM generate_series(1, 20000)"
"""Some 300 kB, of which 64 stay in memory."""


def why_not_writable() -> str | None:
    """Try, and say why nothing can be written; None when something can, or others are writing at this very moment.

    Raises:
        DATABASE_ERRORS: the database cannot even be asked.
    """
    try:
        if is_postgresql():
            return _try_postgresql()
        _try_sqlite()
    except DATABASE_ERRORS as wrong:
        if kind_of(wrong) == "full":
            return FULL
        if kind_of(wrong) != "locked":
            raise
    return None


def _try_postgresql() -> str | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', '64kB', true)")
        cursor.execute(_IN_A_FILE)
        is_only_read, _ = cursor.fetchone()
    return ONLY_READ if is_only_read == "on" else None


def _try_sqlite() -> None:
    with connection.cursor() as cursor:
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            (number,) = cursor.execute("PRAGMA user_version").fetchone()
            cursor.execute(f"PRAGMA user_version = {number}")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")

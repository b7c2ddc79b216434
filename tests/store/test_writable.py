"""Whether anything can be written is tried where a full disk is noticed, and the trial leaves nothing."""

import resource
from contextlib import closing, contextmanager

import pytest
from django.db import connection

from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.fhirserver.writable import ONLY_READ, why_not_writable
from tests.store.cast import counts, query


def test_where_there_is_room_it_can_be_and_nothing_is_left_behind(store):
    before = counts()
    assert why_not_writable() is None
    assert counts() == before
    if connection.vendor == "sqlite":
        assert query("PRAGMA user_version") == [(0,)]
        assert query("PRAGMA busy_timeout") != [(0,)], "others are waited for again"
    else:
        assert query("SHOW work_mem") != [("64kB",)]


def test_while_others_write_it_can_be(store):
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
        cursor.execute("UPDATE fhir_resource SET version = version")
        assert why_not_writable() is None
        cursor.execute("ROLLBACK")


def test_where_no_file_grows_it_cannot_be(store):
    with no_file_grows(), pytest.raises(DATABASE_ERRORS):
        why_not_writable()
    assert why_not_writable() is None


@contextmanager
def no_file_grows():
    """Let this process write nowhere in a file; or, where PostgreSQL writes, let that put nothing aside in one."""
    if connection.vendor == "postgresql":
        query("SET temp_file_limit = 0")
        yield
        query("RESET temp_file_limit")
        return
    before = resource.prlimit(0, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(0, resource.RLIMIT_FSIZE, before)


def test_what_can_only_be_read_as_a_standby_can_takes_nothing(store):
    if connection.vendor == "sqlite":
        query("PRAGMA query_only = ON")
        with pytest.raises(DATABASE_ERRORS):
            why_not_writable()
        query("PRAGMA query_only = OFF")
    else:
        query("SET default_transaction_read_only = on")
        assert why_not_writable() == ONLY_READ
        query("RESET default_transaction_read_only")

"""Database connections outside Django's own request cycle: kept for the next request, never left in a transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django import db
from django.db import connection

DATABASE_ERRORS = (db.Error, sqlite3.Error, psycopg.Error)
"""What a database can raise: Django's words where Django asks, the driver's own where the store does."""


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

"""Changing tables without stopping those who write to PostgreSQL; SQLite's writers wait. For migrations that are not
atomic: PostgreSQL makes and drops no index concurrently inside a transaction.
"""

from time import sleep
from typing import Any

from django.db import migrations, models, transaction

from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of

_PATIENCE, _PAUSE = 100, 1.0
"""For how many milliseconds others are held up by waiting for those that hold the table, and for how many seconds they
then are not."""


def add_index(model: str, index: models.Index, on: str) -> migrations.SeparateDatabaseAndState:
    """Give the operation that adds a model's index, made by SQL: `on` is its table, columns and condition."""

    def make(apps: Any, schema_editor: Any) -> None:
        concurrently = ""
        if schema_editor.connection.vendor == "postgresql":
            concurrently = "CONCURRENTLY"
            # Of one that was broken off in the making, PostgreSQL leaves a useless rest.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}")
        schema_editor.execute(f"CREATE INDEX {concurrently} IF NOT EXISTS {index.name} ON {on}")

    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunPython(make, migrations.RunPython.noop)],
        state_operations=[migrations.AddIndex(model, index)],
    )


def remove_index(model: str, name: str) -> migrations.SeparateDatabaseAndState:
    """Give the operation that drops a model's index."""

    def drop(apps: Any, schema_editor: Any) -> None:
        concurrently = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP INDEX {concurrently} IF EXISTS {name}")

    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
        state_operations=[migrations.RemoveIndex(model, name)],
    )


def alter_table(schema_editor: Any, sql: str) -> None:
    """Alter a table of PostgreSQL in a way that takes no time, as soon as nobody holds it: whoever comes meanwhile
    would wait behind.
    """
    while True:
        try:
            with transaction.atomic():
                schema_editor.execute(f"SET LOCAL lock_timeout = {_PATIENCE}")
                schema_editor.execute(sql)
        except DATABASE_ERRORS as wrong:
            if kind_of(wrong) != "locked":
                raise
            sleep(_PAUSE)
        else:
            return

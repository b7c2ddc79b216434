"""Making and dropping an index without stopping those who write to PostgreSQL; SQLite's writers wait. For migrations
that are not atomic: PostgreSQL does neither concurrently inside a transaction.
"""

from typing import Any

from django.db import migrations, models


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

"""In which transaction a version was written (PostgreSQL), so that a search can tell which versions its first page saw
(`search/moved.py`). SQLite's rows are numbered in the order in which they were committed, without a column.
"""

from typing import Any

from django.db import migrations

from kommunalpro.fhirserver.migrations._online import alter_table


def add(apps: Any, schema_editor: Any) -> None:
    """Add the column, empty for what there is: every page sees that. The database itself fills it from now on."""
    if schema_editor.connection.vendor == "postgresql":
        column = "ADD COLUMN IF NOT EXISTS xact xid8"
        alter_table(schema_editor, f"ALTER TABLE fhir_version {column}, ALTER COLUMN xact SET DEFAULT pg_current_xact_id()")


class Migration(migrations.Migration):
    """No row is written anew: a column without a value takes no room."""

    atomic = False
    dependencies = (("fhirserver", "0010_names"),)
    operations = (migrations.RunPython(add, migrations.RunPython.noop),)

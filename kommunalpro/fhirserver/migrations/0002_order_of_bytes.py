"""Index values are compared byte by byte on PostgreSQL, as SQLite does, whatever language the database speaks.

In Danish `aa` comes after `z`: by those rules a search for names that begin with `a` would not find Aage.
"""

from typing import Any

from django.db import migrations


def compare_bytes(apps: Any, schema_editor: Any) -> None:
    """Set the collation of the index's values."""
    if schema_editor.connection.vendor == "postgresql":
        for column, length in (("value", 400), ("high", 40)):
            schema_editor.execute(
                f'ALTER TABLE fhir_index ALTER COLUMN {column} TYPE varchar({length}) COLLATE "C"'
            )


class Migration(migrations.Migration):
    """After the tables are made."""

    dependencies = (("fhirserver", "0001_store"),)

    operations = (migrations.RunPython(compare_bytes, migrations.RunPython.noop),)

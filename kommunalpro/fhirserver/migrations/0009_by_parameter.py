"""The primary key of the index rows begins with type and parameter on PostgreSQL, and holds the end of a time.

A search asks hundreds of resources for the same parameter: its rows lie together now, and the table is not read for
the end. What takes a resource's rows away asks by the names of parameters (`unindexing.py`); a process of the release
before would read all rows of the type for it, so let it end before this runs. SQLite keeps its key: it cannot change
one without writing the whole table anew.
"""

from typing import Any

from django.db import migrations

_KEY = "fhir_index_key"


def take_its_place(apps: Any, schema_editor: Any) -> None:
    """Make the new key online, and put it in the old one's place in one statement."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_KEY}")
    schema_editor.execute(
        f"CREATE UNIQUE INDEX CONCURRENTLY {_KEY} ON fhir_index (type, parameter, id, value, last_updated)"
        " INCLUDE (high)"
    )
    schema_editor.execute(
        "ALTER TABLE fhir_index DROP CONSTRAINT fhir_index_pkey,"
        f" ADD CONSTRAINT fhir_index_pkey PRIMARY KEY USING INDEX {_KEY}"
    )


class Migration(migrations.Migration):
    """One key for another."""

    atomic = False
    dependencies = (("fhirserver", "0008_deadlines"),)
    operations = (migrations.RunPython(take_its_place, migrations.RunPython.noop),)

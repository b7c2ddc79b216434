"""An index of versions by type and time, newest first, for histories; made without stopping those who write."""

from typing import Any

from django.db import migrations, models

_NAME = "fhir_version_newest"


def add_index(apps: Any, schema_editor: Any) -> None:
    """Make the index; of one that was broken off in the making, PostgreSQL leaves a useless rest."""
    concurrently = ""
    if schema_editor.connection.vendor == "postgresql":
        concurrently = "CONCURRENTLY"
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}")
    schema_editor.execute(
        f"CREATE INDEX {concurrently} IF NOT EXISTS {_NAME} ON fhir_version (type, last_updated DESC, id)"
    )


class Migration(migrations.Migration):
    """Outside a transaction: PostgreSQL makes no index concurrently inside one."""

    atomic = False
    dependencies = (("fhirserver", "0004_export"),)

    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_index, migrations.RunPython.noop)],
            state_operations=[
                migrations.AddIndex(
                    "version",
                    models.Index(
                        models.F("type"),
                        models.OrderBy(models.F("last_updated"), descending=True),
                        models.F("id"),
                        name=_NAME,
                    ),
                )
            ],
        ),
    )

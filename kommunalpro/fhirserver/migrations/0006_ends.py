"""An index of the ends of times, by which a search for a time can begin; made without stopping those who write to PostgreSQL."""

from typing import Any

from django.db import migrations, models

_NAME = "fhir_index_high"


def add_index(apps: Any, schema_editor: Any) -> None:
    """Make the index; of one that was broken off in the making, PostgreSQL leaves a useless rest."""
    concurrently = ""
    if schema_editor.connection.vendor == "postgresql":
        concurrently = "CONCURRENTLY"
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}")
    schema_editor.execute(
        f"CREATE INDEX {concurrently} IF NOT EXISTS {_NAME} ON fhir_index (type, parameter, high) WHERE high <> ''"
    )


class Migration(migrations.Migration):
    """Outside a transaction: PostgreSQL makes no index concurrently inside one."""

    atomic = False
    dependencies = (("fhirserver", "0005_history"),)

    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_index, migrations.RunPython.noop)],
            state_operations=[
                migrations.AddIndex(
                    "indexentry",
                    models.Index(
                        fields=("type", "parameter", "high"), condition=~models.Q(high=""), name=_NAME
                    ),
                )
            ],
        ),
    )

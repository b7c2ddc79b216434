"""Indexes of index rows that hold all that a search asks of them, so that it reads no table for it."""

from django.db import migrations, models

from kommunalpro.fhirserver.migrations._online import add_index, remove_index

VALUE = models.Index(
    "type", "parameter", "value", models.F("last_updated").desc(), "id", "high", name="fhir_index_value"
)
END = models.Index(
    fields=("type", "parameter", "high", "value", "id"), condition=~models.Q(high=""), name="fhir_index_end"
)


class Migration(migrations.Migration):
    """Two indexes for two, made online; those they replace serve until they are there."""

    atomic = False
    dependencies = (("fhirserver", "0006_ends"),)
    operations = (
        add_index("indexentry", VALUE, on="fhir_index (type, parameter, value, last_updated DESC, id, high)"),
        add_index("indexentry", END, on="fhir_index (type, parameter, high, value, id) WHERE high <> ''"),
        remove_index("indexentry", "fhir_index_search"),
        remove_index("indexentry", "fhir_index_high"),
    )

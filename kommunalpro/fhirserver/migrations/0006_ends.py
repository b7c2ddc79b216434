"""An index of the ends of times, by which a search for a time can begin."""

from django.db import migrations, models

from kommunalpro.fhirserver.migrations._online import add_index

HIGH = models.Index(fields=("type", "parameter", "high"), condition=~models.Q(high=""), name="fhir_index_high")


class Migration(migrations.Migration):
    """One index, made online."""

    atomic = False
    dependencies = (("fhirserver", "0005_history"),)
    operations = (add_index("indexentry", HIGH, on="fhir_index (type, parameter, high) WHERE high <> ''"),)

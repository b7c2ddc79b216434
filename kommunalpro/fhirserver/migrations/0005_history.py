"""An index of versions by type and time, newest first, for histories."""

from django.db import migrations, models

from kommunalpro.fhirserver.migrations._online import add_index

NEWEST = models.Index("type", models.F("last_updated").desc(), "id", name="fhir_version_newest")


class Migration(migrations.Migration):
    """One index, made online."""

    atomic = False
    dependencies = (("fhirserver", "0004_export"),)
    operations = (add_index("version", NEWEST, on="fhir_version (type, last_updated DESC, id)"),)

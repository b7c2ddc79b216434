"""When the worker must look at what again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One table; it is filled by the worker from what is stored, also where the database is older than it."""

    dependencies = (("fhirserver", "0007_whole"),)
    operations = (
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "type", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("type", models.CharField(max_length=40)),
                ("id", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
                ("seen", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "fhir_deadline",
                "indexes": [models.Index(fields=["kind", "at"], name="fhir_deadline_at")],
            },
        ),
    )

"""The store's tables. The resource's JSON is the truth; index rows are derived and can be rebuilt.

Times are microseconds since 1970 (UTC), the same number on SQLite and PostgreSQL. The tables are written and read by
`database.py` with plain SQL: the ORM costs ten times as much on this path (docs/adr).
"""

from django.db import models


class Resource(models.Model):
    """The current version of a resource. `patient` and `episode` are the ids of whom it belongs to, or empty."""

    pk = models.CompositePrimaryKey("type", "id")
    type = models.CharField(max_length=40)
    id = models.CharField(max_length=64)
    version = models.IntegerField()
    last_updated = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    patient = models.CharField(max_length=64, default="")
    episode = models.CharField(max_length=64, default="")
    tag = models.CharField(max_length=64, default="")
    json = models.TextField()

    class Meta:
        db_table = "fhir_resource"
        indexes = (
            models.Index("type", models.F("last_updated").desc(), "id", name="fhir_resource_newest"),
            models.Index(fields=("patient", "type"), name="fhir_resource_patient"),
            models.Index(fields=("episode", "type"), name="fhir_resource_episode"),
        )


class Version(models.Model):
    """Every version that a resource has had, the current one included, for ever."""

    pk = models.CompositePrimaryKey("type", "id", "version")
    type = models.CharField(max_length=40)
    id = models.CharField(max_length=64)
    version = models.IntegerField()
    last_updated = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    json = models.TextField()

    class Meta:
        db_table = "fhir_version"
        indexes = (models.Index("type", models.F("last_updated").desc(), "id", name="fhir_version_newest"),)


class IndexEntry(models.Model):
    """One searchable value of a current resource. `high` is the end of an interval, empty where there is none.

    Of a reference it is `/` or `|` where the resource is referred to in a version alone (`search/values.py`).

    On PostgreSQL the parameter stands before the id in its key, which holds `high` as well (migration 0009).
    """

    pk = models.CompositePrimaryKey("type", "id", "parameter", "value", "last_updated")
    type = models.CharField(max_length=40)
    id = models.CharField(max_length=64)
    parameter = models.CharField(max_length=60)
    value = models.CharField(max_length=400)
    high = models.CharField(max_length=40, default="")
    last_updated = models.BigIntegerField()

    class Meta:
        db_table = "fhir_index"
        indexes = (
            models.Index(
                "type", "parameter", "value", models.F("last_updated").desc(), "id", "high", name="fhir_index_value"
            ),
            models.Index(
                fields=("type", "parameter", "high", "value", "id"), condition=~models.Q(high=""), name="fhir_index_end"
            ),
        )


class Seal(models.Model):
    """One link of the audit chain: `mac` seals an AuditEvent's text and the link before it."""

    sequence = models.BigIntegerField(primary_key=True)
    audit = models.CharField(max_length=64, unique=True)
    mac = models.CharField(max_length=64)

    class Meta:
        db_table = "fhir_seal"


class Submission(models.Model):
    """What came in under a client's own identity, and what was answered, so that the same again gives the same."""

    key = models.CharField(max_length=100, primary_key=True)
    digest = models.CharField(max_length=64)
    result = models.TextField(default="")

    class Meta:
        db_table = "fhir_submission"


class Export(models.Model):
    """A bulk export that somebody asked for, and how far it has come (`export/jobs.py`). `owner` is who may have it."""

    id = models.CharField(max_length=64, primary_key=True)
    owner = models.CharField(max_length=400)
    principal = models.TextField()
    wanted = models.TextField()
    request = models.TextField()
    asked_at = models.BigIntegerField()
    until = models.BigIntegerField(default=0)
    complete_to = models.BigIntegerField(default=0)
    finished_at = models.BigIntegerField(default=0)
    parts = models.TextField(default="[]")
    error = models.TextField(default="")

    class Meta:
        db_table = "fhir_export"


class Deadline(models.Model):
    """When a worker must look at a resource again, and up to when it has looked (`deadlines.py`)."""

    pk = models.CompositePrimaryKey("kind", "type", "id")
    kind = models.CharField(max_length=40)
    type = models.CharField(max_length=40)
    id = models.CharField(max_length=64)
    at = models.BigIntegerField()
    seen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "fhir_deadline"
        indexes = (models.Index(fields=("kind", "at"), name="fhir_deadline_at"),)


class Fact(models.Model):
    """What holds for this database for good, such as its base URL."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.TextField()

    class Meta:
        db_table = "fhir_fact"

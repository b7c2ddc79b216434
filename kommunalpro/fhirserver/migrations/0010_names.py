"""The names of definitions in the index (`search/canonicals.py`), of what is stored already."""

from django.db import migrations

_TYPES = ("ActivityDefinition", "CodeSystem", "ConceptMap", "Library", "PlanDefinition", "Questionnaire", "ValueSet")
_INSERT = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated) SELECT r.type, r.id, '_named'"
_OF_R = "{0}.type = r.type AND {0}.id = r.id AND {0}.parameter = '{1}'"
_URL = f"JOIN fhir_index u ON {_OF_R.format('u', 'url')}"
# What is an address here stands without the base, as `reference_key` has it.
_BASE = "(SELECT value FROM fhir_fact WHERE name = 'base_url')"
_NAME = f"coalesce(replace(u.value, {_BASE} || '/', ''), u.value)"
_END = f"r.type IN {_TYPES} AND NOT r.deleted ON CONFLICT DO NOTHING"


class Migration(migrations.Migration):
    """Definitions are few: this takes no time. `kommunalpro reindex` makes the same rows."""

    dependencies = (("fhirserver", "0009_by_parameter"),)
    operations = (
        migrations.RunSQL(
            [
                f"{_INSERT}, r.type || '/' || r.id, '', r.last_updated FROM fhir_resource r WHERE {_END}",
                f"{_INSERT}, {_NAME} || v.value, '', r.last_updated FROM fhir_resource r {_URL}"
                f" JOIN fhir_index v ON {_OF_R.format('v', 'version')} AND substr(v.value, 1, 1) = '|'"
                f" WHERE length({_NAME} || v.value) < 300 AND {_END}",
                f"{_INSERT}, {_NAME}, '|', r.last_updated FROM fhir_resource r {_URL}"
                f" JOIN fhir_index s ON {_OF_R.format('s', 'status')} AND s.value = 'active'"
                f" WHERE length({_NAME}) < 300 AND {_END}",
            ],
            "DELETE FROM fhir_index WHERE parameter = '_named'",
        ),
    )

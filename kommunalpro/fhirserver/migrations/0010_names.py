"""The names of definitions in the index (`search/canonicals.py`), and what is named in a version, of what is stored."""

from django.db import migrations

_TYPES = ("ActivityDefinition", "CodeSystem", "ConceptMap", "Library", "PlanDefinition", "Questionnaire", "ValueSet")
_INSERT = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated) SELECT r.type, r.id, '_named'"
_OF_R = "{0}.type = r.type AND {0}.id = r.id AND {0}.parameter = '{1}'"
_URL = f"JOIN fhir_index u ON {_OF_R.format('u', 'url')}"
# What is an address here stands without the base, as `reference_key` has it.
_BASE = "(SELECT value FROM fhir_fact WHERE name = 'base_url')"
_NAME = f"coalesce(replace(u.value, {_BASE} || '/', ''), u.value)"
_END = f"r.type IN {_TYPES} AND NOT r.deleted ON CONFLICT DO NOTHING"

_NAMING_TYPES = (
    *("ActivityDefinition", "CarePlan", "CodeSystem", "Communication", "ConceptMap", "Library", "PlanDefinition"),
    "QuestionnaireResponse",
)
_NAMING = (
    *("composed-of", "definition", "depends-on", "derived-from", "documentation", "instantiates-canonical", "other"),
    *("predecessor", "questionnaire", "source", "source-uri", "successor", "supplements", "target", "target-uri"),
)
# An address here begins with a capital, a URL of somebody's with a small letter; } sorts after |.
_IN_A_VERSION = (
    f"UPDATE fhir_index SET high = '|' WHERE type IN {_NAMING_TYPES} AND parameter IN {_NAMING} AND value >= 'a'"
    " AND high = '' AND EXISTS (SELECT 1 FROM fhir_index o WHERE o.type = fhir_index.type AND o.id = fhir_index.id"
    " AND o.parameter = fhir_index.parameter"
    " AND o.value > fhir_index.value || '|' AND o.value < fhir_index.value || '}')"
)


class Migration(migrations.Migration):
    """Definitions are few, and so is what names one by a URL: this takes no time. `reindex` makes the same rows.

    But of what is named with a version and without one: that is not followed without one until then.
    """

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
                _IN_A_VERSION,
            ],
            "DELETE FROM fhir_index WHERE parameter = '_named'",
        ),
    )

"""How statements are put to PostgreSQL: what comes often is planned once, a search for the very values it asks for.

SQLite plans in microseconds, and is asked the same.
"""

from kommunalpro.fhirserver.database import is_postgresql
from tests.resources import questionnaire_response
from tests.store.cast import query

OFTEN = 7


def prepared():
    """Give the statements that this connection has prepared."""
    return [sql for (sql,) in query("SELECT statement FROM pg_prepared_statements")] if is_postgresql() else []


def test_what_is_read_and_written_again_and_again_is_prepared(clinic):
    for _ in range(OFTEN):
        made = clinic.create(questionnaire_response("nancy", "nancys"))
        assert clinic.read("QuestionnaireResponse", made["id"]) == made
    beginnings = [" ".join(sql.split()[:2]) for sql in prepared()]
    assert not is_postgresql() or {"WITH new", "SELECT r.json,"} <= set(beginnings)


def test_a_search_is_not_for_many_rows_have_one_value_and_few_another(clinic):
    for _ in range(OFTEN):
        assert clinic.search("EpisodeOfCare", ("patient", "Patient/nancy"))["total"]
    assert not [sql for sql in prepared() if "fhir_index i" in sql]

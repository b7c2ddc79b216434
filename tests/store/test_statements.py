"""How statements are put to PostgreSQL: what comes often is planned once, a search for the very values it asks for."""

import pytest

from kommunalpro.fhirserver.database import is_postgresql
from tests.resources import questionnaire_response
from tests.store.cast import query

OFTEN = 7


@pytest.fixture
def prepared(clinic):
    """Give the statements that this connection has prepared."""
    if not is_postgresql():
        pytest.skip("SQLite plans in microseconds")
    return lambda: [sql for (sql,) in query("SELECT statement FROM pg_prepared_statements")]


def test_what_is_read_and_written_again_and_again_is_prepared(clinic, prepared):
    for _ in range(OFTEN):
        id = clinic.create(questionnaire_response("nancy", "nancys"))["id"]
        clinic.read("QuestionnaireResponse", id)
    assert any("INSERT INTO fhir_resource" in sql for sql in prepared())
    assert any(sql.startswith("SELECT r.json") and "FROM fhir_resource" in sql for sql in prepared())


def test_a_search_is_not_for_many_rows_have_one_value_and_few_another(clinic, prepared):
    for _ in range(OFTEN):
        clinic.search("EpisodeOfCare", ("patient", "Patient/nancy"))
    assert not [sql for sql in prepared() if "fhir_index i" in sql]

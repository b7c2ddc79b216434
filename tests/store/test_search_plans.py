"""How the databases go about a search: from the few rows that have the value, not through all rows of the type."""

import pytest

from kommunalpro.fhirserver import history
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.search import run
from tests.store.cast import query


@pytest.fixture
def plan(clinic, monkeypatch):
    """Search, and give the plan of the statement that finds the page."""
    made, rows = [], run.rows

    def spy(sql, parameters=()):
        made.append((sql, parameters))
        return rows(sql, parameters)

    monkeypatch.setattr(run, "rows", spy)

    def explained(type, *parameters):
        clinic.search(type, *parameters)
        sql, values = made[0]
        explain = "EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN "
        return "\n".join(str(row[-1]) for row in query(explain + sql, values))

    return explained


def depends_on_the_row(plan):
    """Whether something is looked up anew for every row of the type; not of the few that were just written."""
    return "SubPlan" in plan if is_postgresql() else "CORRELATED" in plan.partition("SCALAR SUBQUERY")[0]


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("Patient", "identifier", "urn:oid:1.2.208.176.1.2|2512489996"),
        ("CarePlan", "activity-reference", "ServiceRequest/1"),
        ("EpisodeOfCare", "patient", "Patient/nancy"),
        ("Questionnaire", "base", "urn:uuid:1"),
    ],
)
def test_what_few_rows_share_is_looked_up_once(plan, type, name, value):
    assert not depends_on_the_row(plan(type, (name, value)))


@pytest.mark.parametrize(
    "after", [(), (("_page", "WzE3OTU0Mjg4MDAwMDAwMDAsIk9yZ2FuaXphdGlvbiIsImEiXQ"),)], ids=["first", "next"]
)
def test_a_page_of_history_is_read_from_the_index_in_its_order(clinic, monkeypatch, after):
    made, rows = [], history.rows
    monkeypatch.setattr(history, "rows", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    clinic.history("Organization", None, ("_count", "5"), *after)
    [(sql, values)] = made
    if is_postgresql():
        # With the few rows of a test it would rather read the whole table.
        query("SET enable_seqscan = off")
        query("SET enable_bitmapscan = off")
    plan = "\n".join(
        str(row[-1]) for row in query(("EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, values)
    )
    assert "fhir_version_newest" in plan

"""The error tree: every failure is an OperationOutcome."""

import pytest

from kommunalpro.fhir import outcome
from kommunalpro.fhir.outcome import (
    BadRequest,
    FhirError,
    Issue,
    Malformed,
    RuleBroken,
    UnknownParameter,
    operation_outcome,
)
from kommunalpro.fhir.structure import validate
from kommunalpro.fhir.structure.tables import codes

# R4 "HTTP status codes" of the RESTful API, and those of HTTP that a server cannot do without.
STATUSES = {400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 429, 500, 501, 503, 507}


def family(error):
    yield error
    for each in error.__subclasses__():
        yield from family(each)


OURS = [each for each in family(FhirError) if each.__module__.startswith("kommunalpro.")]


@pytest.mark.parametrize("error", OURS, ids=[each.__name__ for each in OURS])
def test_every_error_has_a_status_a_code_of_r4_and_a_docstring(error):
    assert error.status in STATUSES
    assert error.code in codes("issue-type")
    assert error.__doc__


@pytest.mark.parametrize("error", OURS, ids=[each.__name__ for each in OURS])
def test_every_error_is_drawn_in_the_tree(error):
    if error.__module__ == outcome.__name__:
        line = next(line for line in outcome.__doc__.splitlines() if error.__name__ in line.split())
        assert str(error.status) in line
        assert error.code in line.split()


def test_an_error_becomes_an_operation_outcome_that_is_r4():
    issue = Issue("Feltet mangler.", "Missing element status", "Task.status", "required", coding=("urn:skov", "S1"))
    made = Malformed(issues=[issue, Issue("Noget er galt.")]).to_fhir()
    assert made["issue"][0] == {
        "severity": "error",
        "code": "required",
        "details": {"text": "Feltet mangler.", "coding": [{"system": "urn:skov", "code": "S1"}]},
        "diagnostics": "Missing element status",
        "expression": ["Task.status"],
    }
    assert made["issue"][1] == {"severity": "error", "code": "structure", "details": {"text": "Noget er galt."}}
    assert validate(made) == ()


def test_an_error_of_one_issue_takes_its_fields():
    error = BadRequest("Det forstod vi ikke.", diagnostics="No such thing", expression="Task")
    assert error.issues == (Issue("Det forstod vi ikke.", "No such thing", "Task"),)
    assert str(error) == "No such thing"
    assert str(BadRequest("Det forstod vi ikke.")) == "Det forstod vi ikke."


def test_a_kind_of_bad_request_is_caught_as_one():
    with pytest.raises(BadRequest):
        raise UnknownParameter("Søgningen kendes ikke.")


def test_good_news_is_an_operation_outcome_too():
    made = operation_outcome([Issue("Alt er vel.", severity="information")])
    assert made["issue"] == [{"severity": "information", "code": "informational", "details": {"text": "Alt er vel."}}]
    assert validate(made) == ()


@pytest.mark.parametrize(
    ("many", "last"),
    [
        (500, ("error", "business-rule", "Nummer 499")),
        (501, ("error", "too-long", "Der er flere fejl, end der kan vises.")),
        (1200, ("error", "too-long", "Der er flere fejl, end der kan vises.")),
    ],
)
def test_of_very_many_issues_the_first_are_told_and_that_there_are_more(many, last):
    told = RuleBroken(issues=[Issue(f"Nummer {number}") for number in range(many)]).to_fhir()["issue"]
    assert [each["details"]["text"] for each in told[:500]] == [f"Nummer {number}" for number in range(500)]
    assert (len(told), told[-1]["details"]["text"]) == (min(many, 501), last[2])
    assert (told[-1]["severity"], told[-1]["code"]) == last[:2]


def test_more_warnings_than_are_told_make_no_error():
    told = operation_outcome([Issue("Profilen kendes ikke her.", severity="warning")] * 501)["issue"]
    assert {each["severity"] for each in told} == {"warning"}

"""A refusal over HTTP is the same error as in process, with FUT's codes; what answers something else is unavailable."""

import pytest

from kommunalpro.fhir import outcome
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError, Issue
from kommunalpro.fut.errors import forbidden, rule_broken
from kommunalpro.fut.gateway.failures import failure, in_english
from kommunalpro.identity.fetching import HttpAnswer

TREE = [each for each in vars(outcome).values() if isinstance(each, type) and issubclass(each, FhirError)]


def over_http(wrong, **headers):
    return failure(HttpAnswer(wrong.status, headers, dumps(wrong.to_fhir())))


@pytest.mark.parametrize("kind", TREE)
def test_every_error_of_the_tree_comes_back_as_itself(kind):
    sent = kind("Det går ikke.", diagnostics="It will not do", expression="Task.status")
    came = over_http(sent)
    assert type(came) is kind
    [issue], [expected] = came.issues, sent.issues
    assert (issue.expression, issue.code, issue.severity) == ("Task.status", kind.code, expected.severity)


@pytest.mark.parametrize(
    "sent", [rule_broken("KPRO_IDENTITY_IMMUTABLE", "x", "status"), forbidden("KPRO_OWNER_IMMUTABLE")]
)
def test_the_codes_of_fut_come_along(sent):
    assert over_http(sent).issues[0].coding == sent.issues[0].coding


def test_all_issues_come_and_a_business_rule_among_them_is_one():
    issues = [Issue("a", code="value"), *rule_broken("KPRO_IDENTITY_IMMUTABLE").issues]
    came = over_http(outcome.RuleBroken(issues=issues))
    assert type(came) is outcome.RuleBroken
    assert len(came.issues) == 2


def test_a_code_that_we_know_has_our_words_where_the_service_has_none():
    coding = [{"system": "http://fut", "code": "TASK_FOR_NOT_SET"}]
    said = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "details": {"coding": coding}}]}
    assert failure(HttpAnswer(422, {}, dumps(said))).issues[0].text == "Opgaven mangler sin borger."


@pytest.mark.parametrize(
    ("code", "words"),
    [("TASK_FOR_NOT_SET", "Opgaven mangler sin borger."), ("HEARD_OF_BY_NOBODY", "Det kunne ikke gemmes.")],
)
def test_what_a_service_says_to_developers_is_no_text_for_people(code, words):
    details = {"coding": [{"system": "http://fut", "code": code}], "text": "The Task has no for"}
    issue = {"severity": "error", "details": details, "diagnostics": "HAPI-0389"}
    [came] = failure(HttpAnswer(422, {}, dumps({"resourceType": "OperationOutcome", "issue": [issue]}))).issues
    assert (came.text, came.diagnostics) == (words, "The Task has no for: HAPI-0389")


@pytest.mark.parametrize(("is_read", "words"), [(True, "Det kunne ikke hentes."), (False, "Det kunne ikke gemmes.")])
def test_what_cannot_be_read_is_not_said_not_to_be_saved(is_read, words):
    assert failure(HttpAnswer(422, {}, b""), is_read=is_read).issues[0].text == words


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 412, 418, 422, 429, 500, 503])
def test_whatever_a_service_says_no_with_there_are_english_words_for_it(status):
    assert in_english(failure(HttpAnswer(status, {}, b"")).issues[0])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"issue": 7}',
        b'{"issue": []}',
        b'{"issue": [7]}',
        b'{"issue": [{"details": 7}]}',
        b"\xff",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_whatever_stands_in_the_body_there_is_one_error_with_danish_words(body, status):
    came = failure(HttpAnswer(status, {}, body))
    assert came.status == status
    assert came.issues[0].text


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_a_proxy_says_of_a_service_that_is_down_is_503(status):
    came = failure(HttpAnswer(status, {"retry-after": "7"}, b"Bad Gateway"))
    assert type(came) is outcome.Unavailable
    assert came.retry_after == 7


def test_a_cpr_number_in_an_answer_goes_no_further():
    issue = {
        "severity": "error",
        "code": "invalid",
        "diagnostics": "251248-9996 is unknown",
        "details": {"text": "2512489996"},
    }
    came = failure(HttpAnswer(400, {}, dumps({"resourceType": "OperationOutcome", "issue": [issue]})))
    assert "9996" not in str(came.to_fhir())

"""A submission whose answer did not come is looked for, and is never sent a second time."""

from typing import Any

import pytest

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import Conflict, FhirError, Unavailable, Unprocessable
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Unanswered
from kommunalpro.fut.gateway.remote import RemoteGateway
from kommunalpro.identity.fetching import HttpAnswer
from tests.unit.fut.wire import BUSY, HERE, NOTHING, NOW, OUTCOME, SILENT, Wire, answered, searchset

ANSWER = {
    "resourceType": "QuestionnaireResponse",
    "basedOn": [{"reference": f"{HERE}/ServiceRequest/1"}],
    "authored": "2026-11-23T10:00:00+01:00",
    "source": {"reference": f"{HERE}/Patient/1"},
    "item": [{"linkId": "1"}],
}
SUBMITTED = {
    "resourceType": "Parameters",
    "parameter": [{"name": "measurement", "resource": {"resourceType": "Bundle", "entry": [{"resource": ANSWER}]}}],
}


def stored(**changes: Any) -> dict[str, Any]:
    return loads(dumps({**ANSWER, "id": "9", "meta": {"versionId": "1"}, **changes}))


def submit(gateway: RemoteGateway) -> Any:
    return gateway.operation("$submit-measurement", SUBMITTED, by=SYSTEM, now=NOW)


def sends(wire: Wire) -> int:
    return len([each for each in wire.sent if each.full_url.endswith("$submit-measurement")])


CUT = HttpAnswer(200, {}, b'{"resourceType": "Bundle", "type": "transaction-resp')
NO_WORD = [
    SILENT,
    CUT,
    BUSY,
    answered({}),
    answered(OUTCOME),
    *(HttpAnswer(each, {}, b"<html>Bad Gateway</html>") for each in (302, 403, 404, 408, 413, 500, 502, 504)),
    answered(OUTCOME, 500),
]


@pytest.mark.parametrize("lost", NO_WORD)
def test_an_answer_that_was_not_heard_of_is_looked_for_and_not_sent_again(wired, lost):
    with wired(searchset(), lost, searchset(stored())) as (gateway, wire):
        result = submit(gateway)
    assert result["entry"][0]["response"]["location"] == f"{HERE}/QuestionnaireResponse/9/_history/1"
    assert sends(wire) == 1


@pytest.mark.parametrize(
    "looked", [searchset(), BUSY, SILENT, *(answered({}, each) for each in (400, 401, 403, 408, 500))]
)
def test_it_is_not_sent_again_where_it_is_not_found_for_it_may_be_on_its_way(wired, looked):
    with wired(searchset(), SILENT, looked) as (gateway, wire), pytest.raises(Unanswered):
        submit(gateway)
    assert sends(wire) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410, 500, 503])
def test_who_presses_again_sends_nothing_as_long_as_it_cannot_be_told(wired, status):
    with wired(answered({}, status)) as (gateway, wire), pytest.raises(FhirError):
        submit(gateway)
    assert sends(wire) == 0


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_is_wrong_with_it_is_told_by_the_submission(wired, status):
    with wired(answered(OUTCOME, status), answered({}, 422)) as (gateway, wire), pytest.raises(Unprocessable):
        submit(gateway)
    assert sends(wire) == 1


def test_who_presses_again_later_gets_what_the_first_press_stored(wired):
    with wired(searchset(stored(authored="2026-11-23T09:00:00Z"))) as (gateway, wire):
        assert submit(gateway)["entry"]
    assert sends(wire) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"authored": "2026-11-23T10:00:01+01:00"},
        {"item": [{"linkId": "2"}]},
        {"source": {"reference": f"{HERE}/RelatedPerson/1"}},
    ],
)
def test_another_answer_is_not_taken_for_it(wired, other):
    done = answered({"resourceType": "Bundle", "type": "transaction-response"})
    with wired(searchset(stored(**other)), done) as (gateway, wire):
        submit(gateway)
    assert sends(wire) == 1


def test_where_nobody_can_tell_it_is_not_sent_at_all(wired):
    with wired(SILENT) as (gateway, wire), pytest.raises(Unavailable):
        submit(gateway)
    assert sends(wire) == 0


def test_what_was_submitted_with_another_content_is_a_conflict_still(wired):
    said = answered(Conflict("Det er allerede sendt med et andet indhold.").to_fhir(), 409)
    with wired(answered(NOTHING), said) as (gateway, _), pytest.raises(Conflict):
        submit(gateway)

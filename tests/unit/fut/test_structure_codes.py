"""What R4's own structure refuses of a time is told by FUT's code, wherever the resource stands in what was sent."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.structure import validate
from kommunalpro.fut.profiles.structure import named
from tests.resources import media, observation, questionnaire_response, task

TIMING = "GENERAL_TIMING_VALIDATION_ERROR"
ANSWERED = "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_"
NINE, TEN = "2026-11-02T09:00:00+01:00", "2026-11-02T10:00:00+01:00"


def told(sent):
    """Give the code of FUT, empty without, and the place of all that R4 refuses."""
    issues = [named(each, sent) for each in validate(sent)]
    return [(each.coding[1] if each.coding else "", each.expression) for each in issues]


def in_parameters(*resources):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
    return {"resourceType": "Parameters", "parameter": [{"name": "bundle", "resource": bundle}]}


STRUCTURAL = [
    {"countMax": 4},
    {"duration": 2},
    {"period": 1},
    {"period": -1, "periodUnit": "d"},
    {"boundsPeriod": {"start": "2026-10-12T08:00:00+02:00", "end": "2026-10-01T08:00:00+02:00"}},
    {"boundsPeriod": {"start": "2026-10-12T08:00"}},
    {"dayOfWeek": ["monday"]},
    {"duration": 1, "durationUnit": "fortnight"},
    {"frequency": 0},
    {"timeOfDay": ["8"]},
]


@pytest.mark.parametrize("repeat", STRUCTURAL)
def test_what_r4_itself_refuses_of_a_regime_is_told_by_the_same_code(repeat):
    for sent in (request_with(repeat), in_parameters(request_with(repeat))):
        assert {code for code, _ in told(sent)} == {TIMING}


def test_what_else_r4_refuses_has_no_code_of_fut():
    [(code, _)] = told({**request_with({}), "subject": {"reference": 7}})
    assert code == ""


def request_with(repeat):
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/nancy"},
        "occurrenceTiming": {"repeat": repeat} if repeat else {"event": ["2026-10-12T08:00:00+02:00"]},
    }


@pytest.mark.parametrize(
    "measured",
    [
        {**observation("nancy", "nancys"), "effectiveDateTime": "2026-11-02T09:00"},
        {**media("nancy", "nancys"), "createdDateTime": "2026-11-02T09:00:00"},
        {**questionnaire_response("nancy", "nancys"), "authored": "2026-11-02 09:00"},
        {**task("nancy", "nancys"), "authoredOn": "2026-11-02T09:00"},
    ],
    ids=lambda made: made["resourceType"],
)
def test_a_time_without_a_zone_has_the_code_that_a_day_alone_has_there(measured):
    assert [code for code, _ in told(measured)] == [TIMING]
    assert [code for code, _ in told(in_parameters(measured))] == [TIMING]


def answered(period):
    """Make a response that says when it was answered, as the second of what is said of it."""
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "extension": [{"url": "urn:other", "valuePeriod": {"start": TEN}}, {"url": ehealth.EFFECTIVE_PERIOD, **period}],
    }


@pytest.mark.parametrize(
    ("period", "code", "place"),
    [
        ({"valuePeriod": {"start": TEN, "end": NINE}}, "START_AFTER_END", "extension[1].value"),
        ({"valuePeriod": {"start": "2026-11-02T09:00"}}, "INVALID_DATETIME", "extension[1].value.start"),
        ({"valuePeriod": {"start": NINE, "end": "10"}}, "INVALID_DATETIME", "extension[1].value.end"),
        ({"valuePeriod": {}}, "EMPTY_PERIOD", "extension[1].value"),
        ({}, "EMPTY_PERIOD", "extension[1]"),
    ],
)
def test_when_it_was_answered_has_the_codes_that_fut_has_for_that(period, code, place):
    assert told(answered(period)) == [(ANSWERED + code, f"QuestionnaireResponse.{place}")]
    inside = "Parameters.parameter[0].resource.entry[1].resource"
    assert told(in_parameters(answered({"valuePeriod": {"start": NINE}}), answered(period))) == [
        (ANSWERED + code, f"{inside}.{place}")
    ]


def test_another_period_of_a_response_has_the_code_of_times():
    response = answered({"valuePeriod": {"start": NINE, "note": "?"}})
    response["extension"][0]["valuePeriod"]["end"] = NINE
    assert told(response) == [
        (TIMING, "QuestionnaireResponse.extension[0].value"),
        ("", "QuestionnaireResponse.extension[1].value.note"),
    ]

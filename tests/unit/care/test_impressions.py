"""What a ClinicalImpression says, when another application has written it."""

import pytest

from kommunalpro.care.impressions import light_of, record_of
from kommunalpro.fhir import ehealth
from kommunalpro.pro.triage import Light


def impression(parameters: dict) -> dict:
    code = {"coding": [{"system": ehealth.CLINICALIMPRESSION_FINDING_CODES, "code": "yellow"}]}
    return {
        "resourceType": "ClinicalImpression",
        "contained": [{"resourceType": "Parameters", "id": "facts", **parameters}],
        "extension": [{"url": ehealth.CLINICALIMPRESSION_DECISION_CONTEXT, "valueReference": {"reference": "#facts"}}],
        "finding": [{"itemCodeableConcept": code}],
    }


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"parameter": [{"name": "rule", "valueReference": {"reference": "https://fut.example/fhir/Library/1"}}]},
        {"parameter": [{"name": "schemaVersion", "valueInteger": 99}]},
        {"parameter": [{"name": "schemaVersion", "valueInteger": 1}]},
    ],
    ids=["empty", "facts of a rule", "a later version", "not whole"],
)
def test_facts_that_are_no_record_of_ours_leave_the_light_to_the_finding(parameters: dict) -> None:
    assert record_of(impression(parameters)) is None
    assert light_of(impression(parameters)) is Light.YELLOW

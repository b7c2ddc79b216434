"""What a definition may be said to be for."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.use_contexts import problems

HL7 = "http://terminology.hl7.org/CodeSystem/usage-context-type"
FUT = f"{ehealth.CS}ehealth-usage-context-type"
SKS = "urn:oid:1.2.208.176.2.4"
KPRO = (ehealth.EHEALTH_PROGRAM, "kpro")
TYPES = ("Questionnaire", "ActivityDefinition", "PlanDefinition")


def context(kind, value):
    given = {"coding": [dict(zip(("system", "code"), value, strict=True))]} if isinstance(value, tuple) else value
    return {"code": dict(zip(("system", "code"), kind, strict=True)), "valueCodeableConcept": given}


def found(resource):
    return [(each.coding[1], each.expression) for each in problems(resource)]


def of_type(type, use):
    if type in TYPES:
        return {"resourceType": type, "useContext": [use]}
    return {"resourceType": type, "extension": [{"url": ehealth.USE_CONTEXT, "valueUsageContext": use}]}


@pytest.mark.parametrize("type", [*TYPES, "CareTeam", "Basic"])
@pytest.mark.parametrize(
    "use",
    [
        context((HL7, "program"), ("http://x", "kpro")),
        context((HL7, "program"), (ehealth.EHEALTH_PROGRAM, "nope")),
        context((HL7, "program"), {"text": "Kommunal PRO"}),
        {"code": {"system": HL7, "code": "program"}, "valueQuantity": {"value": 1}},
        context((HL7, "focus"), (SKS, "DC50")),
        context((FUT, "activity"), ("http://x", "nonsense")),
        context((FUT, "system-treatment-area"), (ehealth.EHEALTH_SYSTEM, "nonsense")),
        context((HL7, "nope"), KPRO),
        context(("http://x", "program"), KPRO),
        {"code": {}, "valueCodeableConcept": {}},
    ],
    ids=str,
)
def test_a_use_that_fut_does_not_have_is_refused(type, use):
    assert {code for code, _ in found(of_type(type, use))} == {"USE_CONTEXT_VALIDATION_FAILED"}


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize(
    "use",
    [
        context((HL7, "program"), KPRO),
        context((HL7, "focus"), (SKS, "DE11")),
        context((FUT, "activity"), (ehealth.ACTIVITYDEFINITION_CODE, "273586006")),
        context((FUT, "system-treatment-area"), (ehealth.EHEALTH_SYSTEM, "xa")),
        context((FUT, "system-treatment-area"), (ehealth.EHEALTH_SYSTEM, "kpro")),
        {"code": {"system": HL7, "code": "age"}, "valueRange": {"low": {"value": 65}}},
    ],
    ids=str,
)
def test_a_use_of_fut_is_taken(type, use):
    assert found(of_type(type, use)) == []


def test_what_a_care_team_works_with_stands_in_its_reasons_and_not_in_a_focus():
    focus = context((HL7, "focus"), (SKS, "DE11"))
    assert found(of_type("CareTeam", focus)) == [("USE_CONTEXT_VALIDATION_FAILED", "CareTeam.extension")]
    assert found(of_type("CareTeam", context((HL7, "program"), KPRO))) == []

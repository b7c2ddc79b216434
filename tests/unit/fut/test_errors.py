"""FUT's own error codes: each has its words, keeps its name, and says something that happens."""

import pytest

from kommunalpro.fhir.ehealth import TASK_HANDOVER_ROLES as HANDOVER
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.structure.walk import Walk
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.errors import SYSTEM as ERROR_CODES
from kommunalpro.fut.errors import forbidden, issue, refuse, rule_broken
from kommunalpro.fut.rules import EHealthRules
from tests.people import NANCY
from tests.unit.house.sources import PACKAGE, python_files, source

CPR = NANCY.cpr


def used():
    """The codes that the code names, wherever they are not made."""
    return {
        text
        for path in python_files()
        if path.is_relative_to(PACKAGE) and not path.name.endswith("error_codes.py")
        for text in source(path).texts
        if text in CATALOGUE
    }


def test_every_code_is_used_and_every_use_is_in_the_catalogue():
    assert used() == CATALOGUE.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_code_speaks_danish_to_people_and_english_to_developers(name):
    danish, english = CATALOGUE[name]
    assert danish.endswith(".")
    assert not english.endswith(".")
    made = issue(name)
    assert (made.text, made.diagnostics, made.coding) == (danish, english, (ERROR_CODES, name))


def test_a_detail_is_added_for_developers_alone():
    made = issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "in-progress", "QuestionnaireResponse.status")
    assert made.diagnostics == "A submitted measurement must be completed or final: in-progress"
    assert "in-progress" not in made.text
    assert made.to_fhir("business-rule")["details"]["coding"] == [
        {"system": ERROR_CODES, "code": "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS"}
    ]


def test_business_rules_are_422_and_security_is_403():
    assert rule_broken("KPRO_IDENTITY_IMMUTABLE").status == 422
    assert forbidden("SECURITY_TOKEN_CONTEXT_MISSING").status == 403


def test_all_is_told_at_once_and_nothing_when_there_is_nothing():
    refuse(())
    with pytest.raises(RuleBroken) as refused:
        refuse(issue(name) for name in ("KPRO_IDENTITY_IMMUTABLE", "KPRO_SUB_PLAN"))
    assert len(refused.value.issues) == 2


def test_of_what_a_client_wrote_no_cpr_number_is_said_again():
    """Written where a code belongs, it would stand in an answer and in a log."""
    made = issue("GENERAL_VALIDATION_ERROR", f"{CPR} in a system", f"item.where(linkId = '{CPR}')", text=f"{CPR}: fejl")
    assert CPR not in str(made)
    assert made.text == "xxxxxx-xxxx: fejl"


@pytest.mark.parametrize(
    "written",
    [
        {"resourceType": "Provenance", "policy": [f"urn:{CPR}"]},
        {"resourceType": "CarePlan", "instantiatesCanonical": [f"https://fhir.example/fhir/Patient/{CPR}"]},
        {"resourceType": "Task", "input": [{"type": {"coding": [{"system": HANDOVER, "code": CPR}]}}]},
        {"resourceType": "Questionnaire", "item": [{"linkId": CPR, "type": "group"}, {"linkId": CPR, "type": "group"}]},
    ],
    ids=lambda written: written["resourceType"],
)
def test_no_rule_says_it_again(clinic, written):
    with pytest.raises(RuleBroken) as refused, clinic.as_(SYSTEM) as session:
        EHealthRules().check({"id": "a", "status": "active", **written}, None, session, Walk())
    told = str(refused.value.to_fhir()) + str(refused.value)
    assert "xxxxxx-xxxx" in told, "so that it was about to be said"
    assert CPR not in told

"""FUT's own error codes: each has its words, keeps its name, and says something that happens."""

import ast

import pytest

from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.errors import SYSTEM, forbidden, issue, refuse, rule_broken
from tests.unit.house.sources import PACKAGE, python_files, tree


def used():
    """The codes that the code names, wherever they are not made."""
    return {
        node.value
        for path in python_files()
        if path.is_relative_to(PACKAGE) and not path.name.endswith("error_codes.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CATALOGUE
    }


def test_every_code_is_used_and_every_use_is_in_the_catalogue():
    assert used() == CATALOGUE.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_code_speaks_danish_to_people_and_english_to_developers(name):
    danish, english = CATALOGUE[name]
    assert danish.endswith(".")
    assert not english.endswith(".")
    made = issue(name)
    assert (made.text, made.diagnostics, made.coding) == (danish, english, (SYSTEM, name))


def test_a_detail_is_added_for_developers_alone():
    made = issue("MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS", "in-progress", "QuestionnaireResponse.status")
    assert made.diagnostics == "A submitted measurement must be completed or final: in-progress"
    assert "in-progress" not in made.text
    assert made.to_fhir("business-rule")["details"]["coding"] == [
        {"system": SYSTEM, "code": "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS"}
    ]


def test_business_rules_are_422_and_security_is_403():
    assert rule_broken("KPRO_IDENTITY_IMMUTABLE").status == 422
    assert forbidden("SECURITY_TOKEN_CONTEXT_MISSING").status == 403


def test_all_is_told_at_once_and_nothing_when_there_is_nothing():
    refuse(())
    with pytest.raises(RuleBroken) as refused:
        refuse(issue(name) for name in ("KPRO_IDENTITY_IMMUTABLE", "KPRO_SUB_PLAN"))
    assert len(refused.value.issues) == 2

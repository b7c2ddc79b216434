"""The editor's library: whose a definition is, whether it is in use, and one row for all its versions."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.web.administration.presenters import labels, questionnaires
from tests.resources import basic

OWN, OTHER = "https://pro.example/fhir/Organization/own", "https://pro.example/fhir/Organization/other"
NAMES = {OTHER: {"name": "Region Demo"}}


def owned_by(organization: str) -> dict:
    role = {"coding": [{"system": ehealth.MODIFIER_ROLE_CODES, "code": "owner"}]}
    parts = [
        {"url": "reference", "valueReference": {"reference": organization}},
        {"url": "role", "valueCodeableConcept": role},
    ]
    return {"url": ehealth.MODIFIER_ROLE, "extension": parts}


def questionnaire(id: str, version: str, status: str, *extensions: dict, base: str = "urn:uuid:b") -> dict:
    family = {"url": ehealth.BASE, "valueIdentifier": {"value": base}}
    return {
        "resourceType": "Questionnaire",
        "id": id,
        "title": "Hverdagen",
        "version": version,
        "status": status,
        "extension": [*extensions, family],
    }


def test_own_shared_and_national_are_told_apart_in_words() -> None:
    recommended = {"url": ehealth.QUESTIONNAIRE_RECOMMENDATION, "valueCodeableConcept": {"coding": [{"code": "x"}]}}
    found = [
        labels.origin(questionnaire("1", "1.0", "active", *extensions), OWN, NAMES).words
        for extensions in ((owned_by(OWN),), (owned_by(OTHER),), (owned_by(OTHER), recommended))
    ]
    assert found == ["Egen", "Delt af Region Demo", "National"]


@pytest.mark.parametrize(
    ("level", "is_recommended", "words"),
    [("national", False, "National"), ("local", False, "Egen"), ("local", True, "Egen")],
)
def test_a_view_is_national_by_its_level_and_not_by_being_recommended(level, is_recommended, words) -> None:
    view = basic({"level": level})
    others = [each for each in view["extension"] if each["url"] != ehealth.MODIFIER_ROLE]
    view["extension"] = [*others, owned_by(OWN)]  # as it is stored: by its whole address
    if is_recommended:
        concept = {"coding": [{"code": "Recommended"}]}
        view["extension"].append({"url": ehealth.QUESTIONNAIRE_RECOMMENDATION, "valueCodeableConcept": concept})
    assert labels.origin(view, OWN, NAMES).words == words


def test_versions_of_a_questionnaire_are_one_row_that_shows_the_newest() -> None:
    versions = [questionnaire(str(number), f"1.{number}", "retired", owned_by(OWN)) for number in (2, 10, 9)]
    (row,) = questionnaires.rows(versions, OWN, NAMES)
    assert (row.version, row.versions, row.status.words) == ("1.10", 3, "Udgået")


def test_the_versions_are_listed_newest_first_with_the_one_on_the_page_marked() -> None:
    versions = [questionnaire("a", "1.0", "retired"), questionnaire("b", "1.1", "active")]
    shown = questionnaires.version_rows(versions, "a")
    assert [(row.version, row.current, row.status.words) for row in shown] == [
        ("1.1", False, "I brug"),
        ("1.0", True, "Udgået"),
    ]


def test_a_day_is_written_as_people_do() -> None:
    assert labels.day("2026-12-07") == "7. december 2026"
    assert labels.day("2026-12") == "2026-12"

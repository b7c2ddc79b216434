"""What FUT's profiles require beyond R4: the smallest that is taken, and what it cannot do without."""

import copy

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.requirements import (
    BOUND_EXTENSIONS,
    ELEMENTS,
    EXTENSIONS,
    FORBIDDEN,
    MOMENTS,
    is_code,
    problems,
)
from kommunalpro.fut.services import SERVICES
from tests import resources
from tests.people import ASTA, NANCY

SMALLEST = {
    "Questionnaire": resources.questionnaire(),
    "QuestionnaireResponse": resources.questionnaire_response("nancy", "nancys"),
    "ActivityDefinition": resources.activity_definition("Questionnaire/1"),
    "PlanDefinition": resources.plan_definition("ActivityDefinition/1"),
    "CarePlan": resources.care_plan("nancy", "nancys"),
    "ServiceRequest": resources.service_request("nancy", "nancys"),
    "EpisodeOfCare": resources.episode_of_care("nancy", "nord"),
    "Condition": resources.condition("nancy", "nancys"),
    "Task": resources.task("nancy", "nancys"),
    "ClinicalImpression": resources.clinical_impression("nancy", "nancys"),
    "Patient": resources.patient(NANCY),
    "Practitioner": resources.practitioner(),
    "PractitionerRole": resources.practitioner_role(),
    "CareTeam": resources.care_team("Nord", ASTA),
    "Organization": resources.organization(),
    "Consent": resources.consent("nancy", "nancys"),
    "Provenance": resources.provenance("EpisodeOfCare/nancys"),
    "Basic": resources.basic({}),
    "Binary": {"resourceType": "Binary", "contentType": "text/plain"},
    "Observation": resources.observation("nancy", "nancys"),
    "Media": resources.media("nancy", "nancys"),
    "Communication": resources.communication("nancy", "nancys"),
    "CommunicationRequest": resources.communication_request("nancy", "nancys"),
    "Goal": resources.goal("nancy"),
    "RelatedPerson": resources.related_person("nancy"),
    "DocumentReference": resources.document_reference("nancy", "nancys"),
    "Library": resources.library(),
    "ValueSet": resources.value_set("http://example.org/vs/symptoms", "cough"),
}


def found(resource):
    return [(each.coding[1], each.expression) for each in problems(resource)]


@pytest.mark.parametrize("type", SMALLEST)
def test_the_smallest_resource_is_taken(type):
    assert found(SMALLEST[type]) == []


def test_every_type_with_requirements_is_served_and_has_its_smallest():
    assert ELEMENTS.keys() | EXTENSIONS.keys() | FORBIDDEN.keys() | MOMENTS.keys() <= SMALLEST.keys() <= SERVICES.keys()


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in ELEMENTS.items() for name in names])
def test_it_cannot_do_without(type, element):
    without = {name: value for name, value in SMALLEST[type].items() if name != element}
    assert ("GENERAL_PROFILE_VALIDATION_ERROR", f"{type}.{element}") in found(without)


@pytest.mark.parametrize(("type", "url"), [(type, url) for type, urls in EXTENSIONS.items() for url in urls])
def test_it_cannot_do_without_this_extension(type, url):
    without = copy.deepcopy(SMALLEST[type])
    without["extension"] = [each for each in without["extension"] if each["url"] != url]
    assert ("GENERAL_PROFILE_VALIDATION_ERROR", f"{type}.extension") in found(without)


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in FORBIDDEN.items() for name in names])
def test_it_may_not_have(type, element):
    assert found(SMALLEST[type] | {element: "x"}) == [("GENERAL_PROFILE_VALIDATION_ERROR", f"{type}.{element}")]


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in MOMENTS.items() for name in names])
@pytest.mark.parametrize("vague", ["2026", "2026-11", "2026-11-23"])
def test_a_time_that_is_compared_says_the_minute(type, element, vague):
    assert found(SMALLEST[type] | {element: vague}) == [("GENERAL_TIMING_VALIDATION_ERROR", f"{type}.{element}")]


@pytest.mark.parametrize("url", BOUND_EXTENSIONS)
def test_a_code_comes_from_its_system(url):
    system = BOUND_EXTENSIONS[url]
    bad = {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": "no-such-code"}]}}
    foreign = {"url": url, "valueCodeableConcept": {"coding": [{"system": "urn:other", "code": "x"}]}}
    for extension in (bad, foreign, {"url": url, "valueCoding": {"system": system, "code": "no-such-code"}}):
        assert ("GENERAL_BINDING_VALIDATION_ERROR", "Practitioner") in found(
            SMALLEST["Practitioner"] | {"extension": [extension]}
        )


def test_the_kind_of_assessment_comes_from_its_system():
    wrong = SMALLEST["ClinicalImpression"] | {"code": {"coding": [{"system": "urn:other", "code": "x"}]}}
    assert found(wrong) == [("GENERAL_BINDING_VALIDATION_ERROR", "ClinicalImpression.code")]


def test_codes_are_the_guides_own():
    assert is_code(ehealth.TASK_CATEGORY_CODES, "MeasurementForAssessment")
    assert not is_code(ehealth.TASK_CATEGORY_CODES, "measurementforassessment")
    assert not is_code("urn:other", "MeasurementForAssessment")

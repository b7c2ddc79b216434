"""What FUT's profiles require beyond R4: the smallest that is taken, and what it cannot do without."""

import copy

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.profiles import bindings, canonicals
from kommunalpro.fut.profiles.care_teams import care_team_problems
from kommunalpro.fut.profiles.requirements import (
    ELEMENTS,
    EXTENSIONS,
    FORBIDDEN,
    MOMENTS,
    ONCE,
    ONCE_EXTENSIONS,
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
    assert ("GENERAL_VALIDATION_ERROR", f"{type}.{element}") in found(without)


@pytest.mark.parametrize(("type", "url"), [(type, url) for type, urls in EXTENSIONS.items() for url in urls])
def test_it_cannot_do_without_this_extension(type, url):
    without = copy.deepcopy(SMALLEST[type])
    without["extension"] = [each for each in without["extension"] if each["url"] != url]
    assert ("GENERAL_VALIDATION_ERROR", f"{type}.extension") in found(without)


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in FORBIDDEN.items() for name in names])
def test_it_may_not_have(type, element):
    assert found(SMALLEST[type] | {element: "x"}) == [("GENERAL_VALIDATION_ERROR", f"{type}.{element}")]


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in MOMENTS.items() for name in names])
@pytest.mark.parametrize("vague", ["2026", "2026-11", "2026-11-23"])
def test_a_time_that_is_compared_says_the_minute(type, element, vague):
    assert found(SMALLEST[type] | {element: vague}) == [("GENERAL_TIMING_VALIDATION_ERROR", f"{type}.{element}")]


@pytest.mark.parametrize(("type", "element"), [(type, name) for type, names in ONCE.items() for name in names])
def test_it_has_this_only_once(type, element):
    twice = SMALLEST[type] | {element: [{"reference": "urn:a"}, {"reference": "urn:b"}]}
    assert ("GENERAL_VALIDATION_ERROR", f"{type}.{element}") in found(twice)


@pytest.mark.parametrize("url", ONCE_EXTENSIONS)
def test_it_has_this_extension_only_once(url):
    twice = SMALLEST["Practitioner"] | {"extension": [{"url": url, "valueString": each} for each in ("a", "b")]}
    assert ("GENERAL_VALIDATION_ERROR", "Practitioner.extension") in found(twice)


UNKNOWN = {"coding": [{"system": "http://ehealth.sundhed.dk/cs/task-category", "code": "no-such-code"}]}


@pytest.mark.parametrize("url", bindings.EXTENSIONS)
@pytest.mark.parametrize("value", [UNKNOWN, {"coding": []}, {"text": "Noget"}], ids=["unknown", "none", "words"])
def test_the_code_of_an_extension_is_in_its_value_set(url, value):
    part, _ = bindings.EXTENSIONS[url]
    given = {"extension": [{"url": part, "valueCodeableConcept": value}]} if part else {"valueCodeableConcept": value}
    bound = SMALLEST["Practitioner"] | {"extension": [{"url": url, **given}]}
    assert ("GENERAL_VALIDATION_ERROR", "Practitioner.extension") in found(bound)


@pytest.mark.parametrize(
    ("type", "path"), [(type, path) for type, paths in bindings.ELEMENTS.items() for path in paths], ids=str
)
def test_the_code_of_an_element_is_in_its_value_set(type, path):
    wrong = UNKNOWN
    for name in reversed(path.split(".")):
        wrong = {name: wrong}
    assert ("GENERAL_VALIDATION_ERROR", f"{type}.{path}") in found(SMALLEST[type] | wrong)


FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"


@pytest.mark.parametrize(
    ("system", "code", "is_taken"),
    [
        ("urn:oid:1.2.208.176.2.4", "DE11", True),
        ("urn:oid:1.2.208.176.2.4", "DF30", True),
        ("urn:oid:1.2.208.176.2.4", "DF32", False),
        (FSIII, "F", True),
        (FSIII, "F12", True),
        (FSIII, "J1.1", True),
        ("urn:oid:1.2.208.176.2.21", "J1.1", True),
        (FSIII, "F11", False),
        (FSIII, "F99", False),
        (FSIII, "J", False),
        (FSIII, "J1.9", False),
        (FSIII, "I1.1", False),
        (FSIII, "G1.34", False),
        (FSIII, "F1; drop", False),
        (FSIII, "tobak", False),
        ("urn:oid:1.2.208.176.2.4", "DC50", False),
        ("urn:other", "DE11", False),
    ],
)
def test_a_condition_is_one_of_the_national_ones(system, code, is_taken):
    condition = SMALLEST["Condition"] | {"code": {"coding": [{"system": system, "code": code}]}}
    assert (found(condition) == []) is is_taken


HL7_CONTEXT = "http://terminology.hl7.org/CodeSystem/usage-context-type"
DIABETES = {"system": "urn:oid:1.2.208.176.2.4", "code": "DE11"}


@pytest.mark.parametrize(
    ("also", "is_taken"),
    [
        ({"system": FSIII, "code": "J1.1", "display": "Vaske sig"}, True),
        ({"system": FSIII, "code": "J1.1", "display": " vaske  SIG"}, True),
        ({"system": FSIII, "code": "I1.1"}, True),
        ({"system": FSIII, "code": "J1.1", "display": "Spise"}, False),
        ({"system": "urn:oid:1.2.208.176.2.21", "code": "J1.1", "display": "Spise"}, False),
        ({"system": FSIII, "code": "F99"}, False),
        ({"system": FSIII}, False),
        ({"system": f"{FSIII}/", "code": "F99"}, False),
        ({"system": f"{FSIII.replace('http:', 'https:')}|1.0", "code": "J1.1"}, False),
        ({"system": FSIII.upper(), "code": "J1.1", "display": "Spise"}, False),
        ({"system": f"{FSIII}/tilstande", "code": "J1.1"}, True),
        ({"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes"}, True),
    ],
)
def test_what_fsiii_says_against_a_coding_of_it_is_not_stored_beside_one_that_is_right(also, is_taken):
    """A code by another's name is two conditions, and nobody can tell which is meant."""
    coded = {"coding": [DIABETES, also]}
    team = {"reasonCode": [coded]}
    told = [(each.coding[1], each.expression) for each in care_team_problems(team)]
    assert told == ([] if is_taken else [("GENERAL_VALIDATION_ERROR", "CareTeam.reasonCode[0]")])
    assert found(SMALLEST["Condition"] | {"code": coded}) == (
        [] if is_taken else [("GENERAL_VALIDATION_ERROR", "Condition.code")]
    )
    focus = {"code": {"system": HL7_CONTEXT, "code": "focus"}, "valueCodeableConcept": coded}
    assert found(SMALLEST["Questionnaire"] | {"useContext": [focus]}) == (
        [] if is_taken else [("USE_CONTEXT_VALIDATION_FAILED", "Questionnaire.useContext[0]")]
    )


def test_it_is_told_what_the_code_is_called():
    wrong = {"system": FSIII, "code": "J1.1", "display": "Spise"}
    [told] = problems(SMALLEST["Condition"] | {"code": {"coding": [wrong]}})
    assert (told.text, told.diagnostics) == (
        "Koden J1.1 hedder ”Vaske sig” i FSIII.",
        f"{CATALOGUE['GENERAL_VALIDATION_ERROR'][1]}: J1.1 of {FSIII} is called Vaske sig",
    )


@pytest.mark.parametrize(
    ("policy", "is_taken"),
    [
        (ehealth.POLICY_SUNDHEDSLOVEN, True),
        ("http://ehealth.sundhed.dk/policy/ehealth/reuse-by-patient", True),
        ("http://example.org/policy", False),
    ],
)
def test_a_provenance_names_a_policy_of_the_guide(policy, is_taken):
    assert (found(SMALLEST["Provenance"] | {"policy": [policy]}) == []) is is_taken


@pytest.mark.parametrize(
    ("type", "element"), [(type, name) for type, names in canonicals.TARGETS.items() for name in names]
)
@pytest.mark.parametrize("url", ["https://fhir.example/fhir/Patient/1", "urn:uuid:1", ""])
def test_a_canonical_refers_to_what_its_profile_says(type, element, url):
    given = url if element == "questionnaire" else [url]
    refusal = ("GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR", f"{type}.{element}")
    assert found(SMALLEST[type] | {element: given}) == [refusal]


@pytest.mark.parametrize("type", ["ActivityDefinition", "PlanDefinition"])
def test_a_library_is_what_rules_stand_in(type):
    assert found(SMALLEST[type] | {"library": ["https://fhir.example/fhir/Library/1|1.0"]}) == []


FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"


@pytest.mark.parametrize(
    ("system", "code", "is_taken"),
    [
        ("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", True),
        (f"{ehealth.CS}ehealth-consent-scope", "behavior", True),
        ("http://terminology.hl7.org/CodeSystem/consentscope", "y", False),
        ("http://x", "patient-privacy", False),
    ],
)
def test_a_consent_is_about_what_hl7_or_fut_says(system, code, is_taken):
    consent = SMALLEST["Consent"] | {"scope": {"coding": [{"system": system, "code": code}]}}
    assert (found(consent) == []) is is_taken


def test_what_the_guide_has_only_in_part_is_not_refused():
    loinc = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/definition-topic", "code": "treatment"}]}
    assert found(SMALLEST["PlanDefinition"] | {"topic": [loinc]}) == []


def test_codes_are_the_guides_own():
    assert is_code(ehealth.TASK_CATEGORY_CODES, "MeasurementForAssessment")
    assert not is_code(ehealth.TASK_CATEGORY_CODES, "measurementforassessment")
    assert not is_code("urn:other", "MeasurementForAssessment")

"""An extension of FUT holds what the profile says, wherever it stands; what the guide does not describe is left."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fut.profiles import extension_shapes
from kommunalpro.fut.profiles.extension_shapes import problems
from tests import resources
from tests.spec.forms import rule

TO_A_PATIENT = {"valueReference": {"reference": "https://fhir.example/fhir/Patient/1"}}
TO_A_PLAN = {"valueReference": {"reference": "https://fhir.example/fhir/CarePlan/1"}}
TO_AN_ORGANIZATION = {"valueReference": {"reference": "https://fhir.example/fhir/Organization/1"}}
TO_NOTHING = {"valueReference": {"display": "Forløbet"}}
WORDS = {"valueString": "Noget"}
A_NUMBER = {"valueInteger": 751}


def code(name, value="x"):
    return {"url": name, "valueCodeableConcept": {"coding": [{"system": "http://example.org", "code": value}]}}


def parts(*each):
    return {"extension": list(each)}


def found(resource):
    return [(each.coding[1], each.expression) for each in problems(resource)]


def said(url, value):
    return found({"resourceType": "Practitioner", "extension": [{"url": url, **value}]})


REFUSED = [
    ("an episode named in words", ehealth.TASK_EPISODE_OF_CARE, TO_NOTHING),
    ("an episode that is a number", ehealth.WORKFLOW_EPISODE_OF_CARE, {"valueQuantity": {"value": 1}}),
    ("an episode that is a citizen", ehealth.WORKFLOW_EPISODE_OF_CARE, TO_A_PATIENT),
    ("an episode that is contained", ehealth.WORKFLOW_EPISODE_OF_CARE, {"valueReference": {"reference": "#e"}}),
    ("a treating organisation in words", ehealth.CAREMANAGER_ORGANIZATION, WORDS),
    ("a treating organisation that is a citizen", ehealth.CAREMANAGER_ORGANIZATION, TO_A_PATIENT),
    ("an organisation that is to do a task", ehealth.TASK_RESPONSIBLE, TO_AN_ORGANIZATION),
    ("somebody in words who is to do a task", ehealth.TASK_RESPONSIBLE, WORDS),
    ("a task's plan that is a citizen", ehealth.REFERENCE_CAREPLAN, TO_A_PATIENT),
    ("an assessment's plan that is a citizen", ehealth.CLINICALIMPRESSION_CAREPLAN, TO_A_PATIENT),
    ("a view that is a citizen", ehealth.VIEW_INVESTIGATION_ITEM, TO_A_PATIENT),
    ("a consent to a citizen", ehealth.CONSENT_AFFILIATION, TO_A_PATIENT),
    ("an extra answer allowed in words", ehealth.INCLUDE_AS_EXTRA, {"valueString": "true"}),
    ("a municipality's number", ehealth.ORGANIZATION_MUNICIPALITY_CODE, A_NUMBER),
    ("an organisation related to none", ehealth.ORGANIZATION_RELATED_TO, parts(code("relationType"))),
    ("a title that is a number", ehealth.EMPLOYEE_TITLE, A_NUMBER),
    ("a status in words", ehealth.STATUS, {"valueString": "draft"}),
    ("content outside the View", ehealth.CONTENT, {"valueReference": {"reference": "https://x.dk/fhir/Binary/1"}}),
    ("a predecessor in words", ehealth.PREDECESSOR, WORDS),
    ("a base in words", ehealth.BASE, WORDS),
    ("an empty extension", ehealth.BASE, {}),
    ("a role without organisation", ehealth.MODIFIER_ROLE, parts(code("role"))),
    ("an organisation without role", ehealth.MODIFIER_ROLE, parts({"url": "reference", **TO_AN_ORGANIZATION})),
    (
        "a time that is of no type",
        ehealth.RESOLVED_TIMING,
        parts({"url": "serviceRequestVersionId", "valueId": "1"}),
    ),
    (
        "a reuse that is not said to be allowed",
        ehealth.REUSE_CRITERIA,
        parts({"url": "dataActuality", "valueDuration": {"value": 1}}),
    ),
    (
        "a reuse without an age of data",
        ehealth.REUSE_CRITERIA,
        parts({"url": "allowed", "valueBoolean": True}),
    ),
    ("a participant that is a citizen", ehealth.PARTICIPANT, parts({"url": "actor", **TO_A_PATIENT})),
    (
        "a team's hour in words",
        f"{ehealth.SD}ehealth-teamschedule",
        parts({"url": "scheduledTime", "valueString": "i morgen"}),
    ),
    (
        "a View for a plan",
        ehealth.VIEW_FOR,
        parts({"url": "forType", "valueCoding": {}}, {"url": "forReference", **TO_A_PLAN}),
    ),
    ("a View for nothing", ehealth.VIEW_FOR, parts({"url": "forType", "valueCoding": {}})),
    (
        "two codes of one part",
        ehealth.REFERENCE_RANGE,
        parts(
            {"url": "low", "valueQuantity": {"value": 1}},
            {"url": "low", "valueQuantity": {"value": 2}},
        ),
    ),
]


@pytest.mark.parametrize(("url", "value"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_does_not_hold_what_the_profile_says_is_refused(url, value):
    assert {code for code, _ in said(url, value)} == {"GENERAL_VALIDATION_ERROR"}


@pytest.mark.parametrize(
    ("url", "value"),
    [
        (ehealth.WORKFLOW_EPISODE_OF_CARE, {"valueReference": {"reference": "https://x.dk/fhir/EpisodeOfCare/1"}}),
        (ehealth.TASK_RESPONSIBLE, TO_A_PATIENT),
        (ehealth.CONSENT_AFFILIATION, TO_A_PLAN),
        (ehealth.CLINICALIMPRESSION_DECISION_CONTEXT, {"valueReference": {"reference": "#facts"}}),
        (ehealth.MODIFIER_ROLE, parts({"url": "reference", **TO_AN_ORGANIZATION}, code("role"))),
        (ehealth.DATE_TIME_OF_REUSED_ENTITY, {"valueDateTime": "2026-11-23"}),
        ("http://example.org/of-others", A_NUMBER),
    ],
)
def test_what_holds_it_is_taken(url, value):
    assert said(url, value) == []


def test_every_problem_is_told_at_its_place():
    basis = {
        "url": ehealth.FINDING_BASIS,
        "extension": [
            code("finding"),
            {"url": ehealth.ANSWER_SIGNIFICANCE, "extension": [{"url": "significance", "valueString": "red"}]},
        ],
    }
    impression = resources.clinical_impression("nancy", "nancys") | {
        "extension": [{"url": ehealth.WORKFLOW_EPISODE_OF_CARE, **TO_NOTHING}, basis]
    }
    assert [expression for _, expression in found(impression)] == [
        "ClinicalImpression.extension[0]",
        "ClinicalImpression.extension[1]",
        "ClinicalImpression.extension[1].extension[1]",
        "ClinicalImpression.extension[1].extension[1].extension[0]",
    ]


def test_an_action_under_an_action_is_looked_at():
    plan = copy.deepcopy(resources.plan_definition("ActivityDefinition/1"))
    wrong = {"url": ehealth.INCLUDE_AS_EXTRA, "valueString": "true"}
    plan["action"] = [{"title": "Først", "action": [{"extension": [wrong]}]}]
    assert found(plan) == [("GENERAL_VALIDATION_ERROR", "PlanDefinition.action[0].action[0].extension[0]")]


@pytest.mark.parametrize(
    ("type", "written"),
    [
        ("integer", "red >= 7"),
        ("decimal", "red > 38.5"),
        ("quantity", "red < 50 kg"),
        ("date", "yellow > 2026-01-01"),
        ("time", "yellow >= 02:00:00"),
        ("boolean", "red = yes"),
    ],
)
def test_a_light_tells_its_rule_whatever_the_rule_compares(type, written):
    """A rule that the engine knows and the profile would not take would leave an answer without its light."""
    finding = {"coding": [{"system": ehealth.CLINICALIMPRESSION_FINDING_CODES, "code": "red-question-answer"}]}
    told = [{"url": "linkId", "valueString": "a"}, {"url": "finding", "valueCodeableConcept": finding}]
    basis = {"url": ehealth.FINDING_BASIS, "extension": [*told, rule(type, written)]}
    assert found({"resourceType": "ClinicalImpression", "extension": [basis]}) == []


def extensions(url, shape):
    """Extensions of a shape, right and wrong: values of its types and of others, parts that lack or repeat."""
    values = [{}, WORDS, A_NUMBER, TO_NOTHING, TO_A_PATIENT, TO_A_PLAN, TO_AN_ORGANIZATION]
    values += [{name: {"reference": "#facts"}} for name in sorted(shape.values)]
    parts = [extensions(name, shape.parts[name]) for name in sorted(shape.parts)]
    inner = st.lists(st.one_of(parts), max_size=4) if parts else st.just([])
    return st.builds(lambda value, each: {"url": url, **value, "extension": each}, st.sampled_from(values), inner)


SHAPES = extension_shapes._shapes()


@given(st.sampled_from(sorted(SHAPES)).flatmap(lambda url: extensions(url, SHAPES[url])))
def test_whether_something_is_wrong_and_what_it_is_are_the_same_question(extension):
    """It is asked in two ways, for to say where takes three times as long; of what lasts, only once."""
    shape = SHAPES[extension["url"]]
    faults = list(extension_shapes._shape_problems(extension, shape, "Practitioner.extension[0]"))
    lasting = Lasting(extension)
    asked = [extension_shapes._fits(each, shape) for each in (extension, lasting, lasting)]
    assert asked == [not faults] * 3

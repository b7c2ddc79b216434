"""What in a resource is an address, and what only looks like one."""

import pytest

from kommunalpro.fhir.structure.uris import READ, all_of, references, with_uris

OLD, NEW = "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002", "https://fhir.example/fhir/Goal/7"


def changed(resource):
    return with_uris(resource, lambda url: NEW if url == OLD else url)


@pytest.mark.parametrize(
    "element",
    [
        {"subject": {"reference": OLD}},
        {"addresses": [{"reference": OLD}, {"display": OLD}]},
        {"extension": [{"url": OLD, "valueUri": OLD}]},
        {"extension": [{"url": "x", "extension": [{"url": "y", "valueCanonical": OLD}]}]},
        {"_startDate": {"extension": [{"url": "x", "valueReference": {"reference": OLD}}]}},
        {"identifier": [{"system": OLD}]},
        {"contained": [{"resourceType": "Observation", "subject": {"reference": OLD}}]},
        {"text": {"div": f'<div><a href="{OLD}">mål</a><img src="{OLD}"/></div>'}},
    ],
    ids=lambda element: next(iter(element)),
)
def test_an_address_is_one_wherever_it_stands(element):
    goal = {"resourceType": "Goal", **element}
    expected = str(goal).replace(f"'display': '{OLD}'", "kept").replace(OLD, NEW)
    assert str(changed(goal)).replace(f"'display': '{OLD}'", "kept") == expected


@pytest.mark.parametrize(
    "element",
    [
        {"identifier": [{"value": OLD}]},
        {"note": [{"text": OLD}]},
        {"description": {"text": OLD, "coding": [{"code": OLD, "display": OLD}]}},
        {"extension": [{"url": "x", "valueString": OLD}]},
        {"text": {"div": f"<div>{OLD}</div>"}},
        {"unknown": {"reference": OLD}},
    ],
    ids=lambda element: next(iter(element)),
)
def test_a_text_or_an_identifier_is_none(element):
    goal = {"resourceType": "Goal", **element}
    assert changed(goal) == goal


@pytest.mark.parametrize(
    "resource",
    [{}, {"resourceType": 5}, {"resourceType": "Nothing", "x": OLD}, {"resourceType": "Goal", "subject": [OLD]}],
)
def test_what_is_not_r4_is_left_as_it_is(resource):
    assert changed(resource) == resource


def test_references_are_told_with_their_places_and_an_expression_is_none():
    plan = {
        "resourceType": "PlanDefinition",
        "contained": [{"resourceType": "Observation", "subject": {"reference": NEW}}],
        "subjectReference": {"reference": OLD},
        "action": [{"condition": [{"kind": "start", "expression": {"language": "text/cql", "reference": OLD}}]}],
        "extension": [{"url": OLD, "valueReference": {"reference": "#a"}}, {"url": "x", "valueUri": OLD}],
    }
    assert list(references(plan)) == [
        ("PlanDefinition.contained[0].subject.reference", NEW),
        ("PlanDefinition.subjectReference.reference", OLD),
        ("PlanDefinition.extension[0].valueReference.reference", "#a"),
    ]


def test_a_text_is_told_with_its_place_and_what_programs_read_is_none():
    item = {
        "linkId": "1.a",
        "type": "choice",
        "text": "Hvordan går det?",
        "_text": {"extension": [{"url": "content", "valueString": "How are you?"}]},
        "code": [{"system": "http://loinc.org", "version": "2.77", "code": "x", "display": "Trivsel"}],
        "enableWhen": [{"question": "1.b", "operator": "=", "answerString": "Ja"}],
    }
    form = {
        "resourceType": "Questionnaire",
        "identifier": [{"value": "7"}],
        "version": "1.0",
        "contact": [{"name": "Hjælp", "telecom": [{"value": "70 10 20 30"}]}],
        "contained": [{"resourceType": "Location", "alias": ["Huset"], "_alias": [None]}],
        "extension": [{"url": "x", "valueExpression": {"description": "Sum", "expression": "1 + 1"}}],
        "item": [item],
    }
    assert [(path, text) for path, _, text in all_of(form, READ)] == [
        ("Questionnaire.contact[0].name", "Hjælp"),
        ("Questionnaire.contained[0].alias[0]", "Huset"),
        ("Questionnaire.extension[0].valueExpression.description", "Sum"),
        ("Questionnaire.item[0].text", "Hvordan går det?"),
        ("Questionnaire.item[0].text.extension[0].valueString", "How are you?"),
        ("Questionnaire.item[0].code[0].display", "Trivsel"),
        ("Questionnaire.item[0].enableWhen[0].answerString", "Ja"),
    ]

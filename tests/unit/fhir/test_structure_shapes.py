"""What is known of a shape from before makes the check faster, and changes no verdict."""

import pytest

from kommunalpro.fhir.structure import compiler, gone_through, validate
from kommunalpro.fhir.structure.primitives import MAX_STRING
from kommunalpro.fhir.structure.walk import render
from tests.unit.fhir.instances import build, owner_with, places

ODD = [
    *(
        "a",
        "é",
        " a",
        "a ",
        "a b",
        "a  b",
        "a\nb",
        "!",
        "~",
        "\N{NO-BREAK SPACE}",
        "a\N{NO-BREAK SPACE}b",
        "\U0001f600",
    ),
    *("", " ", "  ", "\n", "\x00", "a\x00", "\x7f", "\ud800", "x" * MAX_STRING, "x" * (MAX_STRING + 1)),
    *(17, True, None, [], ["a"], {}, {"a": 1}),
]


@pytest.fixture
def nothing_is_known(monkeypatch):
    """Let every shape be met as if for the first time."""

    def forget():
        monkeypatch.setattr(compiler, "_COMPILER", compiler.Compiler())

    monkeypatch.setattr(compiler, "MOST_KEPT", 0)
    return forget


@pytest.mark.parametrize("element", ["unit", "code", "system"])
def test_an_odd_value_is_judged_as_at_the_first_time(nothing_is_known, monkeypatch, element):
    def observed(value):
        quantity = {"value": 1, "unit": "kg", "code": "kg", "system": "http://unitsofmeasure.org", element: value}
        code = {"text": "Vægt"}
        return {"resourceType": "Observation", "status": "final", "code": code, "valueQuantity": quantity}

    nothing_is_known()
    first = [validate(observed(odd)) for odd in ODD]
    monkeypatch.undo()
    assert validate(observed("kg")) == ()
    assert [validate(observed(odd)) for odd in ODD] == first


@pytest.mark.parametrize("resource_type", ["Observation", "PlanDefinition", "QuestionnaireResponse"])
def test_every_element_gone_wrong_is_told_as_at_the_first_time(nothing_is_known, monkeypatch, resource_type):
    wrong = [
        build(place, {**owner_with(place), place.name: value})
        for place in places(resource_type, set())
        for value in (" ", -1, [None], {"ukendt": 1})
    ]
    nothing_is_known()
    first = [validate(each) for each in wrong]
    monkeypatch.undo()
    for place in places(resource_type, set()):
        validate(build(place, owner_with(place)))
    assert [validate(each) for each in wrong] == first


def test_a_coding_that_lacks_something_is_come_by_each_time():
    def coded(*codings):
        return {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"coding": list(codings)}}

    whole, bare = {"system": "http://example.org/cs/maal", "code": "gang"}, {"code": "gang"}
    sent = {**coded(whole, bare, bare, {"display": "Gang"}), "subject": {"reference": "Patient/1"}}
    come_by = [f"Goal.description.coding[{number}]" for number in (1, 2, 3)]
    assert [[render(path) for path in gone_through(sent).uncoded] for _ in range(2)] == [come_by, come_by]
    assert validate(sent) == ()

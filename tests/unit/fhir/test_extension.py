"""Extensions and Parameters: values by name."""

from kommunalpro.fhir.extension import complex_extension, extension, extension_value, extensions
from kommunalpro.fhir.parameters import parameters, parts, value, values
from kommunalpro.fhir.structure import validate
from tests.unit.fhir.instances import minimal

SKOV, ENG = "https://example.dk/skov", "https://example.dk/eng"
ELEMENT = {"extension": [{"url": SKOV, "valueCode": "eg"}, {"url": SKOV, "valueCode": "ask"}, complex_extension(ENG)]}


def test_extensions_are_found_by_url():
    assert [each["valueCode"] for each in extensions(ELEMENT, SKOV)] == ["eg", "ask"]
    assert extension(ELEMENT, SKOV) == {"url": SKOV, "valueCode": "eg"}
    assert extension_value(ELEMENT, SKOV) == "eg"


def test_an_extension_that_is_not_there_is_none():
    assert extension({}, SKOV) is None
    assert extension_value({}, SKOV) is None
    assert extension_value(ELEMENT, ENG) is None


def test_an_extension_of_extensions_is_r4():
    made = complex_extension(ENG, {"url": "start", "valueDate": "2026-11-23"})
    assert validate(minimal("Basic") | {"extension": [made]}) == ()


def test_parameters_are_found_by_name_as_values_or_resources():
    patient = {"resourceType": "Patient", "id": "1"}
    made = parameters(
        {"name": "a", "valueCode": "eg"}, {"name": "b", "resource": patient}, {"name": "a", "valueInteger": 2}
    )
    assert validate(made) == ()
    assert list(values(made, "a")) == ["eg", 2]
    assert value(made, "b") == patient
    assert value(made, "c") is None


def test_the_parts_of_a_parameter_are_found_by_name():
    patient = {"resourceType": "Patient"}
    found = parts(
        {"name": "p", "part": [{"name": "a", "valueBoolean": False}, {"name": "b", "resource": patient}, {"name": "c"}]}
    )
    assert found == {"a": False, "b": patient, "c": None}
    assert parts({"name": "p"}) == {}

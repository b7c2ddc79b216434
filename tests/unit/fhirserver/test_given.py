"""What an operation was given is what it declares: everything else is refused before it is run, all at once."""

import pytest

from kommunalpro.fhir.outcome import BadRequest, NotImplementedHere
from kommunalpro.fhir.parameters import parameters, value
from kommunalpro.fhirserver.given import take
from kommunalpro.fhirserver.protocols import OperationDefinition, Parameter

TAKEN = (
    Parameter("patient"),
    Parameter("how", "Coding"),
    Parameter("extra", "boolean"),
    Parameter("count", "integer"),
    Parameter("at", "dateTime"),
    Parameter("tag", most=None),
    Parameter("device", is_done=False),
)


def operation(taken=TAKEN, body=None):
    return OperationDefinition("$look", "system", lambda *_: {}, parameters=taken, body=body)


def given(*entries, by_query=False, **declared):
    return take(operation(**declared), parameters(*entries), by_query=by_query)


def asked(name, text):
    return given({"name": name, "valueString": text}, by_query=True)


def refusal(*entries, by_query=False, error=BadRequest, **declared):
    with pytest.raises(error) as refused:
        given(*entries, by_query=by_query, **declared)
    return refused.value


def test_what_is_declared_is_given_on():
    entries = [{"name": "patient", "valueString": "x"}, {"name": "tag", "valueCode": "a"}]
    assert given(*entries, {"name": "tag", "valueCode": "b"})["parameter"] == [
        *entries,
        {"name": "tag", "valueCode": "b"},
    ]
    assert "parameter" not in take(operation(), {"resourceType": "Parameters"}, by_query=False)


def test_all_that_is_wrong_is_told_at_once():
    refused = refusal(
        {"name": "patinet", "valueString": "x"},
        {"name": "team", "valueString": "x"},
        {"name": "patient", "valueString": "x"},
        {"name": "patient", "valueString": "y"},
        {"name": "extra", "valueString": "false"},
    )
    assert [each.diagnostics for each in refused.issues] == [
        "$look does not take 'patinet'; it takes: patient, how, extra, count, at, tag",
        "$look does not take 'team'; it takes: patient, how, extra, count, at, tag",
        "Parameter patient is given 2 times, at most 1",
        "Parameter extra must be of type boolean",
    ]
    assert refused.status == 400
    assert [each.code for each in refused.issues] == ["not-supported", "not-supported", None, None]


def test_a_name_that_is_not_known_is_not_told_on_with_a_cpr_number_in_it():
    refused = refusal({"name": "2512489996", "valueString": "x"})
    assert "2512489996" not in str(refused.to_fhir())


def test_ten_thousand_mistakes_are_not_told_one_by_one():
    refused = refusal(*({"name": f"x{number}", "valueString": "x"} for number in range(10_000)))
    assert len(refused.issues) == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "how", "valueCode": "copy"},
        {"name": "how", "valueReference": {"reference": "x"}},
        {"name": "extra", "valueInteger": 1},
        {"name": "extra"},
        {"name": "count", "valueBoolean": True},
        {"name": "count", "valueDecimal": 1.5},
        {"name": "at", "valuePeriod": {}},
    ],
    ids=str,
)
def test_a_parameter_is_of_the_type_that_is_asked_for(wrong):
    [issue] = refusal(wrong).issues
    kind = next(each.type for each in TAKEN if each.name == wrong["name"])
    assert issue.diagnostics == f"Parameter {wrong['name']} must be of type {kind}"
    assert issue.expression == "Parameters.parameter[0]"


def test_what_is_known_and_not_done_is_refused_by_its_name():
    assert "device" in str(refusal({"name": "device", "valueString": "x"}, error=NotImplementedHere))


def test_what_is_unknown_is_told_before_what_is_not_done():
    refusal({"name": "device", "valueString": "x"}, {"name": "x", "valueString": "x"}, error=BadRequest)


def test_an_operation_that_refuses_everything_is_not_asked_what_it_takes():
    entry = {"name": "anything", "valueString": "x"}
    assert given(entry, taken=None)["parameter"] == [entry]


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("extra", "true", True),
        ("extra", "false", False),
        ("count", "20", 20),
        ("patient", "20", "20"),
        ("at", "2026", "2026"),
    ],
)
def test_what_a_query_says_is_read_as_what_is_asked_for(name, text, read):
    found = value(asked(name, text), name)
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("name", "text"), [("extra", "yes"), ("count", "many"), ("count", "-1"), ("count", "٣"), ("how", "x")]
)
def test_what_a_query_says_and_is_not_what_is_asked_for_is_refused(name, text):
    with pytest.raises(BadRequest, match=f"{name} must be of type"):
        asked(name, text)


def test_text_is_a_boolean_in_a_query_only():
    refusal({"name": "extra", "valueString": "true"})


def test_one_resource_may_be_sent_bare_where_the_operation_says_which_parameter_it_is():
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    took = take(operation((Parameter("bundle"),), "bundle"), bundle, by_query=False)
    assert took == parameters({"name": "bundle", "resource": bundle})
    with pytest.raises(BadRequest) as refused:
        take(operation((Parameter("bundle", "Bundle"),), "bundle"), {"resourceType": "Patient"}, by_query=False)
    assert [each.expression for each in refused.value.issues] == ["Patient"]
    with pytest.raises(BadRequest, match=r"takes Parameters, not Bundle"):
        take(operation(), bundle, by_query=False)

"""JSON: numbers come out as they came in."""

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhir.json import dumps, loads, loads_less

DECIMALS = st.from_regex(r"-?(0|[1-9][0-9]{0,19})\.[0-9]{1,40}", fullmatch=True)
WITH_EXPONENT = st.from_regex(r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,20})?[eE][+-]?[0-9]{1,3}", fullmatch=True)


@given(DECIMALS | WITH_EXPONENT)
def test_a_decimal_comes_out_byte_for_byte(number):
    text = f'{{"value":{number}}}'.encode()
    assert dumps(loads(text)) == text
    assert dumps(copy.deepcopy(loads(text))) == text
    assert dumps(pickle.loads(pickle.dumps(loads(text)))) == text  # noqa: S301 - our own.
    assert loads(text)["value"] == Decimal(number)


@given(st.integers(-(10**40), 10**40))
def test_a_whole_number_comes_out_whole(number):
    assert loads(dumps(number)) == number
    assert type(loads(dumps(number))) is int


@pytest.mark.parametrize(
    "text",
    ["-0", "[-0]", "[-0,-0]", '{"a":-0}', "-0.0", '[-0e0,1e-0,1E-0,-0,"2026-01-01","x-0",",-0,","\\",-0]"]', '"-0"'],
)
def test_zero_keeps_its_sign_and_a_text_its_words(text):
    assert dumps(loads(text)).decode() == text
    assert dumps(loads(text.encode())).decode() == text


def test_only_as_a_decimal_can_zero_have_a_sign():
    assert loads("-0") == 0
    assert isinstance(loads(" -0 "), Decimal)
    assert [type(each) for each in loads("[0, -1, -10]")] == [int] * 3


def test_a_number_written_otherwise_still_counts():
    small = loads("1e-7")
    assert small + 1 == Decimal("1.0000001")
    assert copy.copy(small) is small
    assert dumps(small * 1) == b"1E-7"


def test_decimals_made_here_are_numbers():
    assert dumps({"value": Decimal("1.50")}) == b'{"value":1.50}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "-",
        "-00",
        "--0",
        "[-0",
        "1-0",
        '{"a":1}}',
        "NaN",
        "{'a':1}",
        "[1,]",
        b"\xff",
        '"\\ud800"',
        "1e99999999999999999999",
    ],
)
def test_what_is_not_json_is_a_value_error(text):
    with pytest.raises(ValueError, match="Not valid JSON"):
        loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a":1.50,"item":[{"b":-0}],"c":-0,"d":1e2}',
        '{"item":"\\"a\\":1","a":"\\u0041","b":{"item":2}}',
        '{"a":1,"item":[],"a":{"x":null}}',
        ' { "\\u0061" : [ 1 , 2.0 ] , "item" : { } } ',
    ],
)
def test_to_pass_one_name_over_changes_nothing_of_the_others(text):
    expected = {name: value for name, value in loads(text).items() if name != "item"}
    assert dumps(loads_less(text, "item")) == dumps(expected)


def test_nesting_without_end_is_a_value_error():
    with pytest.raises(ValueError, match="Nested more than 100 levels deep"):
        loads("[" * 100_000)


@pytest.mark.parametrize("value", [object(), {"a": {1j}}])
def test_what_json_cannot_hold_is_a_type_error(value):
    with pytest.raises(TypeError):
        dumps(value)

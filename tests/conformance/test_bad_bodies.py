"""What no client should send: each is refused with its reason, and the server goes on."""

import pytest

from kommunalpro.fhir.json import dumps
from tests.resources import organization

SOUND = dumps(organization("NAME"))
NESTED = b'{"resourceType":"Questionnaire","status":"draft","item":[%s%s]}'
GROUP = b'{"linkId":"a","type":"group","item":['
DISPLAYS = b",".join(b'{"linkId":"%d","type":"display","text":"x"}' % number for number in range(10_000))


def named(value):
    """Give an Organization whose name is written so."""
    return SOUND.replace(b'"NAME"', value)


BAD = {
    "items nested in 10,000 others": (NESTED % (GROUP * 10_000, b"]}" * 10_000), 400),
    "10,000 items and no version": (NESTED % (DISPLAYS, b""), 422),
    "50 MB": (SOUND + b" " * 50_000_000, 413),
    "bytes that are not UTF-8": (named(b'"\xff\xfe"'), 400),
    "UTF-16": (SOUND.decode().encode("utf-16"), 400),
    "two elements of one name": (SOUND[:-1] + b',"name":"twice"}', 400),
    "two elements of one name, escaped": (SOUND[:-1] + b',"n\\u0061me":"twice"}', 400),
    "two elements of one name, deep down": (named(b'{"a" :[{"b":"\\":","b" : 2}]}'), 400),
    "NaN": (named(b"NaN"), 400),
    "Infinity": (named(b"-Infinity"), 400),
    "a number where a text belongs": (named(b"1e999999999"), 422),
    "a number that no machine has": (named(b"1e9999999999999999999999"), 400),
    "an integer of a million digits": (named(b"9" * 1_000_000), 400),
    "half a surrogate, escaped": (named(b'"\\ud800"'), 400),
    "half a surrogate, encoded": (named(b'"\xed\xa0\x80"'), 400),
    "NUL, escaped": (named(b'"a\\u0000b"'), 400),
    "NUL": (named(b'"a\x00b"'), 400),
    "NUL in a name": (SOUND[:-1] + b',"a\\u0000":1}', 400),
    "a million brackets": (b"[" * 1_000_000, 400),
    "objects in objects": (b'{"a":' * 100_000, 400),
    "100,000 elements that nobody knows": (
        b'{"resourceType":"Organization",%s}' % b",".join(b'"k%d":1' % number for number in range(100_000)),
        422,
    ),
    "nothing": (b"", 400),
    "null": (b"null", 400),
}


@pytest.mark.parametrize("kind", BAD)
def test_it_is_refused_with_its_reason_and_the_server_goes_on(system, kind):
    body, status = BAD[kind]
    path = "/Questionnaire" if b'"Questionnaire"' in body else "/Organization"
    answer = system("POST", path, body, Content_Type="application/fhir+json")
    assert answer.status == status
    assert answer.issue["details"]["text"]
    assert len(answer.body) < 200_000
    assert system("GET", "/Organization/nobody").status == 404


@pytest.mark.parametrize("half", [rb"\ud800", rb"\ud800 ", rb"a\uDC00", rb"\ud800\ud800", rb"\\\udbff\\"])
def test_half_a_surrogate_is_called_so(system, half):
    answer = system("POST", "/Organization", named(b'"' + half + b'"'), Content_Type="application/fhir+json")
    assert answer.issue["diagnostics"] == "A text holds one half of a surrogate pair, which is no character"


def test_a_pair_and_what_only_looks_like_half_of_one_are_stored(system):
    stored = system("POST", "/Organization", named(rb'"\ud83c\udf4f \\ud800"'), Content_Type="application/fhir+json")
    assert stored.json["name"] == "\U0001f34f \\ud800"
    cut = system("POST", "/Organization", named(rb'"\ud83c\udf4f \\ud800'), Content_Type="application/fhir+json")
    assert cut.issue["diagnostics"].startswith("Not valid JSON")


def test_what_only_looks_like_two_elements_of_one_name_is_stored(system):
    stored = system("POST", "/Organization", named(rb'"a \":b\": c :"'), Content_Type="application/fhir+json")
    assert stored.status == 201
    assert stored.json["name"] == 'a ":b": c :'

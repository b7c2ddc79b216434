"""The primitive types: ours agree with R4's own expressions, and refuse what those let by."""

import re
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.structure.primitives import MAX_STRING, PRIMITIVES
from kommunalpro.fhir.structure.tables import primitive_regexes

TEXTS = sorted(
    name for name, each in PRIMITIVES.items() if each.json_types == (str,) and name not in {"xhtml", "internalId"}
)
# Python's \s knows Unicode's spaces, JSON Schema's does not; R4's \S* lets the empty text by.
REGEXES = {name: re.compile(regex, re.ASCII) for name, regex in primitive_regexes().items()}

# Made once: a strategy that is made anew for each example costs more than what it draws.
OF_R4 = {name: st.from_regex(regex, fullmatch=True) for name, regex in REGEXES.items()}
NEAR = {name: st.one_of(OF_R4[name], st.text(max_size=12), st.from_regex(REGEXES["dateTime"])) for name in TEXTS}


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_we_accept_is_what_r4_accepts(name, data):
    text = data.draw(NEAR[name])
    if PRIMITIVES[name].test(text):
        assert REGEXES[name].fullmatch(text)


@pytest.mark.parametrize(
    "name", sorted(set(TEXTS) - {"base64Binary", "uri", "url", "canonical", "string", "markdown", "code"})
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_r4_accepts_we_accept_if_the_day_exists(name, data):
    text = data.draw(OF_R4[name])
    if name in {"date", "dateTime", "instant"} and len(text) >= 10:
        assume(_exists(text[:10]))
    assert PRIMITIVES[name].test(text)


def _exists(text):
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


ACCEPTED = [
    ("string", "Æblegård\r\n\tog eng"),
    ("string", "hårdt\u00a0mellemrum"),
    ("string", "s" * MAX_STRING),
    ("code", "a b"),
    ("date", "2028-02-29"),
    ("dateTime", "2026"),
    ("dateTime", "2026-06-30T23:59:60Z"),
    ("instant", "2026-11-23T10:00:00.123456789+14:00"),
    ("base64Binary", "U2tv\nZw=="),
    ("base64Binary", "\nU2tvZw==\n"),
    ("uri", "urn:oid:1.2.208"),
    ("integer", -(2**31)),
    ("unsignedInt", 0),
    ("positiveInt", 2**31 - 1),
    ("boolean", False),
]
REFUSED = [
    ("string", ""),
    ("string", " \n\t"),
    ("string", "s" * (MAX_STRING + 1)),
    ("string", "nul\x00"),
    ("string", "klokke\x07"),
    ("markdown", "\x0c"),
    ("code", " a"),
    ("code", "a  b"),
    ("code", "a\tb"),
    ("code", "nul\x00"),
    ("code", "a\x1cb"),
    ("id", "a" * 65),
    ("id", "skov_1"),
    ("id", ""),
    ("internalId", "a b"),
    ("uri", ""),
    ("uri", "https://example.dk/en skov"),
    ("url", "\x01"),
    ("oid", "urn:oid:1.02"),
    ("oid", "1.2.3"),
    ("uuid", "urn:uuid:0199F2C4-7A31-7C55-B6D1-0242AC120002"),
    ("date", "2026-02-29"),
    ("date", "1900-02-29"),
    ("date", "2026-11-31"),
    ("date", "0000"),
    ("date", "2026-1-1"),
    ("date", "2026-11-23T10:00:00Z"),
    ("date", "२०२६"),
    ("dateTime", "2026-02-30T10:00:00Z"),
    ("dateTime", "2026-11-23T10:00:00"),
    ("dateTime", "2026-11-23T24:00:00Z"),
    ("dateTime", "2026-11-23T10:00Z"),
    ("dateTime", "2026-11-23T10:00:00+14:30"),
    ("instant", "2026-11-23"),
    ("time", "24:00:00"),
    ("time", "10:00"),
    ("time", "10:00:00Z"),
    ("base64Binary", ""),
    ("base64Binary", " "),
    ("base64Binary", "abc"),
    ("base64Binary", "===="),
    ("base64Binary", "sk*v"),
    ("base64Binary", "U2 tvZw=="),
    ("base64Binary", "sævn"),
    ("base64Binary", 3),
    ("integer", 2**31),
    ("integer", True),
    ("unsignedInt", -1),
    ("positiveInt", 0),
    ("boolean", "true"),
    ("boolean", 1),
    ("boolean", None),
    ("date", None),
    ("decimal", None),
]


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_accepted(name, value):
    assert PRIMITIVES[name].test(value)


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_refused(name, value):
    assert not PRIMITIVES[name].test(value)


def test_every_primitive_type_of_r4_is_known():
    assert set(primitive_regexes()) <= set(PRIMITIVES)

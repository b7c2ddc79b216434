"""What is wrong with a body that is no JSON, or says two things at once, is told by its place, never by its value."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.http.body import parse

CPR = "2512489996"


def refusal(raw):
    with pytest.raises(BadRequest) as refused:
        parse(raw)
    assert {issue.code for issue in refused.value.issues} == {"structure"}
    return refused.value.issues


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"resourceType":"Patient","active":true,"active":false}', "Patient.active"),
        (b'{"name":[{"family":"A"},{"family":"B","x" : {"family":1},"family":"C"}]}', "name[1].family"),
        (b'{"a":{"b":[[1,2],[{"c":1,"c":2}]]},"resourceType":"Basic"}', "Basic.a.b[1][0].c"),
        (b'[{"op":"add"},{"op":"add","op":"remove"}]', "[1].op"),
        (b'{"resourceType":"Basic","n\\u0061me":"\\",{","_name":1,"name":2}', "Basic.name"),
        (b'{"resourceType":"Basic","resourceType":"Patient"}', "Patient.resourceType"),
        (b'{"valueBase64Binary":"","valueBase64Binary":""}', "valueBase64Binary"),
    ],
)
def test_what_stands_twice_is_named_with_its_place(raw, path):
    [issue] = refusal(raw)
    assert issue.expression == path
    assert issue.diagnostics == f"Two elements of one object have the same name: {path}"
    assert issue.text == f"Feltet ”{path.rpartition('.')[2]}” må kun stå én gang samme sted."


def test_all_that_stands_twice_is_told_at_once():
    raw = b'{"resourceType":"Bundle","entry":[{"a":1,"a":2,"a":3},{"b":{"c":1,"c":1}}],"entry":[]}'
    assert [issue.expression for issue in refusal(raw)] == [
        "Bundle.entry[0].a",
        "Bundle.entry[0].a",
        "Bundle.entry[1].b.c",
        "Bundle.entry",
    ]
    assert len(refusal(b"{%s}" % b",".join([b'"a":1'] * 1000))) == 50


@pytest.mark.parametrize("name", [CPR, f"a {CPR}", f"a{CPR}", "Nancy Berggren", "a" * 65])
def test_a_name_that_no_element_has_is_not_repeated_nor_what_it_holds(name):
    raw = f'{{"resourceType":"Basic","{name}":"{CPR}","{name}":{{"a":"{CPR}","a":1}}}}'.encode()
    below, itself = sorted(refusal(raw), key=lambda issue: "….a" not in issue.diagnostics)
    assert below.diagnostics.endswith("Basic.….a")
    assert itself.diagnostics.endswith("Basic.…")
    for issue in (below, itself):
        assert name not in str(issue)
        assert CPR not in str(issue)
        assert issue.expression is None


def test_a_place_that_is_far_down_is_told_by_its_end():
    deep = b'{"%s":' % (b"a" * 60) * 90
    [issue] = refusal(deep + b'{"b":1,"b":2}' + b"}" * 90)
    assert issue.diagnostics.endswith("a.b")
    assert len(issue.diagnostics) < 400
    assert issue.expression is None


names = st.sampled_from(["a", "b", "c:", '"', "\\", "é"])
values = st.recursive(
    st.sampled_from(["1", "null", '"{\\"a\\":1}"', '"[,"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda many: f"[ {' , '.join(many)}]"),
        st.lists(st.tuples(names, inner), max_size=4).map(
            lambda pairs: f"{{{','.join(f'{json.dumps(name)} :{value}' for name, value in pairs)}}}"
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, database=None)
@given(values)
def test_it_is_refused_as_often_as_another_reader_finds_a_name_again(text):
    again = []

    def read(pairs):
        told = [name for name, _ in pairs]
        again.extend(name for number, name in enumerate(told) if name in told[:number])
        return dict(pairs)

    json.loads(text, object_pairs_hook=read)
    if again:
        assert len(refusal(text.encode())) == min(len(again), 50)
    else:
        parse(text.encode())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"resourceType":"Basic","name":"abc\xff\xfe"}', "Not UTF-8: byte 0xff at offset 35, counted from 0"),
        ('{"name":"Åse'.encode() + b'\xe5"}', "Not UTF-8: byte 0xe5 at offset 13, counted from 0"),
        (b'{"a":"\xed\xa0\x80"}', "Not UTF-8: byte 0xed at offset 6, counted from 0"),
        ("{}".encode("utf-16-le"), "Not valid JSON: JSON is malformed: object keys must be strings (byte 1)"),
        (b'{"a":1e9999999999999999999999}', "Not valid JSON: a number with an impossible exponent"),
        (b'{"a":%s}' % (b"9" * 5000), "Not valid JSON: Integer value out of range"),
    ],
)
def test_what_cannot_be_read_says_what_and_where(raw, said):
    [issue] = refusal(raw)
    assert issue.diagnostics.startswith(said)
    assert "$" not in issue.diagnostics

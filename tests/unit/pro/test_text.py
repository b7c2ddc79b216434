"""Words: both languages, numbers and times as people write them."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.pro.item import identity_of
from kommunalpro.pro.text import Text, joined, moment, number


@pytest.mark.parametrize(
    ("written", "danish", "english"),
    [
        ("2026", "2026", "2026"),
        ("2026-03", "2026-03", "2026-03"),
        ("2026-03-10", "10.3.2026", "2026-03-10"),
        ("2026-03-10T08:05:00Z", "10.3.2026 kl. 9.05", "2026-03-10 09:05"),
        ("2026-07-10T23:30:00Z", "11.7.2026 kl. 1.30", "2026-07-11 01:30"),
        ("10:30:00", "10.30", "10:30"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_is_written_as_people_do_in_danish_time(written, danish, english):
    assert (moment(written).da, moment(written).say("en")) == (danish, english)


@pytest.mark.parametrize(
    ("value", "danish"),
    [(7, "7"), (Decimal("36.90"), "36,90"), (loads("1e3"), "1000"), (loads("0.0000001"), "0,0000001"), (-1, "-1")],
)
def test_a_number_is_written_out_with_its_digits(value, danish):
    assert number(value).da == danish


def test_parts_are_filled_in_each_language_and_may_stand_there_twice_or_hold_braces():
    said = Text("{a} og {a}: {b} {c}", "{a} and {a}: {b} {c}").fill(a=Text("søvn", "sleep"), b=Decimal("1.5"), c="{x}")
    assert said == Text("søvn og søvn: 1,5 {x}", "sleep and sleep: 1.5 {x}")


def test_what_has_no_english_is_said_in_danish():
    assert Text("{a} igen").fill(a=Text("søvn")) == Text("søvn igen", "søvn igen")


@pytest.mark.parametrize(
    ("words", "danish", "english"),
    [([], "", ""), (["a"], "a", "a"), (["a", "b"], "a og b", "a and b"), (["a", "b", "c"], "a, b og c", "a, b and c")],
)
def test_words_are_joined_as_people_list_things(words, danish, english):
    assert joined([Text(each) for each in words], Text(" og ", " and ")) == Text(danish, english)


def test_an_answer_is_who_it_is_by_its_value_whatever_stands_before_it():
    plain = {"valueCoding": {"system": "urn:s", "code": "x"}}
    dressed = {"extension": [{"url": "urn:x"}], "valueCoding": {"system": "urn:s", "code": "x", "display": "X"}}
    assert identity_of(plain) == identity_of(dressed)
    assert identity_of({"extension": []}) is None

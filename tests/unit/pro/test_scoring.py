"""Scores come out exact, or not at all."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from kommunalpro.pro.light import Light
from kommunalpro.pro.record import read_record, write_record
from kommunalpro.pro.scoring import Score, answer_key, scores
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import assess
from kommunalpro.pro.view import read_view
from tests.unit.pro.scores import choice, declared, definition, form, given, integer, number, value, view

THREE = form(integer("a"), integer("b"), integer("c"))


@pytest.mark.parametrize(
    ("declaration", "answers", "expected"),
    [
        ({}, (1, 2, 3), "6"),
        ({"method": "mean"}, (1, 2, 6), "3"),
        ({"factor": "4"}, (1, 2, 3), "24"),
        ({"factor": "4", "offset": "-1"}, (1, 2, 3), "23"),
        ({"reversed": ["c"]}, (1, 2, 3), "10"),
        (
            {"factor": "100", "divisor": "3", "method": "mean", "offset": "-100"},
            (1, 2, 3),
            "-33.33333333333333333333333333",
        ),
        ({"factor": "100", "divisor": "3"}, (1, 1, 1), "100"),
        ({}, (1, 2, None), None),
        ({"method": "mean"}, (None, None, None), None),
    ],
)
def test_a_score_is_its_sum_or_mean_moved_and_stretched(declaration, answers, expected):
    found = value(definition("a", "b", "c", **declaration), THREE, **dict(zip("abc", answers, strict=True)))
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("missing", "answers", "expected"),
    [
        ({"rule": "all"}, (4, 5, None), None),
        ({"rule": "at-least", "answered": 2}, (4, 5, None), "9"),
        ({"rule": "at-least", "answered": 2}, (4, None, None), None),
        ({"rule": "at-least", "answered": 2, "prorated": True}, (4, 5, None), "13.5"),
        ({"rule": "half"}, (4, 5, None), "9"),
        ({"rule": "half"}, (4, None, None), None),  # one of three is less than half
        ({"rule": "half", "prorated": True}, (4, 6, None), "15"),
        ({"rule": "half", "prorated": True}, (4, 6, 1), "11"),
    ],
)
def test_missing_answers_are_dealt_with_as_the_rule_says(missing, answers, expected):
    found = value(definition("a", "b", "c", missing=missing), THREE, **dict(zip("abc", answers, strict=True)))
    assert found == (None if expected is None else Decimal(expected))


def test_half_of_an_even_number_of_items_is_enough():
    two = form(integer("a"), integer("b"))
    assert value(definition("a", "b", missing={"rule": "half"}), two, a=7) == 7
    assert value(definition("a", "b", missing={"rule": "half"}), two) is None


def test_a_missing_answer_is_never_a_zero():
    assert value(definition("a", "b", "c"), THREE, a=0, b=0) is None
    assert value(definition("a", "b", "c"), THREE, a=0, b=0, c=0) == 0


def test_options_count_by_their_ordinal():
    asked = form(choice("a", nej=0, lidt=1, meget=3))
    assert value(definition("a"), asked, a="meget") == 3
    assert value(definition("a", reversed=["a"]), asked, a="lidt") == 2


def test_values_stand_for_the_questionnaires_own_numbers():
    asked = form(choice("a", nej=0, ja=1), integer("b", 1, 3))
    weighed = definition("a", "b", values={"a": {"nej": "0.5", "ja": "-2"}, "b": {"1": "0", "2": "0.041", "3": "1"}})
    assert value(weighed, asked, a="nej", b=2) == Decimal("0.541")
    assert value(weighed, asked, a="ja", b=3) == -1


def test_an_answer_that_values_set_aside_or_do_not_know_is_as_if_not_given():
    asked = form(choice("a", nej=0, ja=1, **{"ved-ikke": None}))
    aside = definition("a", values={"a": {"nej": "0", "ja": "1", "ved-ikke": None}})
    assert value(aside, asked, a="ved-ikke") is None
    assert value(definition("a", values={"a": {"nej": "5"}}), asked, a="ja") is None


def test_values_can_weigh_yes_and_no():
    asked = form({"linkId": "a", "type": "boolean"})
    assert value(definition("a", values={"a": {"true": "3", "false": "0"}}), asked, a=True) == 3


def test_an_item_with_values_is_reversed_within_them():
    asked = form(choice("a", lav=None, mellem=None, hoej=None))
    turned = definition("a", reversed=["a"], values={"a": {"lav": "1", "mellem": "2", "hoej": "5"}})
    assert [value(turned, asked, a=code) for code in ("lav", "mellem", "hoej")] == [5, 4, 1]


def test_options_that_are_numbers_count_as_they_are_and_are_reversed_among_them():
    numbers = [{"valueInteger": number} for number in (1, 2, 5)]
    for kind in ("choice", "integer"):
        asked = form({"linkId": "a", "type": kind, "answerOption": numbers})
        assert value(definition("a"), asked, a=2) == 2
        assert value(definition("a", reversed=["a"]), asked, a=2) == 4


def test_what_cannot_be_reversed_is_as_if_not_given():
    assert value(definition("a", reversed=["a"]), form(integer("a", 0, None)), a=3) is None


def test_several_answers_to_one_question_are_no_number():
    asked = form({**integer("a"), "repeats": True})
    twice = {"a": ({"valueInteger": 1}, {"valueInteger": 2})}
    assert [each.value for each in scores([definition("a")], asked, twice).values()] == [None]


def test_something_is_added_once_when_any_item_counts_so():
    extra = definition("a", "b", "c", added=[{"add": "0.5", "operator": ">", "value": "3"}])
    assert value(extra, THREE, a=3, b=3, c=3) == 9
    assert value(extra, THREE, a=4, b=0, c=0) == Decimal("4.5")
    assert value(extra, THREE, a=4, b=4, c=4) == Decimal("12.5")


def test_what_is_added_to_a_mean_is_not_divided():
    extra = definition("a", "b", "c", method="mean", added=[{"add": "1", "operator": "=", "value": "0"}])
    assert value(extra, THREE, a=0, b=3, c=6) == 4


def test_a_sum_is_looked_up_and_what_the_table_lacks_is_no_score():
    looked_up = definition("a", "b", table={"0": "16.2", "1": "19.9", "2": "23.5"}, factor="2")
    assert value(looked_up, THREE, a=1, b=1) == 47
    assert value(looked_up, THREE, a=2, b=1) is None


def test_a_mean_is_looked_up_by_itself():
    """A View that does so is refused; a definition that is made otherwise still looks up what it says."""
    assert value(definition("a", "b", method="mean", table={"1": "7", "2": "9"}), THREE, a=1, b=3) == 9


def test_a_score_is_rounded_half_up_and_only_when_it_says_so():
    asked = form(number("a"))
    for answer, expected in (("2.5", "3"), ("3.5", "4"), ("2.49", "2")):
        assert value(definition("a", decimals=0), asked, a=Decimal(answer)) == Decimal(expected)
    assert str(value(definition("a", decimals=2), asked, a=Decimal("2.5"))) == "2.50"
    assert value(definition("a"), asked, a=Decimal("2.49999")) == Decimal("2.49999")


def test_a_tie_is_a_tie_although_a_third_has_no_end():
    """A third of 5, times 0.3, is exactly a half: rounded in between it would have been less."""
    assert value(definition("a", "b", "c", method="mean", factor="0.3", decimals=0), THREE, a=1, b=2, c=2) == 1
    assert value(definition("a", "b", "c", method="mean", factor="3"), THREE, a=1, b=2, c=2) == 5


def test_no_digit_of_an_answer_is_lost():
    asked = form(number("a", None, None), number("b", None, None))
    long = Decimal("0.1234567890123456789012345")
    assert value(definition("a", "b"), asked, a=long, b=Decimal(100)) == Decimal("100.1234567890123456789012345")
    vast = "1" + "0" * 300
    found = value(definition("a", "b", decimals=1), asked, a=Decimal(vast), b=Decimal("0.25"))
    assert f"{found:f}" == f"{vast}.3"


def test_turning_an_answer_round_loses_no_digit():
    asked = form(number("a", "0", "100"))
    turned = value(definition("a", reversed=["a"], decimals=6), asked, a=Decimal("0." + "0" * 30 + "1"))
    assert turned == 100
    assert value(definition("a", reversed=["a"]), asked, a=Decimal("0.00000000000000000000000001")) == Decimal(
        "99.99999999999999999999999999"
    )


NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=3, max_size=3)


@every(
    NUMBERS,
    st.sampled_from(["sum", "mean"]),
    st.sampled_from([{"rule": "all"}, {"rule": "half"}, {"rule": "at-least", "answered": 1}]),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(1, 7),
    st.integers(-9, 9),
)
def test_a_score_is_what_fractions_say(answers, method, missing, is_prorated, factor, divisor, offset):
    """Another way to the same number: exact fractions, from the definition's words alone."""
    is_prorated = is_prorated and method == "sum"
    declared = {"method": method, "factor": factor, "divisor": divisor, "offset": offset}
    found = value(
        definition("a", "b", "c", missing={**missing, "prorated": is_prorated}, **declared),
        THREE,
        **dict(zip("abc", answers, strict=True)),
    )
    known = [Fraction(each) for each in answers if each is not None]
    least = {"all": 3, "half": 2, "at-least": 1}[missing["rule"]]
    if len(known) < least:
        assert found is None
        return
    total = sum(known) / (len(known) if method == "mean" else 1) * (Fraction(3, len(known)) if is_prorated else 1)
    exact = total * factor / divisor + offset
    assert abs(Fraction(found) - exact) <= abs(exact) / 10**27


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ({"valueInteger": 10}, "10"),
        ({"valueDecimal": Decimal("1.50")}, "1.5"),
        ({"valueDecimal": Decimal("100")}, "100"),
        ({"valueCoding": {"system": "s", "code": "A1"}}, "A1"),
        ({"valueBoolean": True}, "true"),
        ({"valueBoolean": False}, "false"),
        ({"valueString": "ja"}, "ja"),
        ({"valueQuantity": {"value": Decimal("70.0"), "code": "kg"}}, "70"),
        ({"valueReference": {"reference": "x"}}, ""),
    ],
)
def test_every_kind_of_answer_has_a_name_in_values(answer, key):
    assert answer_key(answer) == key


BANDS = [{"low": "0", "high": "14", "text": {"da": "lidt"}}, {"low": "15", "high": "30", "text": {"da": "meget"}}]
LIT = [{**BANDS[0], "light": "green"}, {**BANDS[1], "light": "red"}]


def test_a_band_without_a_light_decides_none():
    told = definition("a", "b", "c", bands=BANDS, scale={"low": "0", "high": "30"})
    assert not told.carries_rule
    [found] = scores([told], THREE, given(a=10, b=10, c=10)).values()
    assert found.light is Light.NOT_ASSESSED
    assert [band.text.da for band in told.bands] == ["lidt", "meget"]


def test_a_score_without_lights_leaves_a_green_topic_green():
    plain, lit = (
        declared("b", id="plain"),
        declared("a", "b", "c", id="lit", bands=LIT, scale={"low": "0", "high": "30"}),
    )
    read = read_view(view(lit, plain))
    found = assess(THREE, read, given(a=1, b=1, c=1), questionnaire="urn:q", view_reference=None)
    assert found.scores["plain"] == Score("plain", Text("Score", "Score"), Decimal(1), Light.NOT_ASSESSED, False)
    assert (found.light, found.topics[0].light) == (Light.GREEN, Light.GREEN)
    assert len(found.topics[0].reasons) == 1
    assert read_record(write_record(found)) == found


def test_scores_without_lights_alone_are_no_rules():
    read = read_view(view(declared("a")))
    found = assess(THREE, read, given(a=1), questionnaire="urn:q", view_reference=None)
    assert not found.has_rules
    assert found.topics[0].light is Light.NOT_ASSESSED
    assert found.scores["score"].value == 1


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("1234567890123456789012345678901.0005", "1234567890123456789012345678901.001"),
        ("2.214285714285714285714285714", "2.214"),
        ("0.0005", "0.001"),
        ("0.761", "0.761"),
        ("13", "13"),
        ("2.50", "2.50"),
    ],
)
def test_people_read_at_most_three_decimals(exact, shown):
    assert str(Score("s", Text("S"), Decimal(exact), Light.GREEN).shown) == shown


def test_a_score_carries_a_rule_unless_it_is_said_not_to():
    assert Score("s", Text("S"), Decimal(1), Light.GREEN).carries_rule


def test_no_score_is_shown_as_none():
    assert Score("s", Text("S"), None, Light.NOT_ASSESSED).shown is None

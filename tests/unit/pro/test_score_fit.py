"""Between two bands lies nothing that the score can be; what it can be is told by its questions and how it is made."""

from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.pro.score_fit import score_fit_problems
from tests.unit.pro.scores import choice, definition, form, integer, number

PLACES, STEP = ehealth.MAX_DECIMAL_PLACES, ehealth.SLIDER_STEP_VALUE_DECIMAL
FOUR = "abcd"
HALF = {"rule": "half"}
ALL = {"rule": "all"}


def gap(items, low, high, **more):
    """Tell whether a score of items can lie between two bands, the one to `low` and the other from `high`."""
    scale = {"low": "-100", "high": "200"}
    bands = [{"low": "-100", "high": low, "light": "green"}, {"low": high, "high": "200", "light": "red"}]
    score = definition(*(each["linkId"] for each in items), bands=bands, scale=scale, **more)
    codes = [each.code for each in score_fit_problems(score, form(*items))]
    assert set(codes) <= {"score-gap"}
    return bool(codes)


def binary(count):
    return [integer(link_id, 0, 1) for link_id in FOUR[:count]]


def stepped(url, value):
    item = number("a")
    return [{**item, "extension": [*item["extension"], {"url": url, **value}]}]


@pytest.mark.parametrize("how", [{"factor": "4"}, {"factor": "100", "divisor": "25"}])
def test_times_100_by_25_is_times_4(how):
    """The WHO-5: 0, 4, … 100."""
    assert not gap([integer("a", 0, 25)], "50", "51", **how)
    assert not gap([integer("a", 0, 25)], "48", "52", **how)
    assert gap([integer("a", 0, 25)], "47.5", "48.5", **how)


@pytest.mark.parametrize(
    ("count", "low", "high", "missing", "is_gap"),
    [
        (4, "0.25", "0.5", ALL, False),
        (4, "0.2", "0.3", ALL, True),
        (4, "0.25", "0.5", HALF, True),  # 1 of 3
        (2, "0.4", "0.6", ALL, True),
        (2, "0.5", "1", HALF, False),
        (3, "0.33", "0.34", ALL, False),  # A third, as close as people read it.
        (3, "0.32", "0.34", ALL, True),
    ],
)
def test_a_mean_lies_on_parts_of_its_items_for_every_number_of_answers_that_is_enough(
    count, low, high, missing, is_gap
):
    assert gap(binary(count), low, high, method="mean", missing=missing) is is_gap


@pytest.mark.parametrize(("low", "high", "is_gap"), [("1", "1.3", False), ("1", "1.5", True), ("1.5", "2", False)])
def test_a_prorated_sum_lies_on_parts_too(low, high, is_gap):
    """Of four, two, three or all answered: halves of 4, thirds of 4."""
    missing = {"rule": "half", "prorated": True}
    assert gap(binary(4), low, high, missing=missing) is is_gap


@pytest.mark.parametrize(
    ("items", "low", "high", "is_gap"),
    [
        ([number("a")], "3", "4", True),
        ([number("a")], "3", "3.01", False),
        (stepped(PLACES, {"valueInteger": 0}), "3", "4", False),
        (stepped(PLACES, {"valueInteger": 1}), "3", "4", True),
        (stepped(STEP, {"valueDecimal": Decimal("0.5")}), "3", "3.5", False),
        (stepped(STEP, {"valueDecimal": Decimal("0.5")}), "3", "4", True),
        ([integer("a"), number("b")], "3", "4", True),
        ([integer("a", None, None)], "3", "4", False),
        ([choice("a", none=0, some="2.5", all=5)], "2.5", "3.5", False),
        ([choice("a", none=0, some="2.5", all=5)], "2", "3", True),
        ([choice("a", none=1, some=3, all=5)], "3", "4.9", False),
        ([choice("a", only=3)], "1", "2", False),
        ([choice("a", only=3)], "2.5", "3.5", True),
    ],
)
def test_a_decimal_can_be_any_number_unless_a_step_or_places_say_no(items, low, high, is_gap):
    assert gap(items, low, high) is is_gap


@pytest.mark.parametrize(
    ("low", "high", "decimals", "is_gap"),
    [("3", "4", 0, False), ("3.4", "3.5", 1, False), ("3", "4", 1, True), ("3.001", "3.003", 3, True)],
)
def test_a_score_that_is_rounded_lies_on_its_decimals(low, high, decimals, is_gap):
    assert gap([number("a")], low, high, decimals=decimals) is is_gap


@pytest.mark.parametrize(
    ("factor", "low", "high", "is_gap"),
    [
        ("4", "50", "51", False),
        ("2.5", "0", "3", False),  # 2.5 is 3, away from 0.
        ("2.5", "2.5", "3.5", True),
        ("2.5", "3", "5", False),
        ("-2.5", "-3", "0", False),
        ("-2.5", "-3.5", "-2.5", True),
    ],
)
def test_it_is_rounded_from_what_it_can_be(factor, low, high, is_gap):
    assert gap([integer("a")], low, high, factor=factor, decimals=0) is is_gap


def test_what_is_reversed_offset_or_added_moves_with_it():
    odd = [choice("a", low=1, high=3)]
    assert not gap(odd, "1", "3", offset="0")
    assert gap(odd, "1", "2", offset="0.5")
    assert not gap([choice("a", low=1, high=4)], "1", "4", reversed=["a"])
    assert not gap([integer("a")], "3", "4", reversed=["a"])
    assert gap([integer("a")], "3", "4", added=[{"add": "0.5", "operator": ">", "value": "5"}])


def test_a_score_from_a_table_is_what_stands_there():
    table = {"0": "20", "1": "25.5", "2": "30"}
    assert not gap([integer("a", 0, 2)], "25.5", "26.5", table=table)
    assert gap([integer("a", 0, 2)], "25", "26", table=table)
    assert not gap([integer("a", 0, 2)], "20", "21", table=table)

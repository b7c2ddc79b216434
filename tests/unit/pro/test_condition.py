"""Comparing one answer with a value: what is of another kind, or in another unit, never holds."""

from decimal import Decimal

import pytest

from kommunalpro.pro.acute import holds
from kommunalpro.pro.condition import Condition, number_of

WORDS_OF_A_TIME = "08:00:00"
KILO = {"value": 5, "unit": "kg"}


@pytest.mark.parametrize(
    ("kind", "answer", "is_met"),
    [
        ("String", {"valueString": WORDS_OF_A_TIME}, True),
        ("String", {"valueUri": WORDS_OF_A_TIME}, True),
        ("Uri", {"valueString": WORDS_OF_A_TIME}, True),
        ("String", {"valueTime": WORDS_OF_A_TIME}, False),
        ("Uri", {"valueTime": WORDS_OF_A_TIME}, False),
        ("Time", {"valueString": WORDS_OF_A_TIME}, False),
        ("Time", {"valueTime": WORDS_OF_A_TIME}, True),
    ],
)
def test_words_are_compared_with_words_and_times_with_times(kind, answer, is_met):
    assert Condition("=", kind, WORDS_OF_A_TIME).meets(answer) is is_met


@pytest.mark.parametrize(
    ("answer", "is_met"),
    [
        (KILO, True),
        ({"value": 5, "unit": "g"}, False),
        ({"value": 5}, False),
        ({"value": 5, "unit": "kilo", "code": "kg"}, True),
    ],
)
def test_a_quantity_is_in_the_same_unit_by_its_code_or_else_by_its_name(answer, is_met):
    assert Condition("=", "Quantity", KILO).meets({"valueQuantity": answer}) is is_met


def test_what_is_no_quantity_has_no_number():
    assert number_of("Quantity", "5 kg") is None
    assert number_of("Quantity", {"unit": "kg"}) is None
    assert number_of("Quantity", {"value": 5}) == Decimal(5)


@pytest.mark.parametrize(
    ("operator", "value", "answer", "is_met"),
    [
        (">", "2025-12-31T23:30:00Z", {"valueDate": "2026-01-01"}, False),
        (">", "2025-12-31T22:30:00Z", {"valueDate": "2026-01-01"}, True),
        (">=", "2026-01-01", {"valueDateTime": "2025-12-31T23:30:00Z"}, True),
        (">=", "2026-01-01", {"valueDateTime": "2025-12-31T22:30:00Z"}, False),
    ],
)
def test_a_day_begins_at_midnight_in_denmark(operator, value, answer, is_met):
    kind = "DateTime" if "T" in value else "Date"
    assert Condition(operator, kind, value).meets(answer) is is_met


@pytest.mark.parametrize("value", ["kg", "5 kg", True])
def test_a_quantity_is_compared_with_a_number_and_nothing_else(value):
    assert not holds("=", value, ({"valueQuantity": KILO},))
    assert holds("=", "5", ({"valueQuantity": KILO},))


@pytest.mark.parametrize(
    ("kind", "answer"), [("String", {"valueDate": "2026-01-01"}), ("Date", {"valueString": "2026-01-01"})]
)
def test_words_that_look_like_a_day_are_no_day(kind, answer):
    assert not Condition("=", kind, "2026-01-01").meets(answer)


@pytest.mark.parametrize("value", ["7", "i morgen", "", 7])
@pytest.mark.parametrize("answer", [{"valueDate": "2026-01-01"}, {"valueDateTime": "9999-12-31T23:59:60Z"}])
def test_what_is_no_time_is_met_by_none_and_stops_nothing(value, answer):
    """A View's acute rule may have any text: it must not keep all else from being assessed."""
    assert not holds("=", value, (answer,))
    assert not holds(">", value, (answer,))

"""A number is found by its own digits, however many they are (R4 search.html#number)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhirserver.search.numbers import OPEN, about, just_below, meant_by, number_key, read_number

DIGITS = st.text("0123456789", min_size=1, max_size=60)
NUMBERS = st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), DIGITS, DIGITS) | DIGITS


@given(NUMBERS)
def test_a_number_is_among_those_that_it_means_and_among_those_near_it(text):
    number = read_number(text)
    low, high = (number_key(each) for each in meant_by(number))
    assert low <= number_key(number) < high
    low, high = (number_key(each) for each in about(number))
    assert low <= number_key(number) <= high


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100", "99.5", "100.5"),
        ("5.40", "5.395", "5.405"),
        ("1e2", "95", "105"),
        ("0", "-0.5", "0.5"),
        ("123456789012345678901234567890", "123456789012345678901234567889.5", "123456789012345678901234567890.5"),
    ],
)
def test_half_of_the_last_digit_to_both_sides_is_meant(text, low, high):
    assert meant_by(read_number(text)) == (Decimal(low), Decimal(high))


@given(NUMBERS, NUMBERS)
def test_just_below_and_just_above_a_number_there_is_no_other(text, other):
    key, another = number_key(read_number(text)), number_key(read_number(other))
    assert just_below(key) < key < key + OPEN
    assert just_below(key) > another if another < key else just_below(key) < another
    assert key + OPEN > another if another <= key else key + OPEN < another
    assert len(just_below(key)) <= 40

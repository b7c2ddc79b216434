"""What is asked for again and again stands as few rows, and nothing is left out of the count."""

from datetime import UTC, datetime, timedelta

import pytest

from kommunalpro.care.runs import State, Time, runs

NOON = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
"""On the Danish clock; twelve hours are left of the day."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def times(count: int, every: timedelta, *, state: State = "coming", of: str = "pain", first: datetime = NOON):
    return [Time(of, state, first + number * every, first + number * every + MINUTE) for number in range(count)]


def counts(found: list[Time]) -> list[int]:
    return [each.span.count for each in runs(found, lambda time: time)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (times(1, DAY), [1]),
        (times(3, HOUR), [1, 1, 1]),
        (times(4, HOUR), [4]),
        (times(6, DAY), [1] * 6),
        (times(7, DAY), [1, 1, 1, 1, 1, 2]),
        (times(7, DAY, state="missed"), [2, 1, 1, 1, 1, 1]),
        (times(10_000, MINUTE), [720, 1440, 1440, 1440, 1440, 3520]),
        (times(10_000, MINUTE, state="missed"), [3600, 1440, 1440, 1440, 1440, 640]),
        (times(60, MINUTE, state="open"), [60]),
        (times(4, HOUR) + times(2, HOUR, of="sleep"), [4, 1, 1]),
    ],
)
def test_a_few_stand_by_themselves_and_many_are_told_together_all_of_them(found, expected):
    assert counts(found) == expected
    assert sum(expected) == len(found)


def test_rows_stand_in_the_order_of_what_was_given():
    found = sorted(times(9, DAY) + times(9, DAY, of="sleep", first=NOON + HOUR), key=lambda time: time.opens)
    gathered = [each.first for each in runs(found, lambda time: time)]
    assert gathered == sorted(gathered, key=lambda time: time.opens)
    assert [each.of for each in gathered] == ["pain", "sleep"] * 6


def test_what_has_no_time_stands_alone_at_its_place():
    found = [None, *times(9, MINUTE), None]
    assert [each.span and each.span.count for each in runs(found, lambda time: time)] == [None, 9, None]


def test_how_often_is_told_where_it_is_told_by_the_clock_and_nowhere_else():
    [even] = runs(times(9, MINUTE), lambda time: time)
    [uneven] = runs([*times(4, MINUTE), *times(4, MINUTE, first=NOON + HOUR)], lambda time: time)
    assert (even.span.every, uneven.span.every) == (MINUTE, None)

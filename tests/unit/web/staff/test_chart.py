from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from kommunalpro.web.staff.presenters.chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Measured, Stretch, chart, sparkline

START = datetime(2026, 9, 1, 8, tzinfo=UTC)


def _points(*values: int | None) -> list[Measured]:
    return [
        Measured(START + timedelta(days=7 * week), None if value is None else Decimal(value), "green")
        for week, value in enumerate(values)
    ]


def test_the_best_and_the_worst_value_touch_the_edges_of_the_scale():
    drawn = chart(_points(0, 10), Decimal(0), Decimal(10), [])
    assert drawn.marks[1].y == f"{TOP}.0"
    assert Decimal(drawn.marks[0].y) == HEIGHT - 36


def test_time_runs_to_scale_from_the_left_edge_to_the_right():
    drawn = chart(_points(1, 2, 3), Decimal(0), Decimal(10), [])
    assert [mark.x for mark in drawn.marks] == [f"{LEFT}.0", f"{(LEFT + WIDTH - RIGHT) / 2:.1f}", f"{WIDTH - RIGHT}.0"]


def test_a_missing_value_is_a_gap_in_the_line_and_not_a_zero():
    drawn = chart(_points(1, 2, None, 4, 5), Decimal(0), Decimal(10), [])
    assert len(drawn.lines) == 2
    assert len(drawn.marks) == 4


def test_one_answer_alone_stands_in_the_middle():
    drawn = chart(_points(5), Decimal(0), Decimal(10), [])
    assert drawn.marks[0].x == f"{(LEFT + WIDTH - RIGHT) / 2:.1f}"
    assert drawn.lines == ()


def test_a_band_fills_its_part_of_the_scale():
    drawn = chart(_points(5), Decimal(0), Decimal(10), [Stretch(Decimal(5), Decimal(10), "red")])
    assert drawn.bands[0].y == f"{TOP}.0"
    assert Decimal(drawn.bands[0].height) == (HEIGHT - TOP - 36) / 2


def test_a_value_beyond_the_scale_is_drawn_at_its_edge():
    assert chart(_points(12), Decimal(0), Decimal(10), []).marks[0].y == f"{TOP}.0"


def test_a_sparkline_shows_the_latest_six():
    assert len(sparkline(_points(*range(9)), Decimal(0), Decimal(10)).marks) == 6


def test_points_say_what_they_are_in_words():
    assert chart(_points(8), Decimal(0), Decimal(10), []).marks[0].label == "tirsdag 1. september 2026: 8"


def test_days_that_lie_close_are_not_written_on_top_of_each_other():
    close = [*_points(1, 2), Measured(START + timedelta(days=8), Decimal(3), "green"), *_points(1, 2, 3, 4, 5, 6)[2:]]
    days = chart(close, Decimal(0), Decimal(10), []).days
    assert (days[0].text, days[-1].text) == ("1.9.", "6.10.")
    places = [Decimal(day.at) for day in days]
    assert all(after - before >= 48 for before, after in pairwise(places))

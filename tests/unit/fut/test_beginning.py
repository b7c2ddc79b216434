"""When an activity begins that waited for another: on which day, and at what time of it."""

from datetime import datetime, timedelta

import pytest

from kommunalpro.fut.beginning import begun
from kommunalpro.fut.timing import slots_after

MONDAY_AT_TEN = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
FOUR_HOURS = {"duration": 4, "durationUnit": "h"}
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d", **FOUR_HOURS}
HOURLY = {"frequency": 1, "period": 6, "periodUnit": "h", "duration": 1, "durationUnit": "h"}


def lasting(value, code):
    return {"value": value, "system": "http://unitsofmeasure.org", "code": code}


def recurring(start="2026-11-20T08:00:00+01:00", end=None, **repeat):
    bounds = {"start": start, **({"end": end} if end else {})}
    return {"occurrenceTiming": {"repeat": {"boundsPeriod": bounds, **(repeat or DAILY)}}}


def slots(request, offset=None, now=MONDAY_AT_TEN, count=2):
    """Give the first slots after its trigger was met, on the Danish clock."""
    found = slots_after(begun(request, now, offset), datetime.fromisoformat("2026-01-01T00:00:00+01:00"))
    return [f"{slot.start:%d/%m %H:%M}-{slot.end:%d/%m %H:%M}" for slot, _ in zip(found, range(count), strict=False)]


def bounds(request, offset=None, now=MONDAY_AT_TEN):
    moved = begun(request, now, offset)
    period = moved.get("occurrencePeriod") or moved["occurrenceTiming"]["repeat"]["boundsPeriod"]
    return period["start"], period.get("end")


@pytest.mark.parametrize(
    ("now", "value", "code", "first"),
    [
        ("2026-11-23T10:00+01:00", 2, "wk", "07/12 08:00-07/12 12:00"),
        ("2026-11-23T10:00+01:00", 1, "d", "24/11 08:00-24/11 12:00"),
        ("2026-11-23T23:30+00:00", 1, "d", "25/11 08:00-25/11 12:00"),  # half past midnight in Denmark
        ("2027-01-31T10:00+01:00", 1, "mo", "28/02 08:00-28/02 12:00"),
        ("2027-03-27T10:00+01:00", 1, "d", "28/03 08:00-28/03 12:00"),  # the clocks change at two that night
        ("2027-03-27T10:00+01:00", 2, "d", "29/03 08:00-29/03 12:00"),
        ("2027-10-30T10:00+02:00", 1, "d", "31/10 08:00-31/10 12:00"),
    ],
)
def test_days_after_it_opens_on_that_day_at_the_time_it_was_planned_for(now, value, code, first):
    assert slots(recurring(), lasting(value, code), datetime.fromisoformat(now), count=1) == [first]


def test_planned_in_summer_it_opens_by_the_same_clock_in_winter_and_lasts_as_long():
    request = recurring("2026-09-01T08:00:00+02:00", "2026-09-11T20:00:00+02:00")
    assert bounds(request, lasting(1, "d")) == ("2026-11-24T08:00:00+01:00", "2026-12-04T20:00:00+01:00")
    assert bounds({"occurrencePeriod": {"start": "2026-09-01T08:00:00+02:00"}}, lasting(1, "d")) == (
        "2026-11-24T08:00:00+01:00",
        None,
    )


def test_a_night_that_does_not_have_the_time_moves_no_other_night():
    request, before = recurring("2026-11-20T02:30:00+01:00"), datetime.fromisoformat("2027-03-27T10:00:00+01:00")
    assert slots(request, lasting(1, "d"), before) == ["29/03 02:30-29/03 06:30", "30/03 02:30-30/03 06:30"]


def test_what_is_asked_once_in_a_night_that_does_not_have_the_time_is_asked_an_hour_later():
    start, before = "2026-11-20T02:30:00+01:00", datetime.fromisoformat("2027-03-27T10:00:00+01:00")
    assert begun({"occurrenceDateTime": start}, before, lasting(1, "d")) == {
        "occurrenceDateTime": "2027-03-28T03:30:00+02:00"
    }
    period = {"occurrencePeriod": {"start": start, "end": "2026-11-21T02:30:00+01:00"}}
    assert bounds(period, lasting(1, "d"), before) == ("2027-03-28T03:30:00+02:00", "2027-03-29T03:30:00+02:00")


@pytest.mark.parametrize("offset", [None, lasting(0, "d"), lasting(0, "h")])
@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("00:23:45", "23/11 08:00-23/11 12:00"),
        ("08:00:00", "23/11 08:00-23/11 12:00"),
        ("10:00:00", "23/11 08:00-23/11 12:00"),
        ("11:59:59", "23/11 08:00-23/11 12:00"),
        ("12:00:00", "24/11 08:00-24/11 12:00"),
        ("23:59:59", "24/11 08:00-24/11 12:00"),
    ],
)
def test_at_once_is_what_is_open_that_day_and_none_that_is_over(now, first, offset):
    found = slots(recurring(), offset, datetime.fromisoformat(f"2026-11-23T{now}+01:00"), count=1)
    assert found == [first]


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        ({"period": 2, "periodUnit": "d", **FOUR_HOURS}, ["23/11 08:00-23/11 12:00", "25/11 08:00-25/11 12:00"]),
        ({"period": 2, "periodUnit": "d"}, ["24/11 08:00-24/11 08:00", "26/11 08:00-26/11 08:00"]),
        ({"period": 1, "periodUnit": "mo", **FOUR_HOURS}, ["23/11 08:00-23/11 12:00", "23/12 08:00-23/12 12:00"]),
        (
            {"dayOfWeek": ["mon", "thu"], "duration": 10, "durationUnit": "h"},
            ["23/11 08:00-23/11 18:00", "26/11 08:00-26/11 18:00"],
        ),
        (
            {"dayOfWeek": ["mon", "thu"], "duration": 1, "durationUnit": "h"},
            ["26/11 08:00-26/11 09:00", "30/11 08:00-30/11 09:00"],
        ),
        ({"dayOfWeek": ["wed"], **FOUR_HOURS}, ["25/11 08:00-25/11 12:00", "02/12 08:00-02/12 12:00"]),
    ],
)
def test_at_once_by_other_regimes(regime, expected):
    assert slots(recurring(frequency=1, **regime)) == expected


TWICE = {"period": 1, "periodUnit": "d", "timeOfDay": ["07:00:00", "19:00:00"]}


@pytest.mark.parametrize(
    ("hours", "offset", "expected"),
    [
        (4, None, ["23/11 07:00-23/11 11:00", "23/11 19:00-23/11 23:00"]),
        (2, None, ["23/11 19:00-23/11 21:00", "24/11 07:00-24/11 09:00"]),
        (4, lasting(1, "h"), ["23/11 19:00-23/11 23:00", "24/11 07:00-24/11 11:00"]),
        (4, lasting(10, "h"), ["24/11 07:00-24/11 11:00", "24/11 19:00-24/11 23:00"]),
        (4, lasting(2, "d"), ["25/11 07:00-25/11 11:00", "25/11 19:00-25/11 23:00"]),
    ],
)
def test_times_of_day_stay_as_they_are(hours, offset, expected):
    request = recurring("2026-11-20T00:00:00+01:00", frequency=1, **TWICE, duration=hours, durationUnit="h")
    assert slots(request, offset) == expected


@pytest.mark.parametrize(
    ("value", "code", "first"),
    [
        (36, "h", "25/11 08:00-25/11 12:00"),
        (22, "h", "24/11 08:00-24/11 12:00"),
        (45, "min", "24/11 08:00-24/11 12:00"),
    ],
)
def test_hours_after_nothing_opens_before_they_have_passed_and_all_of_a_slot_is_left(value, code, first):
    assert slots(recurring(), lasting(value, code), count=1) == [first]


@pytest.mark.parametrize(
    ("offset", "opens"),
    [
        (None, "2026-11-23T10:00:00+01:00"),
        (lasting(36, "h"), "2026-11-24T22:00:00+01:00"),
        (lasting(45, "min"), "2026-11-23T10:45:00+01:00"),
        (lasting(1, "d"), "2026-11-24T08:00:00+01:00"),
    ],
)
def test_what_follows_no_clock_opens_at_that_moment(offset, opens):
    """What is asked a single time, at any time, or every so many hours."""
    start = "2026-11-20T08:00:00+01:00"
    single = {"occurrencePeriod": {"start": start, "end": "2026-11-21T08:00:00+01:00"}}
    expected = datetime.fromisoformat(opens)
    assert bounds(single, offset) == (opens, (expected + timedelta(days=1)).isoformat())
    assert begun({"occurrenceDateTime": start}, MONDAY_AT_TEN, offset) == {"occurrenceDateTime": opens}
    for request in (recurring(start, **HOURLY), recurring(start, count=3)):
        assert bounds(request, offset) == (opens, None)


@pytest.mark.parametrize("offset", [None, lasting(36, "h"), lasting(2, "d")])
def test_what_is_planned_to_begin_later_is_not_moved_earlier(offset):
    start = "2027-03-20T08:00:00+01:00"
    period = {"start": start, "end": "2027-03-22T08:00:00+01:00"}
    for request in (
        recurring(start),
        recurring(start, **HOURLY),
        recurring(start, count=3),
        {"occurrencePeriod": period},
        {"occurrenceDateTime": start},
    ):
        assert begun(request, MONDAY_AT_TEN, offset) == request


def test_planned_for_later_that_day_it_begins_then():
    evening = {"occurrencePeriod": {"start": "2026-11-23T20:00:00+01:00", "end": "2026-11-23T23:00:00+01:00"}}
    assert begun(evening, MONDAY_AT_TEN, None) == evening


def test_without_a_planned_start_only_a_day_is_found_and_it_opens_with_it():
    unbounded = {"occurrenceTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"} | FOUR_HOURS}}
    assert bounds(unbounded, lasting(1, "d")) == ("2026-11-24T00:00:00+01:00", None)
    assert bounds(unbounded) == ("2026-11-24T00:00:00+01:00", None), "today's is over at four"
    assert begun({}, MONDAY_AT_TEN, None) == {"occurrenceDateTime": "2026-11-23T10:00:00+01:00"}
    assert begun({}, MONDAY_AT_TEN, lasting(1, "d")) == {"occurrenceDateTime": "2026-11-24T00:00:00+01:00"}


@pytest.mark.parametrize("end", ["9999", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+01:00"])
def test_what_lasts_for_ever_is_moved_as_any_other(end):
    period = {"occurrencePeriod": {"start": "2026-10-12T08:00:00+02:00", "end": end}}
    daily = recurring("2026-10-12T08:00:00+02:00", end)
    for request in (period, daily):
        start, until = bounds(request, lasting(38, "d"))
        assert (start, until[:10]) == ("2026-12-31T08:00:00+01:00", "9999-12-31")


def test_what_would_begin_after_the_last_year_begins_on_its_last_day():
    for request in (recurring(), {"occurrenceDateTime": "2026-11-20T08:00:00+01:00"}):
        assert "9999-12-31T" in str(begun(request, MONDAY_AT_TEN, lasting(9000, "a")))

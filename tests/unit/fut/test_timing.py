"""When an answer is asked for: FUT's resolved timing, on the Danish wall clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from kommunalpro.fut import timing
from kommunalpro.fut.moments import is_moment, later
from kommunalpro.fut.operations import get_patient_procedures
from kommunalpro.fut.timing import (
    Many,
    Slot,
    bounded,
    has_ended,
    many_begun,
    most_slots,
    resolve,
    slot_at,
    slots_after,
    slots_begun,
)


def moment(text):
    return datetime.fromisoformat(text)


HALF_AN_HOUR = {"duration": 30, "durationUnit": "min"}
A_DAY = {"duration": 1, "durationUnit": "d"}
HOURLY = {"period": 1, "periodUnit": "h"}
AUTUMN = moment("2026-10-01T00:00:00+02:00")
WINTER = moment("2026-12-31T00:00:00+01:00")


def recurring(start="2026-10-12T08:00:00+02:00", end=None, **repeat):
    bounds = {"start": start, **({"end": end} if end else {})}
    return {"occurrenceTiming": {"repeat": {"boundsPeriod": bounds, "frequency": 1, **repeat}}}


def spans(request, start=AUTUMN, end=WINTER):
    return [(f"{slot.start:%d/%m %H:%M%z}", f"{slot.end:%d/%m %H:%M%z}") for slot in resolve(request, start, end)]


def test_every_other_monday_from_eight_to_twenty_stays_so_when_the_clocks_change():
    request = recurring(
        end="2026-11-10T00:00:00+01:00",
        dayOfWeek=["mon"],
        period=2,
        periodUnit="wk",
        timeOfDay=["08:00:00"],
        duration=12,
        durationUnit="h",
    )
    assert spans(request) == [
        ("12/10 08:00+0200", "12/10 20:00+0200"),
        ("26/10 08:00+0100", "26/10 20:00+0100"),
        ("09/11 08:00+0100", "09/11 20:00+0100"),
    ]


SPRING, AUTUMN_NIGHT = "2026-03-29", "2026-10-25"
"""The clocks go forward from two to three; they go back from three to two."""
OF_A_NIGHT = [
    # night, regime → when each slot begins and ends
    (SPRING, {"timeOfDay": ["02:30:00"], **HALF_AN_HOUR}, ["03:30+02 04:00+02"]),
    (SPRING, {"timeOfDay": ["02:30:00"], **A_DAY}, ["03:30+02 03:30+02"]),
    (SPRING, {"timeOfDay": ["02:30:00"]}, ["03:30+02 03:30+02"]),
    (SPRING, {"timeOfDay": ["02:00:00", "03:00:00"], **HALF_AN_HOUR}, ["03:00+02 03:30+02"]),
    (SPRING, {"timeOfDay": ["02:30:00", "03:00:00"], **HALF_AN_HOUR}, ["03:00+02 03:30+02", "03:30+02 04:00+02"]),
    (SPRING, {"timeOfDay": ["01:30:00"], **HALF_AN_HOUR}, ["01:30+01 03:00+02"]),
    (SPRING, {"dayOfWeek": ["sun"], "timeOfDay": ["02:30:00"], **HALF_AN_HOUR}, ["03:30+02 04:00+02"]),
    (
        SPRING,
        {**HOURLY, **HALF_AN_HOUR},
        ["00:00+01 00:30+01", "01:00+01 01:30+01", "03:00+02 03:30+02", "04:00+02 04:30+02"],
    ),
    (AUTUMN_NIGHT, {"timeOfDay": ["02:30:00"], **HALF_AN_HOUR}, ["02:30+02 02:00+01"]),
    (AUTUMN_NIGHT, {"timeOfDay": ["02:30:00"], **A_DAY}, ["02:30+02 02:30+01"]),
    (
        AUTUMN_NIGHT,
        {**HOURLY, "duration": 1, "durationUnit": "h"},
        [
            "00:00+02 01:00+02",
            "01:00+02 02:00+02",
            "02:00+02 02:00+01",
            "02:00+01 03:00+01",
            "03:00+01 04:00+01",
            "04:00+01 05:00+01",
        ],
    ),
]


@pytest.mark.parametrize(("night", "regime", "expected"), OF_A_NIGHT)
def test_in_the_night_of_the_clocks_every_slot_is_as_long_as_it_is_said_to_be(night, regime, expected):
    """Asked from midnight to before five. The next day's slot of a day ends at the same time of day."""
    zone = "+01:00" if night == SPRING else "+02:00"
    begin = f"{night}T00:00:00{zone}"
    request = recurring(begin, **{"period": 1, "periodUnit": "d", **regime})
    until = moment(f"{night}T05:00:00{'+02:00' if night == SPRING else '+01:00'}")
    found = list(resolve(request, moment(begin), until))
    assert [f"{slot.start:%H:%M%z} {slot.end:%H:%M%z}".replace("00 ", " ")[:-2] for slot in found] == expected
    length = timedelta(minutes=30) if regime.get("durationUnit") == "min" else None
    assert length is None or {(slot.end - slot.start) for slot in found} == {length}


def test_a_request_that_opens_in_the_second_of_two_hours_that_are_alike_begins_there():
    begin = f"{AUTUMN_NIGHT}T02:30:00+01:00"
    slot, *_ = resolve(recurring(begin, period=1, periodUnit="d"), moment(begin), WINTER)
    assert slot.start.isoformat() == begin


def test_what_is_asked_every_hour_is_the_same_looked_for_late_as_early():
    request = recurring("2026-03-01T08:00:00+01:00", **HOURLY, **HALF_AN_HOUR)
    night = moment(f"{AUTUMN_NIGHT}T00:00:00+02:00"), moment(f"{AUTUMN_NIGHT}T04:00:00+01:00")
    every = list(resolve(request, moment("2026-03-01T00:00:00+01:00"), night[1]))
    assert len(every) == len({slot.start for slot in every})
    assert {later.start - earlier.start for earlier, later in pairwise(every)} == {timedelta(hours=1)}
    assert list(resolve(request, *night)) == every[-5:]


@pytest.mark.parametrize(
    ("begin", "value", "unit", "end"),
    [
        ("2026-03-29T01:30:00+01:00", 1, "h", "2026-03-29T03:30:00+02:00"),
        ("2026-03-28T02:30:00+01:00", 1, "d", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30:00+02:00", 1, "h", "2026-10-25T02:30:00+01:00"),
        ("2026-10-24T20:00:00+02:00", 12, "h", "2026-10-25T07:00:00+01:00"),
        ("2026-10-24T20:00:00+02:00", 1, "d", "2026-10-25T20:00:00+01:00"),
    ],
)
def test_hours_are_counted_as_they_pass_and_days_by_the_clock(begin, value, unit, end):
    assert later(moment(begin), {"value": value, "code": unit}).isoformat() == end


def test_the_night_the_clocks_go_back_is_still_one_day():
    request = recurring(
        "2026-10-24T00:00:00+02:00", "2026-10-27T00:00:00+01:00", period=1, periodUnit="d", duration=1, durationUnit="d"
    )
    assert spans(request) == [
        ("24/10 00:00+0200", "25/10 00:00+0200"),
        ("25/10 00:00+0200", "26/10 00:00+0100"),
        ("26/10 00:00+0100", "27/10 00:00+0100"),
    ]


def test_twice_a_day_without_times_is_one_slot_that_asks_for_two():
    request = recurring(
        "2025-10-20T10:00:00Z",
        "2025-10-22T00:00:00Z",
        frequency=2,
        period=1,
        periodUnit="d",
        duration=1,
        durationUnit="h",
    )
    slots = list(resolve(request, moment("2025-10-20T00:00:00Z"), moment("2025-10-23T00:00:00Z")))
    assert [slot.requested for slot in slots] == [2, 2]
    assert slots[0].start == moment("2025-10-20T10:00:00Z")
    assert slots[0].end == moment("2025-10-20T11:00:00Z")


def test_without_duration_a_slot_has_no_length():
    (slot,) = resolve(recurring(end="2026-10-13T00:00:00+02:00", period=1, periodUnit="d"), AUTUMN, WINTER)
    assert slot.start == slot.end


@pytest.mark.parametrize(
    ("duration", "unit", "end"), [("0.5", "h", "08:30"), ("1.5", "h", "09:30"), ("90", "min", "09:30")]
)
def test_half_an_hour_may_be_written_as_a_part_of_one(duration, unit, end):
    """Cut to whole hours it would be over as it begins, and an answer be missing that is not."""
    request = recurring(period=1, periodUnit="d", duration=Decimal(duration), durationUnit=unit)
    assert spans(request)[0] == ("12/10 08:00+0200", f"12/10 {end}+0200")


def test_an_early_time_of_day_is_not_lost_on_the_last_day():
    request = recurring(
        "2026-10-12T10:00:00+02:00", "2026-10-14T09:00:00+02:00", period=1, periodUnit="d", timeOfDay=["08:00:00"]
    )
    assert [start for start, _ in spans(request)] == ["13/10 08:00+0200", "14/10 08:00+0200"]


def test_a_year_after_a_leap_day_is_the_last_of_february():
    request = recurring("2024-02-29T08:00:00+01:00", period=1, periodUnit="a")
    found = [start for start, _ in spans(request, moment("2024-01-01T00:00:00Z"), moment("2029-01-01T00:00:00Z"))]
    assert found == [f"{day}/02 08:00+0100" for day in (29, 28, 28, 28, 29)]


def test_no_month_is_left_out_because_it_is_short():
    request = recurring("2026-08-31T08:00:00+02:00", period=1, periodUnit="mo")
    found = [start[:5] for start, _ in spans(request, moment("2026-08-01T00:00:00Z"), moment("2027-03-31T00:00:00Z"))]
    assert found == ["31/08", "30/09", "31/10", "30/11", "31/12", "31/01", "28/02"]


def test_a_regime_of_a_plan_is_bounded_by_the_day_it_begins_and_how_long_it_lasts():
    regime = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "boundsDuration": {"value": 3, "code": "wk"}}}
    bounds = bounded(regime, moment("2026-10-12T00:00:00+02:00"))["repeat"]["boundsPeriod"]
    assert bounds == {"start": "2026-10-12T00:00:00+02:00", "end": "2026-11-01T23:59:00+01:00"}
    request = {"occurrenceTiming": bounded(regime, moment("2026-10-12T00:00:00+02:00"))}
    starts = [start for start, _ in spans(request, moment("2026-10-01T00:00:00Z"), moment("2027-01-01T00:00:00Z"))]
    assert starts == ["12/10 00:00+0200", "19/10 00:00+0200", "26/10 00:00+0100"]
    del regime["repeat"]["boundsDuration"]
    assert "end" not in bounded(regime, WINTER)["repeat"]["boundsPeriod"]


def test_a_period_with_both_ends_is_one_slot():
    request = {"occurrencePeriod": {"start": "2026-11-01T00:00:00+01:00", "end": "2026-11-14T23:59:00+01:00"}}
    assert spans(request) == [("01/11 00:00+0100", "14/11 23:59+0100")]
    assert spans(request, end=moment("2026-10-15T00:00:00+02:00")) == []


def test_a_period_without_end_is_ad_hoc():
    request = {"occurrencePeriod": {"start": "2026-11-01T00:00:00+01:00"}}
    assert list(resolve(request, AUTUMN, WINTER)) == [Slot("Adhoc")]


def test_an_ad_hoc_timing_asks_for_its_count():
    request = {"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-10-12T08:00:00+02:00"}, "count": 3}}}
    assert list(resolve(request, AUTUMN, WINTER)) == [Slot("Adhoc", requested=3)]


def test_what_has_no_occurrence_is_unresolved():
    assert list(resolve({}, AUTUMN, WINTER)) == [Slot("Unresolved")]


def test_a_period_that_ends_on_a_day_ends_with_that_day():
    request = {"occurrencePeriod": {"start": "2026-11-01T08:00:00+01:00", "end": "2026-11-14"}}
    assert spans(request) == [("01/11 08:00+0100", "14/11 23:00+0000")]
    weekly = recurring("2026-11-02T08:00:00+01:00", "2026-11-16", period=1, periodUnit="wk")
    assert [start for start, _ in spans(weekly)] == ["02/11 08:00+0100", "09/11 08:00+0100", "16/11 08:00+0100"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026-11-23T10:00:00+01:00", True),
        ("2026-11-23T09:00:00Z", True),
        ("2026-11-23T09:00:00.123-05:00", True),
        ("2026-11-23T10:00:00", False),
        ("2026-11-23", False),
        ("2026", False),
        (None, False),
        (7, False),
    ],
)
def test_a_moment_says_the_minute_and_its_zone(text, is_one):
    assert is_moment(text) is is_one


REGIMES = [
    {"period": 3, "periodUnit": "d", "duration": 2, "durationUnit": "d"},
    {"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"], "duration": 30, "durationUnit": "h"},
    {"dayOfWeek": ["tue", "sun"], "period": 3, "periodUnit": "wk", "duration": 9, "durationUnit": "d"},
    {"dayOfWeek": ["mon", "fri"], "duration": 1, "durationUnit": "d"},
    {"period": 5, "periodUnit": "h", "duration": 7, "durationUnit": "h"},
    {"period": 2, "periodUnit": "mo", "duration": 3, "durationUnit": "wk"},
]


@pytest.mark.parametrize(
    "repeat",
    [
        *REGIMES,
        {"period": 90, "periodUnit": "min", "duration": 3, "durationUnit": "d"},
        {"period": 1, "periodUnit": "a"},
        {"dayOfWeek": ["mon"], "timeOfDay": ["08:00:00", "12:00:00"]},
        {"count": 1},
    ],
)
@pytest.mark.parametrize("end", [None, "2027-01-10T00:00:00+01:00"])
def test_how_many_are_asked_for_is_known_without_counting_them_to_a_few_turns(repeat, end):
    request = recurring("2026-10-14T08:00:00+02:00", end, **repeat)
    in_a_turn = len(repeat.get("dayOfWeek", "1")) * len(repeat.get("timeOfDay", "1"))
    for day in range(0, 400, 31):
        start = AUTUMN + timedelta(days=day, hours=day % 24)
        for length in (timedelta(), timedelta(hours=5), timedelta(days=3), timedelta(days=80)):
            found = len(list(resolve(request, start, start + length)))
            assert found <= most_slots(request, start, start + length) <= found * 1.1 + 4 * in_a_turn


OFTEN = [
    {"period": 15, "periodUnit": "min"},
    {**HOURLY, **HALF_AN_HOUR},
    {"period": 1, "periodUnit": "d", "timeOfDay": ["02:00:00", "02:30:00", "03:00:00"]},
]


@pytest.mark.parametrize("repeat", [*REGIMES, *OFTEN])
@pytest.mark.parametrize("end", [None, "2026-10-25T02:40:00+01:00"])
def test_many_are_told_together_as_if_each_had_been_looked_at(repeat, end):
    request = recurring("2026-10-14T08:07:00+02:00", end, **repeat)
    for begin in (AUTUMN, moment("2026-10-25T02:15:00+02:00"), moment("2026-10-25T02:15:00+01:00"), WINTER):
        for length in (timedelta(minutes=1), timedelta(days=3), timedelta(days=80)):
            found = list(slots_begun(request, begin, begin + length))
            many = many_begun(request, begin, begin + length)
            assert many == (Many(found[0], found[-1], len(found)) if found else None)


@pytest.mark.parametrize("repeat", REGIMES)
def test_what_is_asked_for_later_is_the_same_as_if_one_had_counted_from_the_beginning(repeat):
    request = recurring("2026-10-14T08:00:00+02:00", **repeat)
    every = list(resolve(request, moment("2026-10-14T00:00:00+02:00"), moment("2027-06-01T00:00:00+02:00")))
    for day in range(0, 170, 7):
        start = AUTUMN + timedelta(days=20 + day, hours=day % 24)
        end = start + timedelta(days=12)
        expected = [slot for slot in every if slot.end >= start and slot.start < end]
        assert list(resolve(request, start, end)) == expected


def test_what_is_open_for_years_is_found_by_when_it_begins_among_all_that_are_open(monkeypatch):
    request = recurring("2020-01-01T08:00:00+01:00", period=1, periodUnit="min", duration=6, durationUnit="a")
    begun, made = [], timing._beginnings
    monkeypatch.setattr(timing, "_beginnings", lambda *given: (begun.append(each) or each for each in made(*given)))
    assert slot_at(request, AUTUMN) == Slot("Resolved", AUTUMN, moment("2032-10-01T00:00:00+02:00"))
    assert len(begun) < 100


def test_a_month_of_twenty_activities_every_hour_is_told_at_once():
    request = recurring(**HOURLY, duration=1, durationUnit="h")
    asked = 20 * most_slots(request, WINTER, WINTER + timedelta(days=31))
    assert asked <= get_patient_procedures.__globals__["_MOST"]


def test_it_takes_no_longer_years_after_the_beginning():
    request = recurring("1990-01-01T08:00:00+01:00", period=1, periodUnit="min", duration=1, durationUnit="min")
    assert slot_at(request, AUTUMN) == Slot("Resolved", AUTUMN, AUTUMN + timedelta(minutes=1))
    assert next(slots_after(request, AUTUMN)).end == AUTUMN + timedelta(minutes=1)


@pytest.mark.parametrize("end", ["9999", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+01:00"])
def test_what_lasts_for_ever_is_asked_as_any_other(end):
    """A day after the last one of the calendar is none."""
    period = {"occurrencePeriod": {"start": "2026-10-12T08:00:00+02:00", "end": end}}
    [slot] = slots_after(period, AUTUMN)
    assert slot.start == moment("2026-10-12T08:00:00+02:00")
    assert slot.end.year == 9999
    assert slot_at(period, slot.start) == slot
    daily = recurring(end=end, period=1, periodUnit="d", **A_DAY)
    assert next(slots_after(daily, AUTUMN)).end == moment("2026-10-13T08:00:00+02:00")


def test_what_lasts_longer_than_there_are_years_lasts_to_the_end_of_them():
    made = bounded({"repeat": {"boundsDuration": {"value": 9999, "code": "a"}}}, AUTUMN)
    assert made["repeat"]["boundsPeriod"]["end"] == "9999-12-31T23:58:59+01:00"


@pytest.mark.parametrize(
    ("occurs", "ends"),
    [
        ({"occurrenceDateTime": "2026-10-13T08:00:00+02:00"}, "2026-10-13T23:59:00+02:00"),
        (
            {"occurrencePeriod": {"start": "2026-10-13T08:00:00+02:00", "end": "2026-10-15"}},
            "2026-10-16T00:00:00+02:00",
        ),
        ({"occurrencePeriod": {"start": "2026-10-13T08:00:00+02:00"}}, None),
        (recurring(boundsPeriod={"start": "2026-10-13T08:00:00+02:00"}), None),
        (
            recurring(boundsPeriod={"start": "2026-10-13T08:00:00+02:00", "end": "2026-10-15T08:00:00+02:00"}),
            "2026-10-15T08:00:00+02:00",
        ),
    ],
)
def test_a_request_has_ended_when_nothing_of_it_can_be_answered_any_more(occurs, ends):
    if ends is None:
        assert not has_ended(occurs, moment("2036-01-01T00:00:00+01:00"))
        return
    assert not has_ended(occurs, moment(ends) - timedelta(minutes=1))
    assert has_ended(occurs, moment(ends) + timedelta(seconds=1))

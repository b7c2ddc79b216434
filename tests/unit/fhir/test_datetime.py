"""Times: an interval as wide as it is vague."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhir.datetime import parse_date, parse_datetime, parse_interval, to_date, to_datetime, to_instant
from kommunalpro.fhir.structure.primitives import PRIMITIVES

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def utc(text):
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2025-12-31T23:00:00", "2026-12-31T23:00:00"),
        ("2026-06", "2026-05-31T22:00:00", "2026-06-30T22:00:00"),
        ("2026-12", "2026-11-30T23:00:00", "2026-12-31T23:00:00"),
        ("2026-11-23", "2026-11-22T23:00:00", "2026-11-23T23:00:00"),
        ("2026-11-23T10:00:00+01:00", "2026-11-23T09:00:00", "2026-11-23T09:00:01"),
        ("2026-11-23T10:00:00-03:30", "2026-11-23T13:30:00", "2026-11-23T13:30:01"),
        ("2026-11-23T10:00:00.5Z", "2026-11-23T10:00:00.500", "2026-11-23T10:00:00.600"),
        ("2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00.123", "2026-11-23T10:00:00.124"),
        ("2026-11-23T10:00:00.123456789Z", "2026-11-23T10:00:00.123456", "2026-11-23T10:00:00.123457"),
        ("2026-11-23T10:00", "2026-11-23T09:00:00", "2026-11-23T09:01:00"),
        ("2026-11-23T10:00Z", "2026-11-23T10:00:00", "2026-11-23T10:01:00"),
    ],
)
def test_an_interval_is_as_wide_as_what_is_written(text, start, end):
    assert parse_interval(text, COPENHAGEN) == (utc(start), utc(end))


def test_a_day_lasts_as_long_as_the_clock_says():
    spring, autumn = (parse_interval(day, COPENHAGEN) for day in ("2026-03-29", "2026-10-25"))
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


def test_a_second_lasts_a_second_also_when_the_clock_is_set_back():
    last = parse_interval("2026-10-25T02:59:59", COPENHAGEN)
    assert last.end - last.start == timedelta(seconds=1)


def test_a_leap_second_is_the_first_of_the_next_minute():
    leap = parse_interval("2026-06-30T23:59:60.5Z", COPENHAGEN)
    assert leap == (utc("2026-07-01T00:00:00"), utc("2026-07-01T00:00:01"))


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-10:00"])
def test_the_end_of_the_calendar_is_an_end(text):
    interval = parse_interval(text, COPENHAGEN)
    assert interval.start < interval.end == datetime.max.replace(tzinfo=UTC)


def test_the_beginning_of_the_calendar_is_a_beginning():
    assert parse_interval("0001-01-01", COPENHAGEN).start == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+14:00"])
def test_what_began_before_the_calendar_has_ended_too(text):
    """A date that was never filled in, as some programs write it: a consent until then is over."""
    assert parse_interval(text, COPENHAGEN).end == datetime.min.replace(tzinfo=UTC) + timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-1",
        "2026-13",
        "2026-02-31",
        "2026-11-23T25:00:00Z",
        "2026-11-23T10",
        "2026-11-23 10:00:00Z",
        "i går",
        "२०२६",
    ],
)
def test_what_is_no_time_is_a_value_error(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_interval(text, COPENHAGEN)


def test_a_moment_keeps_the_offset_it_was_written_with():
    assert to_datetime(parse_datetime("2026-11-23T10:00:00+05:30", COPENHAGEN)) == "2026-11-23T10:00:00+05:30"
    assert to_datetime(parse_datetime("2026-11-23T10:00:00Z", COPENHAGEN)) == "2026-11-23T10:00:00Z"
    assert to_datetime(parse_datetime("2026-11-23", COPENHAGEN)) == "2026-11-23T00:00:00+01:00"


def test_a_whole_date_is_a_date():
    assert parse_date("2026-11-23") == date(2026, 11, 23)
    for text in ("2026", "2026-11", "2026-11-23T10:00:00Z", "2026-02-30", "skov"):
        with pytest.raises(ValueError, match=r".+"):
            parse_date(text)


def test_an_instant_has_milliseconds_and_an_offset():
    moment = datetime(2026, 11, 23, 10, 0, 0, 123999, tzinfo=COPENHAGEN)
    assert to_instant(moment) == "2026-11-23T10:00:00.123+01:00"
    assert to_datetime(moment) == "2026-11-23T10:00:00+01:00"
    assert to_date(utc("2026-11-23T23:30:00"), COPENHAGEN) == "2026-11-24"


def test_an_offset_of_seconds_which_fhir_lacks_becomes_utc():
    assert to_datetime(datetime(1880, 1, 1, tzinfo=COPENHAGEN)) == "1879-12-31T23:09:40Z"


def test_a_naive_time_is_no_moment():
    for write in (to_instant, to_datetime):
        with pytest.raises(ValueError, match="naive"):
            write(datetime(2026, 11, 23))  # noqa: DTZ001 - that is the point.


MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone.
    timezones=st.one_of(
        st.just(UTC),
        st.just(COPENHAGEN),
        st.integers(-839, 839).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    ),
)


@given(MOMENTS)
def test_what_is_written_is_r4_and_reads_back(moment):
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert PRIMITIVES["instant"].test(to_instant(moment))
    assert PRIMITIVES["dateTime"].test(to_datetime(moment))
    assert parse_datetime(to_instant(moment), UTC) == cut.astimezone(UTC)


@given(
    st.from_regex(
        r"20[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8])(T1[0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z)?)?)?",
        fullmatch=True,
    )
)
def test_a_longer_text_lies_within_a_shorter(text):
    whole, year = parse_interval(text, UTC), parse_interval(text[:4], UTC)
    assert year.start <= whole.start < whole.end <= year.end

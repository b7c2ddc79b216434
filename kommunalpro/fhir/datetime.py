"""FHIR's times: what is written is an interval, as wide as it is vague.

`2026` is the whole year, `2026-11-23T10:00:00+01:00` one second. Intervals are half open, `[start, end)`, aware, and in
UTC so that they can be compared and printed alike. Nothing here knows what time it is.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

DENMARK = ZoneInfo("Europe/Copenhagen")
"""Where days are meant, and times that do not say where: who answers half past midnight has answered on that day."""

_TIME = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?",
    re.ASCII,
)


class Interval(NamedTuple):
    """A half-open stretch of time: `start` is in it, `end` is not. Both aware, in UTC."""

    start: datetime
    end: datetime


def parse_interval(text: str, zone: tzinfo = DENMARK) -> Interval:
    """Read a date, dateTime, instant, or a search value (which may lack seconds and zone).

    Args:
        text: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or with `Thh:mm`, `:ss`, `.fff` and `Z` or an offset.
        zone: where days and times without an offset are meant; a day across a change of the clock has 23 or 25 hours.

    Raises:
        ValueError: the text is none of these, or its date or time does not exist.
    """
    match = _match(text)
    start = _start(match, zone)
    return Interval(in_zone(start, UTC), _end(start, match))


def parse_datetime(text: str, zone: tzinfo = DENMARK) -> datetime:
    """Read a dateTime or instant as the moment it begins, with the offset it was written with.

    Whatever R4 takes: Python's own reading knows no leap second, and has no zone for a day or a year.

    Raises:
        ValueError: as `parse_interval`.
    """
    return _start(_match(text), zone)


def parse_date(text: str) -> date:
    """Read a whole date (`YYYY-MM-DD`).

    Raises:
        ValueError: it is not a whole date, or does not exist.
    """
    match = _match(text)
    if match["day"] is None or match["hour"] is not None:
        raise ValueError("Not a whole date")
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def to_instant(moment: datetime) -> str:
    """Write an aware moment as an instant: milliseconds (the rest cut off), and the offset it has.

    Raises:
        ValueError: the moment is naive.
    """
    return _write(moment, "milliseconds")


def to_datetime(moment: datetime) -> str:
    """Write an aware moment as a dateTime: whole seconds (the rest cut off), and the offset it has.

    Raises:
        ValueError: the moment is naive.
    """
    return _write(moment, "seconds")


def to_date(moment: datetime, zone: tzinfo) -> str:
    """Write the day that an aware moment falls on in a zone."""
    return in_zone(moment, zone).date().isoformat()


def in_zone(moment: datetime, zone: tzinfo = DENMARK) -> datetime:
    """Give an aware moment as it is shown in a zone; the ends of the calendar stay where they are.

    What is to hold for ever is often written as the last day there is, and that is later than any clock east of London
    can show.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)


def _write(moment: datetime, precision: str) -> str:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("A naive datetime is no moment")
    if offset % timedelta(minutes=1):
        moment = moment.astimezone(UTC)  # Local mean time before the zones: FHIR has no offsets of seconds.
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def _match(text: str) -> re.Match[str]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("Not a FHIR date or time")
    return match


def _start(match: re.Match[str], zone: tzinfo) -> datetime:
    """Give the moment a text begins. A leap second, which Python does not know, is the first of the next minute."""
    year, month, day, hour, minute, second = (int(match[name] or least) for name, least in _PARTS)
    is_leap = second == 60
    microsecond = 0 if is_leap else int((match["fraction"] or "0").ljust(6, "0")[:6])
    start = datetime(
        year, month, day, hour, minute, 59 if is_leap else second, microsecond, tzinfo=_zone(match["zone"]) or zone
    )
    return _a_second_later(start) if is_leap else start


def _a_second_later(start: datetime) -> datetime:
    try:
        return (start.astimezone(UTC) + timedelta(seconds=1)).astimezone(start.tzinfo)
    except OverflowError:
        return start  # The last second of the calendar has none after it.


_PARTS = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def _zone(written: str | None) -> tzinfo | None:
    if written is None or written == "Z":
        return UTC if written else None
    offset = timedelta(hours=int(written[1:3]), minutes=int(written[4:6]))
    return timezone(-offset if written[0] == "-" else offset)


def _end(start: datetime, match: re.Match[str]) -> datetime:
    """Give the moment the interval ends, in UTC: years, months and days are local, shorter steps are not."""
    try:
        if match["hour"] is None:
            return in_zone(_next_day(start, match), UTC)
        return in_zone(start, UTC) + _step(match)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _next_day(start: datetime, match: re.Match[str]) -> datetime:
    if match["month"] is None:
        return start.replace(year=start.year + 1)
    if match["day"] is None:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + timedelta(days=1)


def _step(match: re.Match[str]) -> timedelta:
    if match["second"] is None:
        return timedelta(minutes=1)
    if match["fraction"] is None or match["second"] == "60":
        return timedelta(seconds=1)
    return timedelta(microseconds=10 ** max(6 - len(match["fraction"]), 0))

"""Moments and lengths of time: as FHIR writes them, and as the Danish clock counts them.

Times of day are Danish wall-clock times: what is at 08 stays at 08 when the clocks change. One that a night does not
have, for the clocks go forward, is an hour later that night, and as long as ever (RFC 5545, 3.3.5). Days and more are
nominal; hours and less are exact, and counted as they pass (RFC 5545, 3.3.6).
"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from kommunalpro.fhir.datetime import DENMARK, in_zone, parse_datetime, parse_interval
from kommunalpro.fhir.json import Json

STEPS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "wk": timedelta(weeks=1),
}
"""How long what is always as long is, the hour by which the clocks change aside."""
LENGTHS = {
    "s": relativedelta(seconds=1),
    "min": relativedelta(minutes=1),
    "h": relativedelta(hours=1),
    "d": relativedelta(days=1),
    "wk": relativedelta(weeks=1),
    "mo": relativedelta(months=1),
    "a": relativedelta(years=1),
}
"""What one of each unit of time moves a moment by."""
OF_THE_CLOCK = frozenset({"s", "min", "h"})
"""Units that are less than a day."""
_HIGHEST = 2**31 - 1
"""The highest integer of R4."""


def is_moment(text: object) -> bool:
    """Tell whether a time says at least the minute, and its time zone."""
    return isinstance(text, str) and "T" in text and (text.endswith("Z") or text[-6:-5] in ("+", "-"))


def begins_at(text: str) -> datetime:
    """Give when a dateTime begins; one without a time zone is Danish."""
    return parse_datetime(text)


def ends_at(text: str) -> datetime:
    """Give when a Period with this end is over: what ends on a day, ends with that day (R4, datatypes.html#Period)."""
    return parse_datetime(text) if "T" in text else parse_interval(text).end


def is_duration(value: Json) -> bool:
    """Tell whether a Duration is one that can be counted: a whole number, not negative, of a unit of time.

    Longer than there are years is long enough; 1e30 days are nothing that anybody means.
    """
    number = value.get("value")
    is_unit = value.get("code") in LENGTHS
    return is_unit and number is not None and 0 <= number <= _HIGHEST and number == int(number)


def later(moment: datetime, duration: Json) -> datetime:
    """Give the moment a Duration after another: hours and less as they pass, days and more on the Danish clock."""
    amount, unit = int(duration["value"]), duration["code"]
    return moved(moment, length_of(amount, unit), unit) if amount else shown(moment)


def later_by(moment: datetime, length: timedelta | relativedelta) -> datetime:
    """Give the moment that is later by some time; the calendar ends where it does, and what lasts for ever with it."""
    try:
        return moment + length
    except (OverflowError, ValueError):  # by days or less, and by years
        return datetime.max.replace(tzinfo=moment.tzinfo)


def local_time(moment: datetime) -> datetime:
    """Give what the Danish clock shows at a moment."""
    return in_zone(moment).replace(tzinfo=None)


def moment_at(local: datetime) -> datetime:
    """Give the moment at which the Danish clock shows this: the first of two, and of none one that hour later.

    Source: RFC 5545, 3.3.5.
    """
    return shown(local.replace(tzinfo=DENMARK).astimezone(UTC))


def shown(moment: datetime) -> datetime:
    """Give a moment with the offset that Denmark has then, and no more.

    Python compares two times of one zone by what the clock shows, so that of two o'clocks in a night one would be lost.
    """
    at = in_zone(moment)
    return at.replace(tzinfo=timezone(at.utcoffset() or timedelta()), fold=0)


def moved(moment: datetime, length: relativedelta, unit: str) -> datetime:
    """Give the moment that is later by a length which was said in this unit."""
    if unit in OF_THE_CLOCK:
        return shown(later_by(in_zone(moment, UTC), length))
    return moment_at(later_by(local_time(moment), length))


def length_of(amount: Decimal | int, unit: str) -> relativedelta:
    """Give so many of a unit."""
    whole, part = divmod(amount, 1)
    # Half an hour may be written as 0.5 h; what half a year is, nobody says.
    rest = timedelta() if unit not in STEPS else STEPS[unit] * float(part)
    return LENGTHS[unit] * int(whole) + relativedelta(microseconds=rest // timedelta(microseconds=1))

"""At what moment a citizen is reminded: at an hour of the Danish day, while the slot is open."""

from datetime import datetime

import pytest

from kommunalpro.fut.deadlines.reminders import Reminding
from kommunalpro.fut.timing import Slot


@pytest.mark.parametrize(
    ("start", "end", "how", "moment"),
    [
        ("2026-11-23T00:00+01:00", "2026-12-07T23:59+01:00", Reminding(), "2026-12-06T10:00+01:00"),
        ("2026-11-23T00:00+01:00", "2026-12-07T23:59+01:00", Reminding(3, 8), "2026-12-04T08:00+01:00"),
        # Until midnight is until the end of the day before.
        ("2026-11-23T00:00+01:00", "2026-11-30T00:00+01:00", Reminding(), "2026-11-28T10:00+01:00"),
        ("2026-11-23T00:00+01:00", "2026-11-30T00:00+01:00", Reminding(0), "2026-11-29T10:00+01:00"),
        ("2026-11-23T00:00+01:00", "2026-11-24T00:00+01:00", Reminding(), "2026-11-23T10:00+01:00"),
        ("2026-11-23T00:00+01:00", "2026-11-24T00:00+01:00", Reminding(0), "2026-11-23T10:00+01:00"),
        ("2026-11-23T00:00+01:00", "2026-11-30T23:59+01:00", Reminding(0), "2026-11-30T10:00+01:00"),
        # Summer time ends on the 25th of October: ten is ten.
        ("2026-10-20T00:00+02:00", "2026-10-26T23:59+01:00", Reminding(), "2026-10-25T10:00+01:00"),
        ("2026-10-20T00:00+02:00", "2026-10-25T23:59+01:00", Reminding(), "2026-10-24T10:00+02:00"),
        # Not open yet the day before: on the day itself.
        ("2026-11-23T00:00+01:00", "2026-11-23T23:59+01:00", Reminding(), "2026-11-23T10:00+01:00"),
        ("2026-11-23T12:00+01:00", "2026-11-24T12:00+01:00", Reminding(), "2026-11-24T10:00+01:00"),
        ("2026-11-23T12:00+01:00", "2026-11-23T20:00+01:00", Reminding(), None),
        ("2026-11-23T10:00+01:00", "2026-11-23T10:00+01:00", Reminding(), None),
        ("2026-11-23T10:00+01:00", "9999-12-31T23:59:59Z", Reminding(), "9999-12-30T10:00+01:00"),
    ],
)
def test_the_day_before_the_last_or_the_first_after_it_on_which_it_is_open(start, end, how, moment):
    slot = Slot("Resolved", datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert how.of(slot) == (datetime.fromisoformat(moment) if moment else None)


def test_what_has_no_time_is_not_reminded_of():
    assert Reminding().of(Slot("Adhoc")) is None

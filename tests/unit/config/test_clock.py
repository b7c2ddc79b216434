"""The clock is asked in one place, and can be set for a whole demo."""

from datetime import UTC, datetime, timedelta

import pytest

from kommunalpro.config.clock import FileClock, SetClock, SystemClock


def test_the_time_is_aware_and_in_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_set_clock_stands_still():
    moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert SetClock(moment).now() == moment


def test_a_file_says_what_time_it_is(tmp_path):
    path = tmp_path / "clock"
    clock = FileClock(path)
    assert abs(clock.now() - SystemClock().now()) < timedelta(minutes=1)
    path.write_text("2026-11-24T10:00:00+01:00\n")
    assert clock.now() == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-24T10:00:00", "tomorrow"])
def test_a_file_without_an_instant_is_refused(tmp_path, text):
    path = tmp_path / "clock"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"zone|Invalid"):
        FileClock(path).now()

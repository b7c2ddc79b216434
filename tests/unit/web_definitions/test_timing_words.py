"""KAM says a timing as a sentence."""

import pytest

from kommunalpro.web.kam.presenters.timing import timing_words

FOR_EVER = ("9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+01:00")
"""How "for ever" is written; some of it is later than a Danish calendar can show."""


@pytest.mark.parametrize(
    ("repeat", "words"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, "hver dag"),
        ({"frequency": 1, "period": 2, "periodUnit": "wk"}, "hver 2. uge"),
        ({"frequency": 3, "period": 1, "periodUnit": "wk"}, "3 gange hver uge"),
        ({"frequency": 1, "dayOfWeek": ["mon"]}, "hver uge om mandagen"),
        (
            {"frequency": 1, "dayOfWeek": ["mon", "wed", "fri"], "timeOfDay": ["08:00:00"]},
            "hver uge om mandagen, onsdagen og fredagen kl. 08.00",
        ),
        (
            {
                "boundsDuration": {"value": 12, "code": "wk"},
                "frequency": 1,
                "period": 2,
                "periodUnit": "wk",
                "duration": 7,
                "durationUnit": "d",
            },
            "hver 2. uge i 12 uger; der kan svares i 7 dage",
        ),
        ({"frequency": 1}, "når det passer, én gang"),
        ({"count": 3, "countMax": 5}, "når det passer, 3 gange"),
        (
            {
                "boundsPeriod": {"start": "2026-11-02", "end": "2027-01-31T23:59:00+01:00"},
                "frequency": 1,
                "period": 1,
                "periodUnit": "mo",
            },
            "hver måned fra 2.11.2026 til 31.1.2027",
        ),
        (
            {
                "boundsPeriod": {"start": "2026-11", "end": "2027"},
                "frequency": 1,
                "period": 1,
                "periodUnit": "mo",
            },
            "hver måned fra 1.11.2026 til 31.12.2027",
        ),
        (
            {
                "boundsPeriod": {"start": "2016-12-31T23:59:60Z"},
                "frequency": 1,
                "period": 1,
                "periodUnit": "d",
            },
            "hver dag fra 1.1.2017",
        ),
        *(
            ({"boundsPeriod": {"end": end}, "frequency": 1, "period": 1, "periodUnit": "d"}, "hver dag til 31.12.9999")
            for end in FOR_EVER
        ),
    ],
)
def test_a_timing_is_a_sentence(repeat: dict, words: str) -> None:
    assert timing_words({"timingTiming": {"repeat": repeat}}) == words


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        ({"timingDateTime": "2026-12-01T08:00:00+01:00"}, "den 1.12.2026 kl. 08.00"),
        (
            {"timingPeriod": {"start": "2026-12-01T08:00:00+01:00", "end": "2026-12-31T12:00:00+01:00"}},
            "fra 1.12.2026 kl. 08.00 til 31.12.2026 kl. 12.00",
        ),
        ({"timingPeriod": {"start": "2026-12-01T07:00:00Z"}}, "fra 1.12.2026 kl. 08.00"),
        ({"timingPeriod": {"start": "2026-12-01", "end": "2026-12-31"}}, "fra 1.12.2026 til 31.12.2026"),
        ({"timingPeriod": {"end": "2027-01-01T00:00:00+01:00"}}, "til 31.12.2026"),
        ({"timingPeriod": {}}, None),
    ],
)
def test_what_is_planned_by_its_date_is_said_by_it(timing: dict, words: str | None) -> None:
    assert timing_words(timing) == words


def test_no_timing_means_that_it_is_decided_when_the_plan_is_sent() -> None:
    assert timing_words({}) is None

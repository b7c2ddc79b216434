"""What staff read about when a citizen may answer: the same moment that the citizen is told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from kommunalpro.care.runs import State
from kommunalpro.care.team_due import TeamDue
from kommunalpro.web.staff.presenters.worklist import due_rows

THURSDAY = datetime.fromisoformat("2026-11-26T12:00+01:00")
BASE = "https://example.org/fhir"


def asked(state: State, opens: str, closes: str) -> TeamDue:
    return TeamDue(
        patient=f"{BASE}/Patient/1",
        patient_name="Nancy Ann Berggren",
        service_request=f"{BASE}/ServiceRequest/1",
        title="Søvn",
        opens=datetime.fromisoformat(opens),
        closes=datetime.fromisoformat(closes),
        state=state,
    )


def row(state: State, opens: str, closes: str) -> str:
    [shown] = due_rows([asked(state, opens, closes)], now=THURSDAY)
    return shown.when


def rows(state: State, opens: str, every: timedelta, count: int) -> list[str]:
    """Give the rows of what is asked again and again, open for one minute."""
    first = asked(state, opens, opens)
    starts = (first.opens + number * every for number in range(count))
    found = [replace(first, opens=each, closes=each + timedelta(minutes=1)) for each in starts]
    return [each.when.replace("\N{NO-BREAK SPACE}", " ") for each in due_rows(found, now=THURSDAY)]


@pytest.mark.parametrize(
    ("closes", "danish", "english"),
    [
        (
            "2026-11-28T08:00+01:00",
            "kan besvares indtil 28. november kl. 8.00",
            "can be answered until 28 November at 8.00",
        ),
        ("2026-11-28T23:59+01:00", "kan besvares til og med 28. november", "can be answered to the end of 28 November"),
        ("2026-11-29T00:00+01:00", "kan besvares til og med 28. november", "can be answered to the end of 28 November"),
        ("2027-01-01T00:00+01:00", "kan besvares til og med 31. december", "can be answered to the end of 31 December"),
        (
            "9999-12-31T23:59:59.999999+00:00",
            "kan besvares til og med 31. december 9999",
            "can be answered to the end of 31 December 9999",
        ),
    ],
)
def test_what_is_open_says_the_last_moment_that_counts(closes, danish, english):
    assert row("open", "2026-11-25T08:00+01:00", closes) == danish
    with translation.override("en"):
        assert row("open", "2026-11-25T08:00+01:00", closes) == english


@pytest.mark.parametrize(
    ("opens", "expected"),
    [
        ("2026-11-30T08:00+01:00", "åbner 30. november kl. 8.00"),
        ("2026-11-30T20:00+01:00", "åbner 30. november kl. 20.00"),
        ("2026-11-30T00:00+01:00", "åbner 30. november"),
        ("2027-01-04T00:00+01:00", "åbner 4. januar 2027"),
    ],
)
def test_two_slots_on_one_day_are_told_apart_by_the_clock(opens, expected):
    assert row("coming", opens, "2027-02-01T00:00+01:00") == expected


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ("2026-11-25T08:00+01:00", "skulle være besvaret 25. november kl. 8.00"),
        ("2026-11-25T00:00+01:00", "skulle være besvaret 24. november"),
        ("2026-11-25T23:59+01:00", "skulle være besvaret 25. november"),
    ],
)
def test_what_was_missed_says_when_it_ended(closes, expected):
    assert row("missed", "2026-11-23T08:00+01:00", closes) == expected


@pytest.mark.parametrize(
    ("state", "opens", "minutes", "count", "danish", "english"),
    [
        (
            "coming",
            "2026-11-27T08:00+01:00",
            1,
            901,
            ["åbner 27. november kl. 8.00–23.00, hvert minut"],
            ["opens 27 November at 8.00–23.00, every minute"],
        ),
        (
            "coming",
            "2026-11-27T00:00+01:00",
            15,
            96,
            ["åbner 27. november kl. 0.00–23.45, hvert 15. minut"],
            ["opens 27 November at 0.00–23.45, every 15 minutes"],
        ),
        (
            "missed",
            "2026-11-25T08:00+01:00",
            120,
            5,
            ["skulle være besvaret 25. november kl. 8.01–16.01, hver 2. time"],
            ["was due 25 November at 8.01–16.01, every 2 hours"],
        ),
        (
            "missed",
            "2026-11-25T23:56+01:00",
            1,
            4,
            ["skulle være besvaret 25. november kl. 23.57–24.00, hvert minut"],
            ["was due 25 November at 23.57–24.00, every minute"],
        ),
        (
            "open",
            "2026-11-26T11:00+01:00",
            1,
            60,
            ["kan besvares 60 gange, første gang indtil 26. november kl. 11.01"],
            ["can be answered 60 times, the first until 26 November at 11.01"],
        ),
    ],
)
def test_many_times_of_one_day_are_one_row(state, opens, minutes, count, danish, english):
    every = timedelta(minutes=minutes)
    assert rows(state, opens, every, count) == danish
    with translation.override("en"):
        assert rows(state, opens, every, count) == english


def test_of_many_days_the_nearest_stand_by_themselves_and_the_rest_is_one_row():
    *near, rest = rows("coming", "2026-12-01T08:00+01:00", timedelta(days=1), 120)
    assert (len(near), near[0]) == (5, "åbner 1. december kl. 8.00")
    assert rest == "åbner 115 gange fra 6. december til 30. marts 2027"
    rest, *near = rows("missed", "2026-11-01T08:00+01:00", timedelta(days=1), 20)
    assert (len(near), near[-1]) == (5, "skulle være besvaret 20. november kl. 8.01")
    assert rest == "skulle være besvaret 15 gange fra 1. november til 15. november"


def test_of_what_was_missed_the_first_to_end_stands_first():
    """A questionnaire that was open for nine days ended after the one that opened that morning."""
    long = asked("missed", "2026-11-15T08:00+01:00", "2026-11-24T20:00+01:00")
    short = replace(asked("missed", "2026-11-22T08:00+01:00", "2026-11-22T20:00+01:00"), service_request="2")
    whens = [each.when.split("besvaret ")[1][:2] for each in due_rows([long, short], now=THURSDAY)]
    assert whens == ["22", "24"]

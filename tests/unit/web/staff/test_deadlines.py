"""What staff read about when a citizen may answer: the same moment that the citizen is told."""

from datetime import datetime

import pytest
from django.utils import translation

from kommunalpro.care.due import State
from kommunalpro.care.team_due import TeamDue
from kommunalpro.web.staff.presenters.worklist import due_row

THURSDAY = datetime.fromisoformat("2026-11-26T12:00+01:00")
BASE = "https://example.org/fhir"


def row(state: State, opens: str, closes: str) -> str:
    due = TeamDue(
        patient=f"{BASE}/Patient/1",
        patient_name="Nancy Ann Berggren",
        service_request=f"{BASE}/ServiceRequest/1",
        title="Søvn",
        opens=datetime.fromisoformat(opens),
        closes=datetime.fromisoformat(closes),
        state=state,
    )
    return due_row(due, now=THURSDAY).when


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

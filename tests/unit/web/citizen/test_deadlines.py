"""What a citizen reads about when to answer: never a day too late, and the time of day unless whole days are meant."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from kommunalpro.care.due import Due
from kommunalpro.care.progress import Progress
from kommunalpro.pro.text import Text
from kommunalpro.web.citizen.presenters.overview import DueCard, overview

THURSDAY = "2026-11-26T12:00+01:00"
BASE = "https://example.org/fhir"


def card(opens: str, closes: str, *, now: str = THURSDAY, plan: str = "Søvn") -> DueCard:
    shown = overview([due(opens, closes, plan=plan)], datetime.fromisoformat(now))
    (only,) = (*shown.now, *shown.later, *shown.missed)
    return only


def until(opens: str, closes: str, *, now: str = THURSDAY) -> str:
    return card(opens, closes, now=now).until.replace("\N{NO-BREAK SPACE}", " ")


def due(opens: str, closes: str, *, plan: str = "Søvn") -> Due:
    return Due(
        patient=f"{BASE}/Patient/1",
        episode_of_care=f"{BASE}/EpisodeOfCare/1",
        care_plan=f"{BASE}/CarePlan/1",
        service_request=f"{BASE}/ServiceRequest/1",
        service_request_version="1",
        timing_type="Resolved",
        slot_start=datetime.fromisoformat(opens),
        slot_end=datetime.fromisoformat(closes),
        requested=1,
        submitted=0,
        questionnaire=f"{BASE}/Questionnaire/1",
        title=Text("Søvn", "Sleep"),
        employee_title="Søvn",
        minutes=5,
        plan_title=plan,
        organization="Demo Kommune",
        closes=datetime.fromisoformat(closes),
    )


@pytest.mark.parametrize(
    ("closes", "danish", "english"),
    [
        (
            "2026-11-28T08:00+01:00",
            "Svar senest lørdag 28. november kl. 8.00",
            "Answer by Saturday 28 November at 8.00",
        ),
        (
            "2026-11-28T07:00+00:00",
            "Svar senest lørdag 28. november kl. 8.00",
            "Answer by Saturday 28 November at 8.00",
        ),
        ("2026-11-28T23:59+01:00", "Svar senest lørdag 28. november", "Answer by Saturday 28 November"),
        ("2026-11-28T23:59:59.999+01:00", "Svar senest lørdag 28. november", "Answer by Saturday 28 November"),
        ("2026-11-29T00:00+01:00", "Svar senest lørdag 28. november", "Answer by Saturday 28 November"),
        ("2026-11-28T23:00+00:00", "Svar senest lørdag 28. november", "Answer by Saturday 28 November"),
        ("2026-11-27T00:00+01:00", "Svar senest i dag", "Answer by today"),
        ("2026-11-26T20:00+01:00", "Svar senest i dag kl. 20.00", "Answer by today at 20.00"),
        ("2027-01-01T00:00+01:00", "Svar senest torsdag 31. december", "Answer by Thursday 31 December"),
        (
            "9999-12-31T23:59:59.999999+00:00",
            "Svar senest fredag 31. december 9999",
            "Answer by Friday 31 December 9999",
        ),
    ],
)
def test_who_answers_when_the_card_says_is_in_time(closes, danish, english):
    assert until("2026-11-25T08:00+01:00", closes) == danish
    with translation.override("en"):
        assert until("2026-11-25T08:00+01:00", closes) == english


@pytest.mark.parametrize(
    ("opens", "expected"),
    [
        ("2026-11-30T08:00+01:00", "Åbner mandag 30. november kl. 8.00"),
        ("2026-11-30T20:00+01:00", "Åbner mandag 30. november kl. 20.00"),
        ("2026-11-30T00:00+01:00", "Åbner mandag 30. november"),
        ("2026-11-26T20:00+01:00", "Åbner i dag kl. 20.00"),
        ("2026-11-27T07:30+01:00", "Åbner i morgen kl. 7.30"),
    ],
)
def test_two_slots_on_one_day_are_told_apart_by_the_clock(opens, expected):
    assert until(opens, "2026-12-07T08:00+01:00") == expected


def test_a_narrow_screen_does_not_tear_the_clock_apart():
    assert "kl.\N{NO-BREAK SPACE}8.00" in card("2026-11-30T08:00+01:00", "2026-12-07T08:00+01:00").until


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("2026-11-24T08:00+01:00", "2026-11-25T08:00+01:00", "Skulle være besvaret onsdag 25. november kl. 8.00"),
        ("2026-11-24T00:00+01:00", "2026-11-25T00:00+01:00", "Skulle være besvaret tirsdag 24. november"),
        ("2026-11-25T00:00+01:00", "2026-11-25T00:00+01:00", "Skulle være besvaret onsdag 25. november"),
        ("2026-11-25T10:00+01:00", "2026-11-25T10:00+01:00", "Skulle være besvaret onsdag 25. november kl. 10.00"),
    ],
    ids=["a time of day", "a whole day", "a moment at midnight", "a moment"],
)
def test_what_was_missed_says_when_it_ended(opens, closes, expected):
    assert until(opens, closes) == expected


def test_midnight_is_the_danish_one_in_summer_too():
    july = "2026-07-01T12:00+02:00"
    assert until("2026-06-30T22:00Z", "2026-07-03T22:00Z", now=july) == "Svar senest fredag 3. juli"
    assert until("2026-07-01T22:00Z", "2026-07-03T22:00Z", now=july) == "Åbner i morgen"


@pytest.mark.parametrize(
    ("plan", "danish", "english"),
    [
        ("Min plan", "Del af Min plan", "Part of Min plan"),
        ("Søvn", "", ""),
        (" søvn ", "", ""),
        ("Sleep", "", ""),
        ("", "", ""),
    ],
)
def test_a_plan_with_a_title_of_its_own_is_told(plan, danish, english):
    asked = ("2026-11-25T08:00+01:00", "2026-11-28T08:00+01:00")
    assert card(*asked, plan=plan).plan == danish
    with translation.override("en"):
        assert card(*asked, plan=plan).plan == english


def asked_again(opens: str, every: timedelta, count: int) -> list[Due]:
    """What is asked again and again, open for one hour."""
    first = due(opens, opens)
    starts = [first.slot_start + number * every for number in range(count) if first.slot_start]
    ends = [each + timedelta(hours=1) for each in starts]
    return [replace(first, slot_start=a, slot_end=b, closes=b) for a, b in zip(starts, ends, strict=True)]


def test_what_is_asked_every_minute_fills_no_page():
    shown = overview(
        asked_again("2026-11-26T08:00+01:00", timedelta(minutes=1), 2000), datetime.fromisoformat(THURSDAY)
    )
    told = [
        [each.until.replace("\N{NO-BREAK SPACE}", " ") for each in some]
        for some in (shown.now, shown.later, shown.missed)
    ]
    assert told == [
        ["Svar senest i dag kl. 12.00. Derefter kan du svare 60 gange til."],
        ["Åbner i dag kl. 12.01–23.59, hvert minut", "Åbner i morgen kl. 0.00–17.19, hvert minut"],
        ["Skulle være besvaret i dag kl. 9.00–11.59, hvert minut"],
    ]
    assert shown.now[0].key.endswith(f".{int(datetime.fromisoformat('2026-11-26T11:00+01:00').timestamp())}")


def test_what_is_asked_every_day_for_long_tells_the_next_days_and_how_many_follow():
    shown = overview(asked_again("2026-11-27T08:00+01:00", timedelta(days=1), 100), datetime.fromisoformat(THURSDAY))
    assert len(shown.later) == 6
    assert shown.later[-1].until == "Åbner 95 gange fra onsdag 2. december til lørdag 6. marts 2027"


def test_of_what_goes_on_after_what_is_told_no_end_is_told():
    asked = asked_again("2026-11-27T08:00+01:00", timedelta(days=1), 120)
    shown = overview([*asked[:-1], replace(asked[-1], goes_on=True)], datetime.fromisoformat(THURSDAY))
    assert shown.later[-1].until == "Åbner jævnligt fra onsdag 2. december"


def test_what_somebody_has_begun_stands_by_itself_among_many():
    found = asked_again("2026-11-26T11:30+01:00", timedelta(minutes=1), 20)
    begun = replace(found[9], draft=uuid4(), progress=Progress(answered=9, questions=30, topics_begun=4, topics=10))
    shown = overview([*found[:9], begun, *found[10:]], datetime.fromisoformat(THURSDAY))
    assert [each.draft for each in shown.now] == [None, str(begun.draft)]


COMING = ("2026-12-02T08:00+01:00", "2026-12-03T08:00+01:00")


def origins(*asked: Due) -> list[str]:
    return [each.origin for each in overview(asked, datetime.fromisoformat(THURSDAY)).later]


def test_of_two_that_are_called_the_same_each_says_where_it_is_from():
    """Nancy follows two plans that both ask how she sleeps."""
    heart = replace(due(*COMING, plan="Hjerte"), service_request=f"{BASE}/ServiceRequest/2")
    assert origins(due(*COMING), heart) == ["Fra Demo Kommune", "Del af Hjerte · Fra Demo Kommune"]


def test_what_is_asked_twice_by_the_same_plan_needs_no_telling_apart():
    again = due("2026-12-09T08:00+01:00", "2026-12-10T08:00+01:00")
    assert origins(due(*COMING), again) == ["", ""]


def test_about_what_was_missed_each_that_sent_it_can_be_asked():
    missed = due("2026-11-20T08:00+01:00", "2026-11-21T08:00+01:00")
    another = replace(missed, service_request=f"{BASE}/ServiceRequest/2", organization="Anden Kommune")
    shown = overview([missed, another, missed], datetime.fromisoformat(THURSDAY))
    assert shown.missed_senders == "Demo Kommune eller Anden Kommune"


def test_what_closes_first_stands_first_and_what_never_does_last():
    """Nancy is asked to answer by tonight, by Friday next week, and whenever it suits her."""
    next_week = replace(due("2026-11-20T08:00+01:00", "2026-12-04T08:00+01:00", plan="Uge"), service_request="1")
    tonight = replace(due("2026-11-26T08:00+01:00", "2026-11-26T20:00+01:00", plan="Dag"), service_request="2")
    adhoc = replace(tonight, slot_start=None, slot_end=None, closes=None, plan_title="Altid", service_request="3")
    shown = overview([adhoc, next_week, tonight], datetime.fromisoformat(THURSDAY))
    assert [card.plan for card in shown.now] == ["Del af Dag", "Del af Uge", "Del af Altid"]


def test_what_may_be_answered_whenever_one_likes_later_on_opens_then():
    tonight = due("2026-11-26T08:00+01:00", "2026-11-26T20:00+01:00")
    opens = datetime.fromisoformat("2027-01-25T08:00+01:00")
    later = replace(tonight, slot_start=None, slot_end=None, closes=None, opens=opens)
    shown = overview([later], datetime.fromisoformat(THURSDAY))
    assert (shown.now, [card.until for card in shown.later]) == ((), ["Åbner mandag 25. januar 2027 kl.\xa08.00"])

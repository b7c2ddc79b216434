"""Saying when: every choice becomes an occurrence that the infrastructure resolves to the slots that were meant."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from kommunalpro.care.sending import EveryWeeks, Now, OnDate, occurrence, sendable_plans
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.occurrences import occurrence_problems
from kommunalpro.fut.timing import resolve
from tests.unit.care.world import MONDAY

TODAY = date(2026, 11, 23)


def _slots(when, *, days=120):
    return [
        (slot.start.isoformat(), slot.end.isoformat())
        for slot in resolve(occurrence(when, MONDAY), MONDAY - timedelta(days=1), MONDAY + timedelta(days=days))
        if slot.start and slot.end
    ]


def test_now_is_one_slot_from_this_moment_to_the_last_minute_of_the_last_day():
    assert _slots(Now(days=14)) == [("2026-11-23T10:00:00+01:00", "2026-12-07T23:59:00+01:00")]


def test_a_date_is_one_slot_from_its_midnight():
    assert _slots(OnDate(date(2026, 12, 1), days=3)) == [("2026-12-01T00:00:00+01:00", "2026-12-04T23:59:00+01:00")]


def test_every_second_week_keeps_the_weekday_of_the_first_date():
    found = _slots(EveryWeeks(2, date(2026, 11, 26), date(2026, 12, 31), days=7))
    assert [start[:10] for start, _ in found] == ["2026-11-26", "2026-12-10", "2026-12-24"]
    assert found[0][1] == "2026-12-03T00:00:00+01:00"


def test_slots_of_a_weekly_questionnaire_never_overlap():
    found = _slots(EveryWeeks(1, date(2026, 11, 23), date(2026, 12, 31), days=14))
    assert all(end <= following for (_, end), (following, _) in pairwise(found))


def test_midnight_stays_midnight_when_the_clocks_change():
    winter = datetime(2026, 3, 20, 9, tzinfo=UTC)
    occurs = occurrence(EveryWeeks(1, date(2026, 3, 23), date(2026, 4, 10)), winter)
    starts = [slot.start.isoformat() for slot in resolve(occurs, winter, winter + timedelta(days=30)) if slot.start]
    assert starts == ["2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "2026-04-06T00:00:00+02:00"]


@pytest.mark.parametrize("when", [Now(), OnDate(TODAY), EveryWeeks(4, TODAY, TODAY + timedelta(days=90))])
def test_every_choice_keeps_the_infrastructures_rules_for_timing(when):
    assert list(occurrence_problems(occurrence(when, MONDAY))) == []


@pytest.mark.parametrize(
    "when",
    [
        Now(days=0),
        OnDate(TODAY - timedelta(days=1)),
        EveryWeeks(2, TODAY - timedelta(days=1), TODAY + timedelta(days=9)),
        EveryWeeks(2, TODAY + timedelta(days=9), TODAY),
        EveryWeeks(0, TODAY, TODAY + timedelta(days=9)),
        EveryWeeks(53, TODAY, TODAY + timedelta(days=9)),
    ],
)
def test_a_time_that_cannot_come_is_refused(when):
    with pytest.raises(RuleBroken):
        occurrence(when, MONDAY)


@pytest.mark.parametrize("gone", ["questionnaire", "activity"])
def test_what_has_been_taken_out_of_use_is_offered_no_more(world, gone):
    lis = world.staff["lis"].principal
    definition = world.gateway.read(getattr(world.published, gone), by=lis, now=MONDAY)
    retired = {**definition, "status": "retired"}
    world.gateway.update(retired, if_match=definition["meta"]["versionId"], by=lis, now=MONDAY)
    assert sendable_plans(world.gateway, by=world.asta, now=MONDAY) == ()


def test_only_published_plans_with_one_questionnaire_are_offered(world):
    (plan,) = sendable_plans(world.gateway, by=world.asta, now=MONDAY)
    assert plan.plan == world.published.plan
    assert plan.questionnaire == world.published.questionnaire

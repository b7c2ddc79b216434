"""Unexpected measurements: what came when nobody had asked is taken in, and somebody is asked what it is about."""

from datetime import date, timedelta

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.sending import AsPlanned, EveryWeeks, send
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, LATER, Asked, answers, asked_of, bundle_of
from tests.gateway.deadlines import all_of, tasks
from tests.gateway.test_apply import another_plan
from tests.unit.care.world import MONDAY

UNEXPECTED = "UnexpectedMeasurementResolving"


def sent(asked, timing, now=LATER):
    """Answer at a resolved timing; gives the Tasks about what was not expected."""
    response = asked.response(answers(GOOD))
    asked.submit(bundle_of({**response, "extension": [response["extension"][0], timing]}), now=now)
    return tasks(asked.nancy.world, UNEXPECTED)


def test_what_was_asked_for_is_expected_in_time_and_late(asked):
    assert sent(asked, asked.timing()) == []
    assert sent(asked, asked.timing(), now=asked.due.slot_end + timedelta(days=2)) == []


@pytest.mark.parametrize("type", ["Adhoc", "Extra", "Unresolved"])
def test_a_kind_of_time_that_was_not_asked_for_is_unexpected(asked, type):
    timing = asked.timing(type, start=None, end=None)
    [task] = sent(asked, timing)
    [response] = all_of(asked.nancy.world, "QuestionnaireResponse")
    assert task["focus"]["reference"].endswith(f"/QuestionnaireResponse/{response['id']}")
    assert (task["status"], task["priority"]) == ("requested", "routine")
    assert task["for"] == {"reference": asked.nancy.patient}
    assert extension(task, ehealth.RESOLVED_TIMING) == timing
    assert len(tasks(asked.nancy.world, "MeasurementForAssessment")) == 1, "and it is assessed as any other"


def test_a_slot_that_is_none_of_the_request_is_unexpected(asked):
    earlier = asked.due.slot_start - timedelta(hours=3)
    assert len(sent(asked, asked.timing(start=earlier))) == 1
    assert len(sent(asked, asked.timing(end=asked.due.slot_end - timedelta(days=1)))) == 2


def test_a_slot_that_has_not_begun_is_unexpected(nancy):
    nancy.gets(EveryWeeks(weeks=1, first=date(2026, 11, 23), until=date(2026, 12, 20), days=3))
    due = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    now, next_week = (Asked(nancy, each) for each in due[:2])
    assert sent(now, now.timing()) == []
    assert len(sent(next_week, next_week.timing())) == 1


def test_what_was_asked_for_before_the_request_was_changed_is_still_expected(asked):
    world, url = asked.nancy.world, asked.due.service_request
    current = world.gateway.read(url, by=SYSTEM, now=MONDAY)
    moved = {**current["occurrencePeriod"], "end": "2026-12-24T20:00:00+01:00"}
    version = current["meta"]["versionId"]
    world.gateway.update({**current, "occurrencePeriod": moved}, if_match=version, by=SYSTEM, now=MONDAY)
    assert sent(asked, asked.timing()) == []
    assert len(sent(asked, asked.timing(version="3"))) == 1, "the slot of the new version ends later"


def test_what_came_before_it_was_asked_for_leaves_the_rest_to_be_asked(asked):
    """Of three that may be given at any time from a day on, two are left for then."""
    world, url = asked.nancy.world, asked.due.service_request
    current = world.gateway.read(url, by=SYSTEM, now=MONDAY)
    kept = {name: each for name, each in current.items() if not name.startswith("occurrence")}
    opens = MONDAY + timedelta(days=60)
    later = {"repeat": {"boundsPeriod": {"start": opens.isoformat()}, "count": 3}}
    version = current["meta"]["versionId"]
    world.gateway.update({**kept, "occurrenceTiming": later}, if_match=version, by=SYSTEM, now=MONDAY)
    assert len(sent(asked, asked.timing("Adhoc", "3", start=None, end=None))) == 1
    for now, state in ((LATER, "coming"), (opens - timedelta(days=5), "coming"), (opens, "open")):
        [due] = due_for(world.gateway, asked.nancy.patient, by=asked.nancy.self, now=now)
        assert (due.submitted, due.requested, due.state(now)) == (1, 3, state)


def test_a_version_that_was_a_draft_yet_asked_for_nothing(nancy):
    """It has the regime of its definition, which no beginning was given yet."""
    repeat = {"frequency": 1, "period": 1, "periodUnit": "wk", "duration": 3, "durationUnit": "d"}
    world = nancy.world
    plan = another_plan(world, lambda plan: plan["action"][0].update(timingTiming={"repeat": repeat}))
    send(world.gateway, nancy.patient, nancy.episode, plan, AsPlanned(MONDAY.date()), by=world.asta, now=MONDAY)
    first = Asked(nancy, due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)[0])
    assert sent(first, first.timing()) == []
    assert len(sent(first, first.timing(version="1"))) == 1
    assert tasks(world, "MeasurementForAssessmentFailureInAutoProcessing") == []


def test_extra_is_expected_where_the_activity_takes_it(asked):
    world, url = asked.nancy.world, asked.due.service_request
    current = world.gateway.read(url, by=SYSTEM, now=MONDAY)
    others = [each for each in current["extension"] if each["url"] != ehealth.INCLUDE_AS_EXTRA]
    changed = {**current, "extension": [*others, {"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": True}]}
    world.gateway.update(changed, if_match=current["meta"]["versionId"], by=SYSTEM, now=MONDAY)
    assert sent(asked_of(asked.nancy), asked.timing("Extra", "3", start=None, end=None)) == []


def test_a_leap_second_is_no_end_of_any_slot_and_no_failure_either(asked):
    timing = asked.timing()
    timing["extension"][2]["valueDateTime"] = "2026-12-07T23:59:60+01:00"
    assert len(sent(asked, timing)) == 1
    assert tasks(asked.nancy.world, "MeasurementForAssessmentFailureInAutoProcessing") == []

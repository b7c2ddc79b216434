"""Times that are moved: what is to come follows them, and what has been was asked for as it stood then."""

from datetime import timedelta

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.team_due import team_due
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import in_zone, parse_datetime, to_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.parameters import parameters, parts
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, Asked, answers, bundle_of
from tests.gateway.deadlines import round_at, tasks
from tests.unit.care.world import MONDAY

DAY = timedelta(days=1)
THURSDAY = MONDAY + 3 * DAY
"""MONDAY is a Monday at ten; what opens at eight is open for two hours."""
SUNDAY = MONDAY - DAY


def comes(asked, hours, now, lasts=2):
    """Let what is asked for come every day at some hours, for two hours, from now on."""
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    stored = gateway.read(url, by=SYSTEM, now=now)
    regime = {"frequency": 1, "period": 1, "periodUnit": "d"}
    regime |= {"duration": lasts, "durationUnit": "h"} if lasts else {}
    bounds = {"start": to_datetime(SUNDAY), "end": "2026-12-20"}
    timing = {"repeat": {"boundsPeriod": bounds, **regime, "timeOfDay": [f"{hour:02}:00:00" for hour in hours]}}
    timed = {name: each for name, each in stored.items() if not name.startswith("occurrence")}
    changed = {**timed, "occurrenceTiming": timing}
    return gateway.update(changed, if_match=stored["meta"]["versionId"], by=SYSTEM, now=now)


@pytest.fixture
def moved(asked):
    """What came every day at eight comes at 18 from Thursday at ten on; on Tuesday it was answered."""
    comes(asked, (8,), MONDAY)
    tuesday = MONDAY + DAY - timedelta(hours=1)
    [due] = [each for each in _due(asked, tuesday) if each.state(tuesday) == "open"]
    of_that_day = Asked(asked.nancy, due)
    of_that_day.submit(bundle_of(of_that_day.response(answers(GOOD))), now=tuesday)
    comes(asked, (18,), THURSDAY + timedelta(minutes=1))
    return asked


def _due(asked, now):
    return due_for(asked.nancy.world.gateway, asked.nancy.patient, by=asked.nancy.self, now=now)


def _shown(moment):
    return in_zone(moment).strftime("%d. %H")


def rows(asked, now):
    """Give the rows from Monday to Saturday: when, by which version, how many are asked for and have come."""
    span = (("start", MONDAY - timedelta(hours=10)), ("end", MONDAY + 5 * DAY))
    given = [{"name": name, "valueDateTime": to_datetime(at)} for name, at in span]
    whose = {"name": "patient", "valueReference": {"reference": asked.nancy.patient}}
    gateway = asked.nancy.world.gateway
    answer = gateway.operation("$get-patient-procedures", parameters(whose, *given), by=asked.nancy.self, now=now)
    [table] = resources(answer, "Parameters")
    found = [parts(each) for each in table["parameter"]]
    return [
        (
            _shown(parse_datetime(each["ResolvedTimingStart"])),
            each["ServiceRequestVersionId"],
            each["OccurrencesRequested"],
            each["TotalSubmitted"],
        )
        for each in found
    ]


def test_each_slot_is_told_with_the_version_that_asked_for_it(moved):
    assert rows(moved, THURSDAY + DAY) == [
        ("24. 08", "3", 1, 1),
        ("25. 08", "3", 1, 0),
        ("26. 08", "3", 1, 0),
        ("26. 18", "4", 1, 0),
        ("27. 18", "4", 1, 0),
    ]


def test_what_ended_in_a_pause_or_before_it_began_is_no_row(asked):
    comes(asked, (8,), SUNDAY)
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    for status, at in (("on-hold", MONDAY + DAY), ("active", MONDAY + 2 * DAY)):
        stored = gateway.read(url, by=SYSTEM, now=at)
        version = stored["meta"]["versionId"]
        gateway.update({**stored, "status": status}, if_match=version, by=SYSTEM, now=at + timedelta(minutes=1))
    assert [row[0] for row in rows(asked, THURSDAY)] == ["24. 08", "26. 08", "27. 08", "28. 08"]


def test_the_citizen_and_the_team_are_told_of_what_was_asked_for_then_and_now(moved):
    now = THURSDAY + timedelta(hours=2)
    mine = [(_shown(each.slot_start), each.state(now)) for each in _due(moved, now)]
    ours = [
        (_shown(each.opens), each.state)
        for each in team_due(moved.nancy.world.gateway, by=moved.nancy.world.asta, now=now)
    ]
    for found in (mine, ours):
        assert found[:3] == [("25. 08", "missed"), ("26. 08", "missed"), ("26. 18", "coming")]


def test_what_was_missed_before_is_a_task_that_names_the_version_of_then(moved):
    round_at(THURSDAY + DAY)
    found = [extension(each, ehealth.RESOLVED_TIMING) for each in tasks(moved.nancy.world)]
    told = [
        (_shown(parse_datetime(extension_value(each, "start"))), extension_value(each, "serviceRequestVersionId"))
        for each in found
    ]
    assert sorted(told) == [("25. 08", "3"), ("26. 08", "3"), ("26. 18", "4")]


def test_when_the_worker_looks_makes_no_difference(moved):
    for hours in range(0, 49, 3):
        round_at(THURSDAY + timedelta(hours=hours))
    found = [extension_value(extension(each, ehealth.RESOLVED_TIMING), "start") for each in tasks(moved.nancy.world)]
    assert sorted(_shown(parse_datetime(each)) for each in found) == ["25. 08", "26. 08", "26. 18", "27. 18"]


def test_the_citizen_is_told_of_no_more_than_the_server_when_slots_have_no_length(asked):
    """06 closed when 08 opened, though 18 is the next time now."""
    comes(asked, (6, 8), MONDAY, lasts=0)
    comes(asked, (18,), THURSDAY - timedelta(hours=1), lasts=0)
    soon = THURSDAY - timedelta(minutes=30)
    mine = [(_shown(each.slot_start), each.state(soon)) for each in _due(asked, soon)]
    world = asked.nancy.world
    ours = [(_shown(each.opens), each.state) for each in team_due(world.gateway, by=world.asta, now=soon)]
    assert [each for each in mine if each[0].startswith("26.")] == [("26. 06", "missed"), ("26. 18", "coming")]
    assert mine[:7] == ours[:7]


def test_a_late_answer_to_a_time_of_then_closes_its_task(moved):
    round_at(THURSDAY + DAY)
    [due] = [each for each in _due(moved, THURSDAY + DAY) if _shown(each.slot_start) == "25. 08"]
    late = Asked(moved.nancy, due)
    late.submit(bundle_of(late.response(answers(GOOD))), now=THURSDAY + DAY)
    closed = [each for each in tasks(moved.nancy.world) if each["status"] == "completed"]
    assert [
        _shown(parse_datetime(extension_value(extension(each, ehealth.RESOLVED_TIMING), "start"))) for each in closed
    ] == ["25. 08"]
    assert tasks(moved.nancy.world, "UnexpectedMeasurementResolving") == [], "it was asked for"


def test_nobody_writes_what_was_asked_for_then(moved):
    gateway, url = moved.nancy.world.gateway, moved.due.service_request
    stored = gateway.read(url, by=SYSTEM, now=THURSDAY + DAY)
    others = [each for each in stored["extension"] if each["url"] != ehealth.SERVICEREQUEST_TIMING_HISTORY]
    forgotten = gateway.update({**stored, "extension": others}, if_match="4", by=SYSTEM, now=THURSDAY + DAY)
    assert [*extensions(forgotten, ehealth.SERVICEREQUEST_TIMING_HISTORY)] == [
        *extensions(stored, ehealth.SERVICEREQUEST_TIMING_HISTORY)
    ]


def test_what_changes_besides_the_times_makes_no_history(asked):
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    stored = gateway.read(url, by=SYSTEM, now=THURSDAY)
    code = {**stored["code"], "text": "Et andet navn"}
    renamed = gateway.update({**stored, "code": code}, if_match="2", by=SYSTEM, now=THURSDAY)
    assert [*extensions(renamed, ehealth.SERVICEREQUEST_TIMING_HISTORY)] == []


def test_what_is_being_answered_when_it_is_moved_is_taken_in_as_asked_for(asked):
    comes(asked, (8,), MONDAY)
    nine = MONDAY + DAY - timedelta(hours=1)
    [due] = [each for each in _due(asked, nine) if each.state(nine) == "open"]
    begun = Asked(asked.nancy, due)
    comes(asked, (18,), nine)
    begun.submit(bundle_of(begun.response(answers(GOOD))), now=nine + timedelta(minutes=5))
    assert tasks(asked.nancy.world, "UnexpectedMeasurementResolving") == []
    evening = [_shown(each.slot_start) for each in _due(asked, nine) if each.slot_start.date() == nine.date()]
    assert evening == ["24. 18"], "and the new time is asked for besides"

"""What a ServiceRequest asked for before its times were changed is kept with it, and told by the times of then."""

from datetime import datetime, timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone
from kommunalpro.fhir.extension import extensions
from kommunalpro.fut.timing import most_slots, resolve, slot_at
from kommunalpro.fut.timing_history import with_timing_history
from tests.unit.care.world import MONDAY

DAY = timedelta(days=1)


def request(hour=None, version="1", status="active", **more):
    """Make a request of two hours every day; `hour` None: it is asked at no time."""
    bounds = {"start": "2026-11-23T00:00:00+01:00"}
    repeat = {
        "boundsPeriod": bounds,
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
        "duration": 2,
        "durationUnit": "h",
    }
    asked = {"occurrenceTiming": {"repeat": {**repeat, "timeOfDay": [f"{hour:02}:00:00"]}}} if hour is not None else {}
    meta = {"versionId": version, "lastUpdated": "2026-11-22T00:00:00.000Z"}
    return {"resourceType": "ServiceRequest", "status": status, "meta": meta, **asked, **more}


def changed(previous, hour, days):
    """Change the times some days after that Monday at ten."""
    version = str(int(previous["meta"]["versionId"]) + 1)
    return with_timing_history(request(hour, version), previous, MONDAY + timedelta(days=days))


def told(request, days=4):
    found = resolve(request, MONDAY - timedelta(hours=10), MONDAY + timedelta(days=days))
    return [(in_zone(each.start).strftime("%a %H") if each.start else each.type, each.version) for each in found]


def test_times_that_come_back_are_asked_for_as_long_as_they_stood():
    there_and_back = changed(changed(request(8), 18, 1.5), 8, 2.5)
    assert told(there_and_back) == [
        ("Mon 08", "1"),
        ("Tue 08", "1"),
        ("Wed 18", "2"),
        ("Thu 08", None),
        ("Fri 08", None),
    ]


def test_many_slots_that_were_open_when_the_times_were_moved_are_counted_no_more():
    """Every minute, open for two weeks, was a slip: once a month is asked since, and a week is told again."""
    slip = request(8)
    repeat = {"period": 1, "periodUnit": "min", "frequency": 1, "duration": 14, "durationUnit": "d"}
    bounds = slip["occurrenceTiming"]["repeat"]["boundsPeriod"]
    slip["occurrenceTiming"] = {"repeat": {**repeat, "boundsPeriod": bounds}}
    start, end = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    assert most_slots(slip, start, end) > 20_000
    mended = with_timing_history(request(8, "2"), slip, MONDAY + timedelta(days=6))
    assert most_slots(mended, start, end) < 20
    assert {each.version for each in resolve(mended, start, end)} == {None}


def test_what_had_closed_when_the_times_were_moved_is_counted_and_told():
    hourly = request(8)
    repeat = {"period": 1, "periodUnit": "h", "frequency": 1, "duration": 4, "durationUnit": "h"}
    bounds = hourly["occurrenceTiming"]["repeat"]["boundsPeriod"]
    hourly["occurrenceTiming"] = {"repeat": {**repeat, "boundsPeriod": bounds}}
    moved = with_timing_history(request(18, "2"), hourly, MONDAY)  # at ten: those from midnight to six had closed
    start, end = MONDAY - timedelta(hours=10), MONDAY
    assert [each.start.hour for each in resolve(moved, start, end) if each.version == "1"] == [*range(7)]
    assert most_slots(moved, start, end) >= 7


def test_a_slot_that_had_closed_after_a_year_stays_also_where_it_began_on_a_leap_day():
    yearly = request(8)
    repeat = {"period": 1, "periodUnit": "d", "frequency": 1, "duration": 1, "durationUnit": "a"}
    bounds = {"start": "2028-02-25T08:00:00+01:00"}
    yearly["occurrenceTiming"] = {"repeat": {**repeat, "boundsPeriod": bounds}}
    leap_day, moved_at = (datetime.fromisoformat(each) for each in ("2028-02-29T08:00+01:00", "2029-02-28T12:00+01:00"))
    moved = with_timing_history(request(8, "2"), yearly, moved_at)
    told_then = [each.start for each in resolve(moved, moved_at - DAY, moved_at) if each.version == "1"]
    assert slot_at(moved, leap_day).version == "1"
    assert leap_day in told_then


def test_a_slot_belongs_to_the_times_that_stood_when_it_closed():
    moved_within = changed(request(9), 18, 0)
    assert told(moved_within, days=1) == [("Mon 18", None)], "what was open then is moved"
    moved_into = changed(request(18), 9, 0)
    assert told(moved_into, days=0.5) == [("Mon 09", None)], "what is open still, is asked for"


def without_length(hours, previous=None):
    """Make a request of times every day that do not say how long they are open; moved an hour past Monday noon."""
    version = str(int(previous["meta"]["versionId"]) + 1) if previous else "1"
    made = request(8, version)
    repeat = dict(made["occurrenceTiming"]["repeat"], timeOfDay=[f"{hour:02}:00:00" for hour in hours])
    del repeat["duration"], repeat["durationUnit"]
    made["occurrenceTiming"] = {"repeat": repeat}
    return with_timing_history(made, previous, MONDAY + timedelta(hours=3)) if previous else made


def test_what_the_new_times_ask_for_anew_is_asked_for_once():
    """08 closed at 12, and is open till 18 again."""
    assert told(without_length((8, 18), without_length((8, 12))), days=0.5) == [("Mon 08", None), ("Mon 18", None)]
    longer = request(8, "2")
    longer["occurrenceTiming"]["repeat"]["duration"] = 4
    lengthened = with_timing_history(longer, request(8), MONDAY + timedelta(minutes=30))
    assert told(lengthened, days=0.5) == [("Mon 08", None)]


def test_what_closed_by_the_next_of_then_is_closed_by_it_still():
    [first, *_] = resolve(without_length((18,), without_length((6, 8))), MONDAY - DAY / 2, MONDAY + DAY / 2)
    assert (in_zone(first.start).hour, in_zone(first.closes).hour, first.version) == (6, 8, "1")


def test_what_may_be_answered_at_any_time_is_asked_for_now_alone():
    assert told(changed(request(8), None, 1.5)) == [("Mon 08", "1"), ("Tue 08", "1"), ("Unresolved", None)]
    assert told(changed(request(), 8, 1.5), days=2) == [("Wed 08", None)]


@pytest.mark.parametrize("status", ["draft", "on-hold"])
def test_what_was_never_active_has_asked_for_nothing(status):
    history = [
        {
            "url": ehealth.SERVICEREQUEST_STATUS_HISTORY,
            "extension": [
                {"url": "status", "valueCodeableConcept": {"coding": [{"code": status}]}},
                {"url": "period", "valuePeriod": {"start": "2026-11-22T00:00:00Z"}},
            ],
        }
    ]
    begins = changed(request(8, status=status, extension=history), 18, 1)
    assert not any(extensions(begins, ehealth.SERVICEREQUEST_TIMING_HISTORY))


def test_what_a_client_says_of_it_is_not_kept():
    forged = {"url": ehealth.SERVICEREQUEST_TIMING_HISTORY, "extension": []}
    assert with_timing_history(request(8, extension=[forged]), None, MONDAY) == request(8, extension=[])


@pytest.mark.parametrize("hours", range(0, 96, 5))
def test_no_more_slots_are_found_than_are_counted_and_each_is_found_by_its_beginning(hours):
    there_and_back = changed(changed(request(8), 18, 1.5), 8, 2.5)
    start, end = MONDAY - timedelta(hours=10), MONDAY + timedelta(hours=hours)
    found = list(resolve(there_and_back, start, end))
    assert len(found) <= most_slots(there_and_back, start, end)
    assert [slot_at(there_and_back, each.start) for each in found] == found

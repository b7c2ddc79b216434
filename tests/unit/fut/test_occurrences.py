"""When a request may be asked for: FUT's matrix, line by line, and by which code it is told what is wrong."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.occurrences import occurrence_problems, planned_problems, regime_problems
from kommunalpro.fut.profiles.plans import service_request_problems
from kommunalpro.fut.timing import bounded, resolve
from tests.unit.fut.test_timing import recurring

TIMING, NONE = "GENERAL_TIMING_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"
DAILY = {"period": 1, "periodUnit": "d"}


def told(issues):
    return [(each.coding[1], each.expression) for each in issues]


@pytest.mark.parametrize(
    ("repeat", "problem"),
    [
        ({"dayOfWeek": ["mon"]}, None),
        ({"dayOfWeek": ["mon"], "period": 1, "periodUnit": "d"}, None),
        ({"dayOfWeek": ["mon"], "period": 3, "periodUnit": "wk"}, None),
        ({"dayOfWeek": ["mon"], "period": 1, "periodUnit": "mo"}, "days of the week"),
        ({"dayOfWeek": ["mon"], "periodUnit": "mo"}, "days of the week"),
        ({"dayOfWeek": ["mon"], "period": 1, "periodUnit": "h"}, "days of the week"),
        ({"dayOfWeek": ["mon"], "period": 2, "periodUnit": "d"}, "days of the week"),
        ({"timeOfDay": ["08:00:00"], "period": 2, "periodUnit": "mo"}, None),
        ({"timeOfDay": ["08:00:00"], "period": 6, "periodUnit": "h"}, "times of day"),
        ({"period": 0, "periodUnit": "d"}, "positive whole number"),
        ({"period": 1, "periodUnit": "s"}, "periodUnit"),
        ({"periodUnit": "d"}, "period and periodUnit go together"),
        ({**DAILY, "duration": 2}, "duration and durationUnit"),
        ({**DAILY, "durationUnit": "h"}, "duration and durationUnit"),
        *(({**DAILY, "duration": 2, "durationUnit": unit}, None) for unit in ("s", "min", "h", "d", "wk", "a")),
        ({**DAILY, "duration": 2, "durationUnit": "mo"}, "durationUnit is one of"),
        ({"count": 4, "countMax": 6}, None),
        ({"countMax": 4}, "countMax needs count"),
        ({**DAILY, "count": 4}, "not by a count"),
        ({**DAILY, "count": 4, "countMax": 6}, "not by a count"),
        ({"dayOfWeek": ["mon"], "count": 4}, "not by a count"),
        ({"timeOfDay": ["08:00:00"]}, "times of day go with"),
    ],
)
def test_the_matrix_of_regimes(repeat, problem):
    found = list(occurrence_problems(recurring(**repeat)))
    assert {each.coding[1] for each in found} <= {TIMING}
    assert not found if problem is None else any(problem in each.diagnostics for each in found)


AD_HOC, WEEKDAYS = {}, {"dayOfWeek": ["mon", "thu"]}
FIELDS = {
    "boundsDuration": {"value": 3, "code": "wk"},
    "boundsRange": {"low": {"value": 1}},
    "count": 3,
    "countMax": 5,
    "duration": 2,
    "durationMax": 3,
    "frequency": 2,
    "frequencyMax": 4,
    "period": 2,
    "periodMax": 3,
    "dayOfWeek": ["tue"],
    "timeOfDay": ["10:00:00"],
    "when": ["MORN"],
    "offset": 30,
}
WITH = {
    "countMax": {"count": 3},
    "duration": {"durationUnit": "h"},
    "durationMax": {"duration": 2, "durationUnit": "h"},
    "period": {"periodUnit": "wk"},
}
"""What a field goes with."""
KEPT = {
    "ad hoc": {"count", "countMax", "duration", "frequency", "period", "dayOfWeek"},
    "by a period": {"duration", "frequency", "period", "dayOfWeek", "timeOfDay"},
    "on days of the week": {"duration", "frequency", "period", "dayOfWeek", "timeOfDay"},
}
UNTIMED = {("ad hoc", "duration"), ("ad hoc", "countMax")}
"""What the matrix has and no slot shows: what may be answered at any time is open for no time, and is not closed."""


@pytest.mark.parametrize(("kind", "base"), [*zip(KEPT, (AD_HOC, DAILY, WEEKDAYS), strict=True)])
@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_regime_is_kept_in_its_slots_or_refused(kind, base, name):
    """What is accepted is kept: nobody is asked for something else than the regime says."""
    start, end = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    plain = recurring(**base)
    request = recurring(**{**base, **WITH.get(name, {}), name: FIELDS[name]})
    repeat = request["occurrenceTiming"]["repeat"]
    if name.startswith("bounds"):
        del repeat["boundsPeriod"]
    found = told(occurrence_problems(request))
    assert {code for code, _ in found} == (set() if name in KEPT[kind] else {TIMING})
    planned = told(planned_problems({"timingTiming": request["occurrenceTiming"]}, "ActivityDefinition.timing"))
    assert bool(planned) == (bool(found) and name != "boundsDuration")
    if not found and (kind, name) not in UNTIMED:
        assert [*resolve(request, start, end)] != [*resolve(plain, start, end)]


@pytest.mark.parametrize(
    ("repeat", "requested"),
    [
        ({"count": 3, "frequency": 2}, [3]),
        ({"frequency": 2}, [2]),
        ({**DAILY, "frequency": 2, "timeOfDay": ["08:00:00", "20:00:00"]}, [1, 1]),
        ({**DAILY, "timeOfDay": ["08:00:00", "20:00:00"]}, [1, 1]),
        ({**DAILY, "frequency": 3, "timeOfDay": ["08:00:00", "20:00:00"]}, [3, 3]),
        ({**DAILY, "frequency": 2, "timeOfDay": ["08:00:00"]}, [2]),
    ],
)
def test_a_frequency_is_of_each_slot_or_says_how_many_times_of_day_there_are(repeat, requested):
    day = datetime(2026, 10, 13, tzinfo=UTC), datetime(2026, 10, 14, tzinfo=UTC)
    assert [each.requested for each in resolve(recurring(**repeat), *day)] == requested


@pytest.mark.parametrize(
    ("timing", "place"),
    [
        ({}, "repeat"),
        ({"repeat": {"period": 1, "periodUnit": "d"}}, "repeat"),
        *(
            ({"repeat": {**DAILY, "frequency": 1, "boundsDuration": lasts}}, "repeat.boundsDuration")
            for lasts in ({"value": 3}, {"value": 0, "code": "d"}, {"value": 1.5, "code": "wk"})
        ),
    ],
)
def test_what_could_never_be_sent_is_refused_when_it_is_published(timing, place):
    assert told(planned_problems({"timingTiming": timing}, "ActivityDefinition.timing")) == [
        (TIMING, f"ActivityDefinition.timing.{place}")
    ]


@pytest.mark.parametrize(
    ("repeat", "is_told"),
    [
        ({"period": 1, "periodUnit": "min", "duration": 1, "durationUnit": "d"}, True),
        ({"period": 1, "periodUnit": "min", "duration": 2, "durationUnit": "d"}, False),
        ({"period": 1, "periodUnit": "h", "duration": 12, "durationUnit": "wk"}, False),
        ({"period": 1, "periodUnit": "d", "duration": 1, "durationUnit": "a"}, True),
        ({"dayOfWeek": ["mon", "tue"], "duration": 10, "durationUnit": "a"}, True),
        ({"period": 1, "periodUnit": "min", "duration": Decimal("1E+400"), "durationUnit": "s"}, False),
        ({"period": 10**400, "periodUnit": "a", "duration": 100, "durationUnit": "a"}, True),
    ],
)
def test_so_many_slots_as_nobody_can_be_told_are_not_open_at_once(repeat, is_told):
    """Else one slip of a unit would hide all that a citizen is asked."""
    found = [each.diagnostics for each in occurrence_problems(recurring(**{"frequency": 1, **repeat}))]
    assert (not found) if is_told else ["at most 2000 are open at once" in each for each in found] == [True]


@pytest.mark.parametrize("name", ["code", "event"])
@pytest.mark.parametrize("base", [AD_HOC, DAILY])
def test_what_stands_beside_a_regime_and_says_when_as_well_is_refused(name, base):
    """R4 has a code for twice a day, and moments by their dates; the matrix has a regime alone."""
    request = recurring(**base)
    beside = {"code": {"coding": [{"code": "BID"}]}, "event": ["2026-12-01T08:00:00+01:00"]}[name]
    request["occurrenceTiming"][name] = beside
    assert told(occurrence_problems(request)) == [(TIMING, f"ServiceRequest.occurrence.{name}")]
    planned = told(planned_problems({"timingTiming": request["occurrenceTiming"]}, "ActivityDefinition.timing"))
    assert planned == [(TIMING, f"ActivityDefinition.timing.{name}")]


@pytest.mark.parametrize(
    ("timing", "place"),
    [
        ({"timingPeriod": {"start": "2026-12-01T08:00:00+01:00", "end": "2026-12-31"}}, None),
        ({"timingPeriod": {"start": "2026-12-01"}}, ".start"),
        ({"timingPeriod": {"end": "2026-12-01T08:00:00+01:00"}}, ".start"),
        ({"timingDateTime": "2026-12-01T08:00:00+01:00"}, None),
        ({"timingDateTime": "2026-12"}, ""),
        ({"timingDuration": {"value": 3, "code": "d"}}, ""),
        ({"timingRange": {"low": {"value": 1, "code": "d"}}}, ""),
        ({"timingAge": {"value": 70, "code": "a"}}, ""),
    ],
)
def test_a_definition_says_when_as_a_request_can(timing, place):
    """What cannot be asked for is refused when it is published, and not left out when it is sent."""
    expected = [] if place is None else [(TIMING, f"ActivityDefinition.timing{place}")]
    assert told(planned_problems(timing, "ActivityDefinition.timing")) == expected


def test_what_a_definition_says_of_its_own_days_is_kept_when_it_is_sent():
    own = {"start": "2027-01-04T08:00:00+01:00", "end": "2027-02-01T08:00:00+01:00"}
    timing = {"repeat": {**DAILY, "frequency": 1, "boundsPeriod": own}}
    assert bounded(timing, datetime(2026, 12, 1, tzinfo=UTC))["repeat"]["boundsPeriod"] == own
    later = bounded(timing, datetime(2027, 1, 11, 7, tzinfo=UTC))["repeat"]["boundsPeriod"]
    assert later == {**own, "start": "2027-01-11T08:00:00+01:00"}


def test_a_request_that_was_taken_before_can_still_be_ended():
    """What was taken by the checks of its time stays; what is changed is judged."""
    stored = {"resourceType": "ServiceRequest", "status": "active", **recurring(count=3, **DAILY)}
    ended = {**stored, "status": "completed"}
    assert list(service_request_problems(ended, stored)) == []
    assert told(service_request_problems({**ended, **recurring(count=4, **DAILY)}, stored))
    assert told(service_request_problems(stored, {**stored, "status": "draft"}))


@pytest.mark.parametrize("status", ["draft", "active"])
@pytest.mark.parametrize(
    ("name", "values"), [("dayOfWeek", ["mon", None]), ("timeOfDay", ["08:00:00", None]), ("timeOfDay", ["08:00:60"])]
)
def test_a_day_or_time_that_is_not_said_or_does_not_come_again_is_refused_from_the_draft_on(name, values, status):
    """R4 has null for what has an extension alone: nobody could say when that is, and nobody could answer."""
    request = recurring(**{"dayOfWeek": ["mon"], "timeOfDay": ["08:00:00"], name: values})
    found = told(service_request_problems({"resourceType": "ServiceRequest", **request, "status": status}))
    assert found == [(TIMING, f"ServiceRequest.occurrence.repeat.{name}")]
    assert told(regime_problems(request["occurrenceTiming"], "ActivityDefinition.timing"))[0][0] == TIMING


@pytest.mark.parametrize("name", ["period", "duration"])
@pytest.mark.parametrize(
    ("unit", "most"), [("min", 52_596_000), ("h", 876_600), ("d", 36_525), ("wk", 5_217), ("mo", 1_200), ("a", 100)]
)
def test_nothing_is_apart_or_lasts_longer_than_can_be_counted(name, unit, most):
    """What is a hundred years can be looked for, and what is more is refused from the draft on."""
    request = recurring(**{**DAILY, name: most, f"{name}Unit": unit})
    start, end = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC)
    assert len(list(resolve(request, start, end))) == (1 if name == "period" else 3)
    assert list(regime_problems(request["occurrenceTiming"], "ServiceRequest.occurrence")) == []
    request = recurring(**{**DAILY, name: most + 1, f"{name}Unit": unit})
    draft = {"resourceType": "ServiceRequest", **request, "status": "draft"}
    assert told(service_request_problems(draft)) == [(TIMING, f"ServiceRequest.occurrence.repeat.{name}")]


@pytest.mark.parametrize("start", [None, "2026-10-12", "2026-10-12T08:00:00"])
def test_a_regime_begins_at_a_minute_in_a_time_zone(start):
    request = recurring(**DAILY)
    request["occurrenceTiming"]["repeat"]["boundsPeriod"] = {"start": start} if start else {}
    place = "ServiceRequest.occurrence.repeat.boundsPeriod.start"
    assert told(occurrence_problems(request)) == [(TIMING, place)]


@pytest.mark.parametrize(
    ("occurrence", "place"),
    [
        ({"occurrenceDateTime": "2026-10-12"}, "ServiceRequest.occurrence"),
        ({"occurrencePeriod": {"end": "2026-10-12T08:00:00+02:00"}}, "ServiceRequest.occurrence.start"),
    ],
)
def test_a_moment_and_a_period_begin_at_a_minute_too(occurrence, place):
    assert told(occurrence_problems(occurrence)) == [(TIMING, place)]


def test_a_recurring_regime_says_how_often():
    request = recurring(**DAILY)
    del request["occurrenceTiming"]["repeat"]["frequency"]
    assert told(occurrence_problems(request)) == [(TIMING, "ServiceRequest.occurrence.repeat")]


@pytest.mark.parametrize("end", ["2026", "2026-12", "2026-12-31"])
def test_a_vague_end_is_compared_by_what_it_includes(end):
    assert list(occurrence_problems(recurring(end=end, **DAILY))) == []
    for earlier in ("2025", "2026-10-01T08:00:00+02:00"):
        assert told(occurrence_problems(recurring(end=earlier, **DAILY)))[0][0] == TIMING


@pytest.mark.parametrize("status", ["active", "on-hold", "completed"])
def test_without_an_occurrence_it_is_told_that_there_is_none(status):
    assert told(service_request_problems({"resourceType": "ServiceRequest", "status": status})) == [
        (NONE, "ServiceRequest.occurrence")
    ]


def test_what_is_to_become_active_needs_an_occurrence_already():
    scheduled = {
        "url": ehealth.SERVICEREQUEST_STATUS_SCHEDULE,
        "extension": [
            {"url": "status", "valueCode": "active"},
            {"url": "scheduledTime", "valueDateTime": "2026-12-01T08:00:00+01:00"},
        ],
    }
    request = {"resourceType": "ServiceRequest", "status": "draft", "extension": [scheduled]}
    assert told(service_request_problems(request)) == [(NONE, "ServiceRequest.occurrence")]
    assert list(service_request_problems({**request, **recurring(**DAILY)})) == []

"""When a request may be asked for: FUT's matrix, line by line, and by which code it is told what is wrong."""

from datetime import UTC, datetime

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.occurrences import occurrence_problems, regime_problems
from kommunalpro.fut.profiles.plans import service_request_problems
from kommunalpro.fut.timing import resolve
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
    ],
)
def test_the_matrix_of_regimes(repeat, problem):
    found = list(occurrence_problems(recurring(**repeat)))
    assert {each.coding[1] for each in found} <= {TIMING}
    assert not found if problem is None else any(problem in each.diagnostics for each in found)


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

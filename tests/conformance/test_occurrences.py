"""When something is to be asked for, at the FHIR door: the same code, whoever finds what is wrong with it."""

import pytest

from kommunalpro.fhir import ehealth
from tests.conformance.test_course_of_care import clinic, episode, nancy
from tests.resources import service_request

__all__ = ["clinic", "episode", "nancy"]

TIMING, NONE = "GENERAL_TIMING_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"
BOUNDS = {"boundsPeriod": {"start": "2026-10-12T08:00:00+02:00"}}
DAILY = {**BOUNDS, "frequency": 1, "period": 1, "periodUnit": "d"}
TO_BE_ACTIVE = {
    "url": ehealth.SERVICEREQUEST_STATUS_SCHEDULE,
    "extension": [
        {"url": "status", "valueCode": "active"},
        {"url": "scheduledTime", "valueDateTime": "2030-12-01T08:00:00+01:00"},
    ],
}


@pytest.fixture
def validated(system, nancy, episode):
    """Ask what is wrong with a request in Nancy's course of care, made by some changes; its extensions are added to."""
    made = service_request("x", "y", subject={"reference": nancy})
    made["extension"][0]["valueReference"] = {"reference": episode}

    def ask(*extensions, **changes):
        request = {name: each for name, each in made.items() if not name.startswith("occurrence")}
        request["extension"] = [*request["extension"], *extensions]
        return system("POST", "/ServiceRequest/$validate", {**request, **changes}).json["issue"]

    return ask


def codes(issues):
    return [coding["code"] for each in issues for coding in each["details"].get("coding", ())]


@pytest.mark.parametrize(
    "repeat",
    [
        {**BOUNDS, "countMax": 4},
        {**DAILY, "duration": 2},
        {**DAILY, "durationUnit": "h"},
        {**DAILY, "duration": 2, "durationUnit": "mo"},
        {**BOUNDS, "frequency": 1, "dayOfWeek": ["mon"], "period": 1, "periodUnit": "mo"},
        {**DAILY, "boundsPeriod": {**BOUNDS["boundsPeriod"], "end": "2026-10-01T08:00:00+02:00"}},
        {**DAILY, "boundsPeriod": {"start": "2026-10-12T08:00"}},
        {**DAILY, "frequency": 0},
    ],
)
def test_a_regime_that_cannot_be_kept_has_the_code_of_times(validated, repeat):
    assert TIMING in codes(validated(status="active", occurrenceTiming={"repeat": repeat}))


def test_without_a_time_what_is_active_or_is_to_be_has_the_code_of_having_none(validated):
    assert NONE in codes(validated(status="active"))
    assert NONE in codes(validated(TO_BE_ACTIVE, status="draft"))


def test_a_regime_that_can_be_kept_has_no_code_of_times(validated):
    found = codes(validated(status="active", occurrenceTiming={"repeat": DAILY}))
    assert not {TIMING, NONE} & set(found)

"""`$submit-measurement`: the slot that is answered, when it was answered and sent, and what no clock may say."""

from datetime import timedelta

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.history import responses_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from tests.gateway.answering import GOOD, LATER, answers, bundle_of
from tests.gateway.looking import refusal

INVALID_TIMING = "MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING"


@pytest.mark.parametrize(
    ("type", "slot"),
    [("Resolved", {"end": None}), ("Resolved", {"start": None, "end": None}), ("Adhoc", {})],
)
def test_a_time_that_does_not_say_what_it_must_is_refused(asked, type, slot):
    response = asked.response(answers(GOOD))
    response["extension"][1] = asked.timing(type, **slot)
    assert [code for code, _, _ in refusal(asked, response)] == [INVALID_TIMING]


def test_a_kind_of_time_that_there_is_not_is_refused(asked):
    response = asked.response(answers(GOOD))
    response["extension"][1] = asked.timing("Sometime")
    codes = [code for code, _, _ in refusal(asked, response)]
    assert codes == ["GENERAL_VALIDATION_ERROR", INVALID_TIMING]


def test_what_is_from_days_ahead_is_refused(asked):
    ahead = to_datetime(LATER + timedelta(days=2))
    found = refusal(asked, asked.response(answers(GOOD), authored=ahead))
    assert [(code, path.rpartition(".")[2]) for code, path, _ in found] == [("KPRO_SUBMIT_TIME", "authored")]
    assert asked.submit(bundle_of(asked.response(answers(GOOD), authored=to_datetime(LATER + timedelta(hours=2)))))


@pytest.mark.parametrize("hours", [(48, 49), (0, 48)])
def test_answers_given_days_ahead_are_refused_however_it_is_said(asked, hours):
    """A response is found by when it was answered (`ehealth-effectivePeriod`), which need not be when it was sent."""
    start, end = (to_datetime(LATER + timedelta(hours=each)) for each in hours)
    response = asked.response(answers(GOOD))
    others = [each for each in response["extension"] if each["url"] != ehealth.EFFECTIVE_PERIOD]
    period = {"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": {"start": start, "end": end}}
    response["extension"] = [*others, period]
    found = refusal(asked, response)
    assert [(code, path.rpartition(".")[2]) for code, path, _ in found] == [("KPRO_SUBMIT_TIME", "extension")]


@pytest.mark.parametrize(
    "authored", ["2016-12-31T23:59:60Z", "2026-11-01T10:00:00.1234567+01:00", "0001-01-01T00:00:00+01:00"]
)
def test_whatever_time_r4_has_can_be_read_again(asked, authored):
    """A leap second, finer than a microsecond, the first hour of the calendar: a response can never be put right."""
    assert asked.submit(bundle_of(asked.response(answers(GOOD), authored=authored)))
    nancy, world = asked.nancy, asked.nancy.world
    by = world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    [past] = responses_of(world.gateway, nancy.patient, by=by, now=LATER)
    assert past.authored == parse_datetime(authored)
    assert due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER) == ()

"""Answers that are begun and asked for no more: a pause, or times that are moved, hide nothing from their writer."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.due import BACK, due_for
from kommunalpro.care.half_written import half_written
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fut.contexts import SYSTEM
from tests.people import TJOERN
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def draft(world, nancy):
    nancy.gets()
    [due] = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    draft = drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER).id
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    return draft


def become(world, url, **fields):
    stored = world.gateway.read(url, by=SYSTEM, now=LATER)
    world.gateway.update({**stored, **fields}, if_match=stored["meta"]["versionId"], by=SYSTEM, now=LATER)


def shown(citizen, now=LATER):
    by, gateway = citizen.self, citizen.world.gateway
    due = due_for(gateway, citizen.patient, by=by, now=now)
    found = half_written(gateway, citizen.patient, due, by=by, now=now)
    return [(each.draft, each.can_be_sent) for each in found]


def request_of(nancy):
    [due] = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    return due.service_request


def test_what_is_asked_for_stands_there_and_not_besides(nancy, draft):
    assert shown(nancy) == []


def test_in_a_pause_it_is_kept_and_can_be_sent_when_that_is_over(world, nancy, draft):
    request = request_of(nancy)
    become(world, request, status="on-hold")
    assert shown(nancy) == [(draft, False)]
    become(world, request, status="active")
    assert shown(nancy) == []


def test_when_its_times_are_moved_it_can_be_sent_all_the_same(world, nancy, draft):
    start, end = (to_datetime(MONDAY + timedelta(days=days)) for days in (20, 21))
    become(world, request_of(nancy), occurrencePeriod={"start": start, "end": end})
    assert shown(nancy) == [(draft, True)]


@pytest.mark.parametrize("status", ["completed", "revoked"])
def test_what_has_ended_is_not_gone_on_with(world, nancy, draft, status):
    become(world, request_of(nancy), status=status)
    assert shown(nancy) == []


def test_it_is_told_as_long_as_what_was_missed_is(world, nancy, draft):
    become(world, request_of(nancy), status="on-hold")
    assert shown(nancy, LATER + BACK) == [(draft, False)], "its slot ended after LATER"
    assert shown(nancy, LATER + BACK + timedelta(days=30)) == []


def test_opened_and_not_answered_is_nothing_to_keep(world, nancy, draft):
    become(world, request_of(nancy), status="on-hold")
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [], by=nancy.self, now=LATER)
    assert shown(nancy) == []


def test_nobody_elses_is_told(world, nancy, draft):
    become(world, request_of(nancy), status="on-hold")
    assert shown(world.enrol(TJOERN)) == []

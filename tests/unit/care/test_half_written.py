"""Answers that are begun and asked for no more: a pause, a moved time, or an end hides nothing from their writer."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts, half_written
from kommunalpro.care.due import BACK, due_for
from kommunalpro.care.half_written import KEPT
from kommunalpro.care.models import Draft
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fut.contexts import SYSTEM
from tests.people import TJOERN
from tests.unit.care.world import MONDAY, REQUIRED

LATER = MONDAY + timedelta(hours=2)


def only(nancy):
    [due] = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    return due


def begin(nancy, due):
    draft = drafts.open_draft(nancy.world.gateway, due, by=nancy.self, now=LATER).id
    drafts.save_answer(nancy.world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    return draft


@pytest.fixture
def due(nancy):
    nancy.gets()
    return only(nancy)


@pytest.fixture
def draft(nancy, due):
    return begin(nancy, due)


@pytest.fixture
def parts(nancy, due, draft):
    """What must be active for it to be asked."""
    return {"request": due.service_request, "plan": due.care_plan, "course": nancy.episode}


def become(world, url, **fields):
    stored = world.gateway.read(url, by=SYSTEM, now=LATER)
    world.gateway.update({**stored, **fields}, if_match=stored["meta"]["versionId"], by=SYSTEM, now=LATER)


def move(world, due):
    start, end = (to_datetime(MONDAY + timedelta(days=days)) for days in (20, 21))
    become(world, due.service_request, occurrencePeriod={"start": start, "end": end})


def shown(citizen, now=LATER):
    by, gateway = citizen.self, citizen.world.gateway
    due = due_for(gateway, citizen.patient, by=by, now=now)
    found = half_written.half_written(gateway, citizen.patient, due, by=by, now=now)
    return [(each.draft, each.why) for each in found]


def test_what_is_asked_for_stands_there_and_not_besides(nancy, draft):
    assert shown(nancy) == []


@pytest.mark.parametrize(("part", "pause"), [("request", "on-hold"), ("plan", "on-hold"), ("course", "onhold")])
def test_in_a_pause_it_is_kept_however_long_that_lasts(world, nancy, draft, parts, part, pause):
    become(world, parts[part], status=pause)
    assert shown(nancy) == [(draft, "paused")]
    assert shown(nancy, LATER + 4 * BACK) == [(draft, "paused")]
    become(world, parts[part], status="active")
    assert shown(nancy) == []


def test_when_its_time_is_moved_it_is_told_as_long_as_what_was_missed_is(world, nancy, due, draft):
    move(world, due)
    assert shown(nancy) == [(draft, "moved")]
    assert shown(nancy, LATER + 2 * BACK) == []


@pytest.mark.parametrize(
    ("part", "end"),
    [
        ("request", "completed"),
        ("request", "revoked"),
        ("plan", "completed"),
        ("plan", "revoked"),
    ],
)
def test_what_was_withdrawn_is_not_gone_on_with(world, nancy, draft, parts, part, end):
    become(world, parts[part], status=end)
    assert shown(nancy) == []


@pytest.mark.parametrize("end", ["finished", "cancelled"])
def test_when_the_course_of_care_is_over_it_can_be_sent_or_deleted(world, nancy, draft, parts, end):
    become(world, parts["course"], status=end)
    assert shown(nancy) == [(draft, "over")]
    assert shown(nancy, LATER + 2 * BACK) == [], "what was missed long ago is not sent as an answer of today"


@pytest.mark.parametrize("course", ["active", "finished"])
def test_what_was_answered_in_another_way_is_not_told_to_wait(world, nancy, due, draft, course):
    """Another solution of hers has sent the answers to the same."""
    Draft.objects.filter(pk=draft).update(slot_start="", slot_end="")
    second = begin(nancy, due)
    Draft.objects.filter(pk=draft).update(slot_start=due.slot_start.isoformat(), ordinal=2)
    drafts.save_answers(world.gateway, second, REQUIRED, by=nancy.self, now=LATER)
    drafts.submit(world.gateway, second, by=nancy.self, now=LATER)
    Draft.objects.filter(pk=draft).update(slot_end=due.slot_end.isoformat())
    if course != "active":
        become(world, nancy.episode, status=course)
    assert shown(nancy) == []


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, "open"),
        ({"request": "on-hold"}, "paused"),
        ({"plan": "on-hold", "course": "finished"}, "over"),
        ({"plan": "revoked", "course": "finished"}, "withdrawn"),
    ],
)
def test_the_page_of_all_answers_and_the_first_page_are_told_the_same(world, nancy, draft, parts, changes, standing):
    for part, status in changes.items():
        become(world, parts[part], status=status)
    opened = drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER)
    assert half_written.read_standing(world.gateway, opened, by=nancy.self, now=LATER) == standing
    told = {"open": [], "withdrawn": []}.get(standing, [(draft, standing)])
    assert shown(nancy) == told


def test_what_perhaps_was_sent_is_not_said_not_to_be(world, nancy, due, draft):
    move(world, due)
    Draft.objects.filter(pk=draft).update(sending_until=LATER - timedelta(minutes=1))
    assert shown(nancy) == []


def test_opened_and_not_answered_is_nothing_to_keep(world, nancy, due, draft):
    move(world, due)
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [], by=nancy.self, now=LATER)
    assert shown(nancy) == []


def test_after_a_year_it_is_not_told_any_more(world, nancy, draft, parts):
    become(world, parts["request"], status="on-hold")
    assert shown(nancy, LATER + KEPT + timedelta(days=1)) == []


def test_one_that_cannot_be_read_keeps_nobody_from_their_page(world, nancy, due, draft, monkeypatch):
    def fails(*arguments, **named):
        raise BadRequest("Det kunne vi ikke læse.")

    move(world, due)
    monkeypatch.setattr(half_written, "read_definition", fails)
    assert shown(nancy) == []


def test_the_last_that_was_written_stands_first_and_nobody_elses_is_told(world, nancy, due, draft):
    nancy.gets(now=LATER)
    second = next(
        each for each in due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER) if each.draft is None
    )
    later = begin(nancy, second)
    Draft.objects.filter(pk=later).update(changed_at=LATER + timedelta(minutes=5))
    for each in (due, second):
        move(world, each)
    assert [draft for draft, _why in shown(nancy, LATER + timedelta(hours=1))] == [later, draft]
    assert shown(world.enrol(TJOERN)) == []

"""A plan that the citizen follows already is not sent a second time unless somebody says so."""

from datetime import timedelta

import pytest

from kommunalpro.care import planning
from kommunalpro.care.already_sent import AlreadySent, running_plans
from kommunalpro.care.due import due_for
from kommunalpro.care.publishing import take_into_use
from kommunalpro.care.sending import EveryWeeks, Now, OnDate, send
from kommunalpro.care.withdrawing import read_sent, withdraw
from kommunalpro.fhir.bundle import transaction, update_entry
from kommunalpro.fut.contexts import SYSTEM
from tests.people import TJOERN
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(days=3)
WEEKLY = EveryWeeks(1, MONDAY.date(), MONDAY.date() + timedelta(weeks=30), days=3)


def sends(nancy, plan=None, *, now=LATER, **how):
    world = nancy.world
    plan = plan or world.published.plan
    return send(world.gateway, nancy.patient, nancy.episode, plan, Now(), by=world.asta, now=now, **how)


def running(nancy, plan=None, *, now=LATER):
    world = nancy.world
    plan = plan or world.published.plan
    return running_plans(world.gateway, nancy.patient, nancy.episode, plan, by=world.asta, now=now)


def asked(nancy, *, now=LATER):
    return due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=now)


def sent_plan(nancy):
    """The one plan that Nancy was sent, as it is stored, and Asta in its course of care."""
    world = nancy.world
    within = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    return read_sent(world.gateway, asked(nancy)[0].care_plan, by=within, now=LATER), within


def turns_course(citizen, status):
    gateway = citizen.world.gateway
    course = gateway.read(citizen.episode, by=SYSTEM, now=LATER)
    gateway.update({**course, "status": status}, if_match=course["meta"]["versionId"], by=SYSTEM, now=LATER)


def taken_into_use(world, plan, how):
    """Take the next version of a plan into use, or a copy."""
    lis = world.staff["lis"].principal
    made = planning.clone(world.gateway, plan, how, by=lis, now=MONDAY)
    draft = world.gateway.read(made, by=lis, now=MONDAY)
    planning.set_status(world.gateway, draft, "active", draft["meta"]["versionId"], by=lis, now=MONDAY)
    return made


def test_what_is_waited_for_already_is_not_sent_again_by_mistake(nancy):
    nancy.gets()
    with pytest.raises(AlreadySent) as refused:
        sends(nancy)
    [known] = refused.value.running
    assert (known.title, known.since, known.is_paused) == ("Hverdagen med kronisk sygdom", MONDAY, False)
    assert known.teams == ("Sundhedscenter Nord",)
    assert len(asked(nancy)) == 1, "nothing was sent"


def test_it_is_sent_again_by_whoever_says_so(nancy):
    nancy.gets()
    sends(nancy, beside=[each.care_plan for each in running(nancy)])
    assert len(asked(nancy)) == 2
    assert [each.since for each in running(nancy)] == [MONDAY, LATER], "the oldest first"


def test_who_said_so_once_is_asked_again_when_that_was_sent(nancy):
    nancy.gets()
    known = [each.care_plan for each in running(nancy)]
    sends(nancy, beside=known)
    with pytest.raises(AlreadySent) as refused:
        sends(nancy, beside=known)
    assert len(refused.value.running) == 2


def test_another_version_of_the_plan_is_the_same_plan(nancy):
    nancy.gets()
    newer = taken_into_use(nancy.world, nancy.world.published.plan, "minor-version")
    with pytest.raises(AlreadySent):
        sends(nancy, newer)


def test_a_plan_of_its_own_that_asks_the_same_counts_as_long_as_that_is_asked(nancy):
    nancy.gets()
    copy = taken_into_use(nancy.world, nancy.world.published.plan, "copy")
    assert [each.is_another for each in running(nancy, copy)] == [True]
    assert [each.is_another for each in running(nancy)] == [False]
    nancy.answers({})
    assert running(nancy, copy) == ()


def test_the_plan_that_a_new_version_of_the_questionnaire_is_published_with_asks_the_same(nancy):
    nancy.gets()
    world, lis = nancy.world, nancy.world.staff["lis"].principal
    made = planning.clone(world.gateway, world.published.questionnaire, "minor-version", by=lis, now=MONDAY)
    draft = world.gateway.read(made, by=lis, now=MONDAY)
    version = draft["meta"]["versionId"]
    newer = take_into_use(world.gateway, draft, version, without_lights=True, by=lis, now=MONDAY)
    with pytest.raises(AlreadySent):
        sends(nancy, newer.plan)


def test_a_plan_that_asks_something_else_is_another(nancy):
    item = {"linkId": "smokes", "type": "boolean", "text": "Ryger du?"}
    nancy.is_asked({"resourceType": "Questionnaire", "status": "draft", "title": "Rygning", "item": [item]})
    assert len(asked(nancy)) == 1
    assert running(nancy) == ()


def test_what_opens_on_a_later_day_counts(nancy):
    nancy.gets(OnDate(LATER.date() + timedelta(days=90)))
    assert len(running(nancy)) == 1


def test_between_two_answers_a_series_goes_on(nancy):
    nancy.gets(WEEKLY)
    nancy.answers({})
    assert len(running(nancy, now=MONDAY + timedelta(days=5))) == 1


def test_what_was_answered_or_is_over_may_be_asked_again_before_the_next_talk(nancy):
    nancy.gets()
    nancy.answers({})
    assert running(nancy) == (), "answered"
    nancy.gets(now=LATER)
    assert len(running(nancy)) == 1
    assert running(nancy, now=LATER + timedelta(days=30)) == (), "over"


def test_what_was_withdrawn_may_be_sent_anew(nancy):
    nancy.gets()
    plan, within = sent_plan(nancy)
    url = asked(nancy)[0].care_plan
    withdraw(nancy.world.gateway, url, version=plan["meta"]["versionId"], by=within, now=LATER)
    assert running(nancy) == ()


def test_what_is_paused_counts_and_is_said_to_be(nancy):
    nancy.gets()
    plan, within = sent_plan(nancy)
    paused = update_entry({**plan, "status": "on-hold"}, if_match=plan["meta"]["versionId"])
    nancy.world.gateway.transaction(transaction([paused]), by=within, now=LATER)
    [known] = running(nancy)
    assert known.is_paused


def test_what_is_asked_in_another_course_of_care_is_asked_of_the_same_citizen(nancy):
    nancy.gets()
    here = nancy.world.enrol(nancy.person)
    [known] = running(here)
    assert known.is_elsewhere
    assert not running(nancy)[0].is_elsewhere


def test_what_a_course_of_care_asked_that_has_ended_may_be_asked_anew(nancy):
    nancy.gets()
    here = nancy.world.enrol(nancy.person)
    turns_course(nancy, "finished")
    assert running(here) == ()


def test_a_course_of_care_that_is_paused_asks_again(nancy):
    nancy.gets()
    here = nancy.world.enrol(nancy.person)
    turns_course(nancy, "onhold")
    [known] = running(here)
    assert known.is_paused


def test_what_is_over_is_not_asked_again_by_the_end_of_a_pause(nancy):
    nancy.gets()
    here = nancy.world.enrol(nancy.person)
    turns_course(nancy, "onhold")
    assert running(here, now=LATER + timedelta(days=30)) == ()


def test_another_citizens_plan_is_no_ones_but_theirs(world, nancy):
    world.enrol(TJOERN).gets()
    assert running(nancy) == ()

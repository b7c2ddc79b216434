"""Withdrawing what was sent: the citizen is asked no more, and what was answered stays."""

from datetime import timedelta
from functools import partial

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from kommunalpro.care.history import responses_of
from kommunalpro.care.sending import EveryWeeks
from kommunalpro.care.team_due import team_due
from kommunalpro.care.withdrawing import read_sent, withdraw
from kommunalpro.fhir.outcome import Forbidden, Gone, NotFound, PreconditionFailed
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(days=1)
WEEKLY = EveryWeeks(1, MONDAY.date(), MONDAY.date() + timedelta(weeks=8), days=3)


@pytest.fixture
def asked(nancy):
    """What Nancy is asked, every week."""
    nancy.gets(WEEKLY)
    return due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=MONDAY)


def read(nancy, plan, *, by=None):
    world = nancy.world
    return read_sent(world.gateway, plan, by=within(nancy, by or world.asta), now=LATER)


def within(nancy, who):
    return nancy.seen_by(who).within(episode_of_care=nancy.episode)


def withdrawn(nancy, plan, *, version=None, by=None):
    world = nancy.world
    version = version or read(nancy, plan)["meta"]["versionId"]
    withdraw(world.gateway, plan, version=version, by=within(nancy, by or world.asta), now=LATER)


def test_neither_the_citizen_nor_the_team_waits_for_it_any_more(nancy, asked):
    gateway = nancy.world.gateway
    withdrawn(nancy, asked[0].care_plan)
    assert due_for(gateway, nancy.patient, by=nancy.self, now=LATER) == ()
    assert team_due(gateway, by=nancy.world.asta, now=LATER) == ()


def test_what_was_answered_stays(nancy, asked):
    response = nancy.answers({})
    withdrawn(nancy, asked[0].care_plan)
    found = responses_of(nancy.world.gateway, nancy.patient, by=nancy.seen_by(nancy.world.asta), now=LATER)
    assert [each.url for each in found] == [response]


def test_what_was_begun_is_told_to_be_withdrawn_and_not_to_be_saved(nancy, asked):
    """Nobody is to believe that it can be gone on with."""
    gateway = nancy.world.gateway
    draft = drafts.open_draft(gateway, asked[0], by=nancy.self, now=MONDAY).id
    withdrawn(nancy, asked[0].care_plan)
    for use in (
        drafts.read_draft,
        partial(drafts.save_answers, changes={}),
        drafts.submit,
    ):
        with pytest.raises(Gone) as told:
            use(gateway, draft, by=nancy.self, now=LATER)
        assert told.value.issues[0].text == "Spørgeskemaet er trukket tilbage. Du skal ikke svare på det."


def test_what_else_was_sent_is_asked_still(nancy, asked):
    nancy.gets()
    withdrawn(nancy, asked[0].care_plan)
    (left,) = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    assert left.care_plan != asked[0].care_plan


def test_who_looked_before_a_colleague_changed_it_is_told(nancy, asked):
    with pytest.raises(PreconditionFailed):
        withdrawn(nancy, asked[0].care_plan, version="1")
    assert due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)


def test_it_is_withdrawn_once(nancy, asked):
    plan = asked[0].care_plan
    version = read(nancy, plan)["meta"]["versionId"]
    withdrawn(nancy, plan)
    with pytest.raises(NotFound):
        withdrawn(nancy, plan, version=version)


def test_a_colleague_of_another_team_withdraws_nothing(nancy, asked):
    plan = asked[0].care_plan
    version = read(nancy, plan)["meta"]["versionId"]
    with pytest.raises((NotFound, Forbidden)):
        withdrawn(nancy, plan, version=version, by=nancy.world.kim)
    assert due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)

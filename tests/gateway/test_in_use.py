"""The pages' work as people do it: each in a context that is theirs, and nobody as SYSTEM."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.teams import Hanging, hanging, taken_by
from kommunalpro.care.withdrawing import read_sent, withdraw
from kommunalpro.care.worklist import worklist
from kommunalpro.fhir.outcome import Forbidden, NotFound
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway.remote import RemoteGateway
from tests.gateway.answering import LATER
from tests.gateway.national import in_use
from tests.people import NANCY
from tests.unit.care.world import BAD_PAIN, MONDAY, Enrolled, World


@pytest.fixture
def world(world: World) -> Iterator[World]:
    with in_use(world.gateway):
        yield world


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, who is enrolled as people do it too."""
    return world.enrol(NANCY)


def test_a_nurse_enrols_sends_and_finds_the_answer_on_her_list(world: World):
    citizen = world.enrol(NANCY)
    citizen.gets()
    response = citizen.answers(BAD_PAIN)
    [item] = worklist(world.gateway, by=world.asta, now=MONDAY + timedelta(hours=8)).items
    assert (item.patient, item.response) == (citizen.patient, response)
    assert worklist(world.gateway, by=world.kim, now=MONDAY + timedelta(hours=8)).items == ()


def test_a_nurse_takes_back_what_she_sent(world: World, nancy: Enrolled):
    nancy.gets()
    [due] = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    by = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    version = read_sent(world.gateway, due.care_plan, by=by, now=LATER)["meta"]["versionId"]
    withdraw(world.gateway, due.care_plan, version=version, by=by, now=LATER)
    assert due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER) == ()


def test_a_team_of_another_is_nobodys_context(world: World, nancy: Enrolled):
    kims = nancy.seen_by(world.asta).within(care_team=world.kim.context.care_team)
    with pytest.raises(Forbidden if isinstance(world.gateway, RemoteGateway) else NotFound):
        world.gateway.read(nancy.episode, by=kims.within(episode_of_care=nancy.episode), now=LATER)


def test_what_a_team_is_on_is_counted_or_unknown_and_never_nothing(world: World, nancy: Enrolled):
    nancy.gets()
    is_remote = isinstance(world.gateway, RemoteGateway)
    assert hanging(world.gateway, world.teams["nord"].url, now=LATER) == (None if is_remote else Hanging(1, 1))
    taken = taken_by(world.gateway, world.teams["nord"].url, world.asta.user, now=LATER)
    assert taken == (None if is_remote else 0)
    if is_remote:
        with pytest.raises(Forbidden):
            world.gateway.read(nancy.patient, by=SYSTEM, now=LATER)

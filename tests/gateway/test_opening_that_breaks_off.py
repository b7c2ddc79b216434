"""A course of care whose opening breaks off, or is asked for twice: there is one, and a second only on purpose."""

from datetime import timedelta

import pytest

from kommunalpro.care import turns
from kommunalpro.care.citizens import activate_episode, episodes_of, find_or_create_citizen, plan_episode
from kommunalpro.care.opening import AlreadyOpen, open_episode
from kommunalpro.fut.gateway import Unanswered
from tests.gateway.deadlines import all_of
from tests.people import TJOERN
from tests.store.others import at_the_same_time
from tests.unit.care.breaking import DOUBT, Breaking
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(minutes=2)


def opens(world, patient, *, number=0, gateway=None, now=MONDAY, **named):
    condition = world.teams["nord"].conditions[number]
    return open_episode(
        gateway or world.gateway,
        patient,
        condition=condition,
        legal_basis="sundhedsloven",
        by=world.asta.within(patient=patient),
        now=now,
        **named,
    )


def there(world, patient):
    return episodes_of(world.gateway, patient, by=world.asta.within(patient=patient), now=LATER)


def newcomer(world):
    found = find_or_create_citizen(
        world.gateway, TJOERN.cpr, given=TJOERN.given, family=TJOERN.family, by=world.asta, now=MONDAY
    )
    return found.patient


@pytest.mark.parametrize("is_done", [True, False])
def test_an_opening_that_was_not_heard_of_is_told_of_where_it_is_there_and_else_made(world, monkeypatch, is_done):
    monkeypatch.setattr(turns, "PAUSES", ())
    patient = newcomer(world)
    with pytest.raises(Unanswered):
        opens(world, patient, gateway=Breaking(world.gateway, "operation", DOUBT, is_done=is_done))
    with pytest.raises(Unanswered) as wrong:
        opens(world, patient)
    assert [each.text for each in wrong.value.issues] == ["Det er måske ved at blive gjort."]
    if is_done:
        with pytest.raises(AlreadyOpen) as told:
            opens(world, patient, now=LATER)
        assert [each.status for each in told.value.there] == ["planned"], "it can be begun"
    else:
        opens(world, patient, now=LATER)
    assert len(there(world, patient)) == 1


def test_a_second_one_about_the_same_is_opened_by_whoever_says_so(nancy):
    with pytest.raises(AlreadyOpen) as told:
        opens(nancy.world, nancy.patient)
    [known] = told.value.there
    assert (known.url, known.status) == (nancy.episode, "active")
    second = opens(nancy.world, nancy.patient, beside=[known.url])
    with pytest.raises(AlreadyOpen):
        opens(nancy.world, nancy.patient, beside=[known.url])
    assert {each.url for each in there(nancy.world, nancy.patient)} == {nancy.episode, second}


def test_one_about_something_else_or_after_the_other_is_over_takes_no_question(nancy):
    world = nancy.world
    opens(world, nancy.patient, number=1)
    within = nancy.seen_by(world.asta).within(episode_of_care=nancy.episode)
    change = [{"op": "replace", "path": "/status", "value": "finished"}]
    world.gateway.patch(nancy.episode, change, if_match=None, by=within, now=MONDAY)
    opens(world, nancy.patient)
    assert sorted(each.status for each in there(world, nancy.patient)) == ["active", "active", "finished"]


def test_of_several_presses_at_once_one_opens_it_and_the_others_are_asked(real_world):
    patient = newcomer(real_world)
    answers = at_the_same_time(*[lambda _: opens(real_world, patient)] * 3)
    assert sorted(type(each).__name__ for each in answers) == ["AlreadyOpen", "AlreadyOpen", "str"]
    assert [each.status for each in there(real_world, patient)] == ["active"]


def test_of_several_presses_at_once_one_begins_what_was_planned_and_one_consent_is_written(real_world):
    patient = newcomer(real_world)
    condition, by = real_world.teams["nord"].conditions[0], real_world.asta.within(patient=patient)
    episode = plan_episode(
        real_world.gateway, patient, condition=condition, legal_basis="sundhedsloven", by=by, now=MONDAY
    )
    answers = at_the_same_time(
        *[lambda _: activate_episode(real_world.gateway, patient, episode, by=by, now=MONDAY)] * 3
    )
    assert answers == [None] * 3
    assert [each.status for each in there(real_world, patient)] == ["active"]
    assert len(all_of(real_world, "Consent", MONDAY)) == 1

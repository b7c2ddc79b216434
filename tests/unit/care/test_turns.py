"""What must be looked for before it is done is done by one at a time."""

from datetime import timedelta

import pytest

from kommunalpro.care import turns
from kommunalpro.care.models import Turn
from kommunalpro.care.turns import in_turn
from kommunalpro.fhir.outcome import Throttled
from kommunalpro.fut.gateway import Unanswered
from tests.unit.care.world import MONDAY


@pytest.fixture(autouse=True)
def nobody_waits(database, monkeypatch):
    monkeypatch.setattr(turns, "PAUSES", ())


def test_while_somebody_is_at_it_nobody_else_is_and_others_are_not_in_the_way():
    with in_turn("opens|1", MONDAY):
        with pytest.raises(Unanswered), in_turn("opens|1", MONDAY):
            pass
        with in_turn("opens|2", MONDAY):
            pass
    with in_turn("opens|1", MONDAY):
        pass
    assert not Turn.objects.exists()


def test_who_waits_a_little_comes_after_whoever_was_at_it(monkeypatch):
    first = in_turn("opens|1", MONDAY)
    first.__enter__()
    monkeypatch.setattr(turns, "PAUSES", (0.5,))
    monkeypatch.setattr(turns.time, "sleep", lambda _: first.__exit__(None, None, None))
    with in_turn("opens|1", MONDAY):
        assert Turn.objects.count() == 1


def test_what_failed_may_be_done_again_at_once():
    with pytest.raises(Throttled), in_turn("opens|1", MONDAY):
        raise Throttled
    with in_turn("opens|1", MONDAY):
        pass


def test_what_may_be_on_its_way_is_done_by_nobody_else_before_that_is_over():
    with pytest.raises(Unanswered), in_turn("opens|1", MONDAY):
        raise Unanswered
    with pytest.raises(Unanswered), in_turn("opens|1", MONDAY + timedelta(seconds=119)):
        pass
    with in_turn("opens|1", MONDAY + timedelta(minutes=2)):
        pass

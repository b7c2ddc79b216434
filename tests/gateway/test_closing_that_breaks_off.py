"""A task whose closing breaks off: it stays open, and what was said about it is neither lost nor said twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.care import turns
from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.follow_up import NotClosed, complete_task, take_task
from kommunalpro.care.worklist import worklist
from kommunalpro.fhir.outcome import Conflict, FhirError, PreconditionFailed
from kommunalpro.fut.gateway import Unanswered
from kommunalpro.pro.light import Light
from tests.gateway.answering import BAD, LATER, answers, bundle_of
from tests.gateway.looking import all_of
from tests.people import NANCY
from tests.store.others import at_the_same_time
from tests.unit.care.breaking import BUSY, DOUBT, Breaking

OVER = LATER + timedelta(minutes=2)
NOTE = "Ring i morgen: åndenød."


@pytest.fixture
def red(asked):
    """Nancy's answer, whose light is red and which nobody has seen to."""
    asked.submit(bundle_of(asked.response(answers(BAD))))
    return asked


def seen(red):
    nancy, world = red.nancy, red.nancy.world
    [response] = all_of(red, "QuestionnaireResponse")
    url = f"{world.gateway.base_url}/QuestionnaireResponse/{response['id']}"
    return read_interpreted(world.gateway, url, by=nancy.seen_by(world.asta), now=LATER)


def closes(red, gateway, task, note=NOTE, light=Light.YELLOW, by="asta", now=OVER):
    by = red.nancy.seen_by(red.nancy.world.staff[by].principal)
    return complete_task(gateway, task.url, version=task.version, note=note, light=light, by=by, now=now)


def notes(red):
    return [each.note for each in seen(red).response.judgements]


def on_the_list(red):
    world = red.nancy.world
    return len(worklist(world.gateway, by=world.asta, now=LATER).items)


@pytest.mark.parametrize(
    ("wrong", "is_done"), [(BUSY, False), (DOUBT, False), (DOUBT, True), (Conflict("Det er gjort."), False)]
)
def test_where_the_assessment_is_not_heard_of_the_task_stays_open_and_it_is_made_once(red, wrong, is_done):
    gateway, task = red.nancy.world.gateway, seen(red).task
    with pytest.raises(type(wrong)):
        closes(red, Breaking(gateway, "create", wrong, is_done=is_done), task, now=LATER)
    assert on_the_list(red) == 1, "somebody sees that nobody has closed it"
    assert seen(red).task == task
    closes(red, gateway, task)
    assert (on_the_list(red), notes(red)) == (0, [NOTE])


@pytest.mark.parametrize(("wrong", "is_done"), [(BUSY, False), (DOUBT, False), (DOUBT, True)])
def test_where_the_closing_is_not_heard_of_the_same_again_closes_it_once(red, wrong, is_done):
    gateway, task = red.nancy.world.gateway, seen(red).task
    with pytest.raises(NotClosed if wrong is BUSY else Unanswered):
        closes(red, Breaking(gateway, "patch", wrong, is_done=is_done), task, now=LATER)
    assert on_the_list(red) == (0 if is_done else 1)
    assert notes(red) == [NOTE], "what was said stands with the answer"
    closed = closes(red, gateway, task)
    assert (on_the_list(red), notes(red)) == (0, [NOTE])
    assert closed.impression


@pytest.mark.parametrize("other", [{"note": "Talt med hende."}, {"light": Light.GREEN}, {"by": "eva"}])
def test_who_says_something_else_then_has_said_that_too(red, other):
    gateway, task = red.nancy.world.gateway, seen(red).task
    with pytest.raises(NotClosed):
        closes(red, Breaking(gateway, "patch", BUSY, is_done=False), task)
    closes(red, gateway, task, **other)
    assert len(notes(red)) == 2


def test_what_may_be_on_its_way_is_not_said_again_before_that_is_over(red, monkeypatch):
    monkeypatch.setattr(turns, "PAUSES", ())
    gateway, task = red.nancy.world.gateway, seen(red).task
    with pytest.raises(Unanswered):
        closes(red, Breaking(gateway, "create", DOUBT, is_done=False), task, now=LATER)
    with pytest.raises(Unanswered):
        closes(red, gateway, task, now=OVER - timedelta(seconds=1))
    assert (on_the_list(red), notes(red)) == (1, [])


def test_of_several_presses_at_once_all_have_said_it_once(real_world):
    nancy = real_world.enrol(NANCY)
    nancy.gets()
    response = nancy.answers({})
    by = nancy.seen_by(real_world.asta)
    task = read_interpreted(real_world.gateway, response, by=by, now=LATER).task
    press = {"version": task.version, "note": NOTE, "by": by, "now": LATER}
    first, *others = at_the_same_time(*[lambda _: complete_task(real_world.gateway, task.url, **press)] * 3)
    assert others == [first, first]
    [said] = read_interpreted(real_world.gateway, response, by=by, now=LATER).response.judgements
    assert said.note == NOTE


def test_a_task_that_a_colleague_has_changed_is_told_of_before_anything_is_said(red):
    gateway, task = red.nancy.world.gateway, seen(red).task
    by = red.nancy.seen_by(red.nancy.world.asta)
    take_task(gateway, task.url, version=task.version, by=by, now=LATER)
    with pytest.raises(PreconditionFailed):
        closes(red, gateway, task)
    assert notes(red) == []


def test_who_closes_it_in_other_words_after_it_was_closed_is_told_so(red):
    gateway, task = red.nancy.world.gateway, seen(red).task
    closes(red, gateway, task)
    with pytest.raises(FhirError) as told:
        closes(red, gateway, replace(task, version="2"), note="Noget andet.")
    assert isinstance(told.value, Conflict | PreconditionFailed)
    assert notes(red) == [NOTE]

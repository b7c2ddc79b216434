"""Following up: one takes the task, closes it with a note, and never over a colleague's head."""

from datetime import timedelta

import pytest

from kommunalpro.care.assessment import Interpreted, OpenTask, read_interpreted
from kommunalpro.care.follow_up import complete_task, release_task, take_task
from kommunalpro.care.worklist import worklist
from kommunalpro.fhir.outcome import Conflict, Forbidden, NotFound, PreconditionFailed, RuleBroken
from kommunalpro.pro.triage import Light
from tests.unit.care.world import BAD_PAIN, MONDAY, Enrolled, World

EVENING = MONDAY + timedelta(hours=8)


@pytest.fixture
def response(nancy: Enrolled) -> str:
    nancy.gets()
    return nancy.answers(BAD_PAIN)


def _read(world: World, nancy: Enrolled, response: str) -> Interpreted:
    return read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=EVENING)


@pytest.fixture
def task(world: World, nancy: Enrolled, response: str) -> OpenTask:
    found = _read(world, nancy, response).task
    assert found is not None
    return found


def test_a_taken_task_says_who_has_it(world, nancy, task):
    take_task(world.gateway, task.url, version=task.version, by=nancy.seen_by(world.asta), now=EVENING)
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    assert item.owner_name == "Asta Holm"
    assert worklist(world.gateway, by=world.asta, now=EVENING, ownership="free").items == ()


def test_a_released_task_is_free_again(world, nancy, task):
    by = nancy.seen_by(world.asta)
    version = take_task(world.gateway, task.url, version=task.version, by=by, now=EVENING)
    release_task(world.gateway, task.url, version=version, by=by, now=EVENING)
    assert worklist(world.gateway, by=world.asta, now=EVENING).items[0].owner is None


def test_a_closed_task_leaves_the_list_and_its_note_stands_with_the_answer(world, nancy, response, task):
    complete_task(
        world.gateway,
        task.url,
        version=task.version,
        note="Talt om smerter. Henvist til kursus.",
        by=nancy.seen_by(world.asta),
        now=EVENING,
    )
    assert worklist(world.gateway, by=world.asta, now=EVENING).items == ()
    interpreted = _read(world, nancy, response)
    (judgement,) = interpreted.response.judgements
    assert judgement.note == "Talt om smerter. Henvist til kursus."
    assert interpreted.names[judgement.author] == "Asta Holm"
    assert interpreted.task is None


def test_another_light_stands_beside_the_light_of_record_which_stays(world, nancy, response, task):
    by = nancy.seen_by(world.asta)
    complete_task(
        world.gateway, task.url, version=task.version, note="Kendt smerte.", light=Light.YELLOW, by=by, now=EVENING
    )
    interpreted = _read(world, nancy, response)
    assert interpreted.response.judgements[0].light is Light.YELLOW
    assert interpreted.assessment.light is Light.RED


def test_another_light_takes_a_reason(world, nancy, task):
    by = nancy.seen_by(world.asta)
    with pytest.raises(RuleBroken):
        complete_task(world.gateway, task.url, version=task.version, note=" ", light=Light.GREEN, by=by, now=EVENING)


def test_what_a_colleague_changed_meanwhile_is_not_closed_over_their_head(world, nancy, response, task):
    by = nancy.seen_by(world.asta)
    take_task(world.gateway, task.url, version=task.version, by=by, now=EVENING)
    with pytest.raises(PreconditionFailed):
        complete_task(world.gateway, task.url, version=task.version, note="", by=by, now=EVENING)
    assert _read(world, nancy, response).response.judgements == ()


def test_a_closed_task_is_not_closed_twice(world, nancy, task):
    by = nancy.seen_by(world.asta)
    complete_task(world.gateway, task.url, version=task.version, note="Færdig.", by=by, now=EVENING)
    current = world.gateway.read(task.url, by=by, now=EVENING)
    with pytest.raises(Conflict):
        complete_task(world.gateway, task.url, version=current["meta"]["versionId"], note="", by=by, now=EVENING)


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_other_teams_can_not_close_it(world, nancy, task, outsider):
    by = nancy.seen_by(world.staff[outsider].principal)
    with pytest.raises((NotFound, Forbidden)):
        complete_task(world.gateway, task.url, version=task.version, note="", by=by, now=EVENING)

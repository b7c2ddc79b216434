"""What is overdue stands in one place: with the Task that was made of it, and no more once somebody has closed that."""

from datetime import timedelta

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, Asked, answers, bundle_of
from tests.gateway.deadlines import AFTER, ENDS, all_of, round_at, tasks
from tests.unit.care.validity import invalidate, take_back
from tests.unit.care.world import MONDAY


def missed(world, now):
    return [each for each in team_due(world.gateway, by=world.asta, now=now) if each.state == "missed"]


def test_what_is_overdue_is_told_once_and_gone_when_its_task_is_closed(world, nancy):
    nancy.gets()
    [due] = missed(world, ENDS + timedelta(minutes=1))
    assert due.task is None, "no worker has looked yet"
    round_at(AFTER)
    [due] = missed(world, AFTER)
    assert due.task is not None
    assert worklist(world.gateway, by=world.asta, now=AFTER).total == 0, "and not among the answers too"
    by = world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    closed = complete_task(
        world.gateway, due.task, version=due.task_version, note="Ringet, svarer ikke", by=by, now=AFTER
    )
    assert closed.impression is None
    assert missed(world, AFTER) == []
    assert [each["status"] for each in tasks(world)] == ["completed"]


def changed(world, type, **elements):
    [current] = all_of(world, type, MONDAY)
    left = {name: value for name, value in (current | elements).items() if value is not None}
    version = current["meta"]["versionId"]
    world.gateway.update(left, if_match=version, by=SYSTEM, now=AFTER)


@pytest.mark.parametrize(
    ("elements", "days"),
    [({}, 29), ({"status": "completed"}, 0), ({"careTeam": None}, 0)],
    ids=["longer-ago", "ended-plan", "no-team-on-the-plan"],
)
def test_what_is_overdue_stands_there_until_its_task_is_closed_whatever_becomes_of_the_plan(
    world, nancy, elements, days
):
    nancy.gets()
    round_at(AFTER)
    if elements:
        changed(world, "CarePlan", **elements)
    [due] = missed(world, AFTER + timedelta(days=days))
    [task] = tasks(world)
    assert due.task.endswith(f"/Task/{task['id']}")
    assert (due.patient, due.patient_name, due.closes) == (nancy.patient, nancy.person.name, ENDS)
    by = world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    complete_task(world.gateway, due.task, version=due.task_version, note="Ringet", by=by, now=AFTER)
    assert missed(world, AFTER + timedelta(days=days)) == []


@pytest.fixture
def late(nancy):
    """An answer that came after its absence was told."""
    nancy.gets()
    due = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    asked = Asked(nancy, due[0])
    round_at(AFTER)
    asked.submit(bundle_of(asked.response(answers(GOOD))), now=AFTER)
    [response] = all_of(nancy.world, "QuestionnaireResponse")
    assert [each["status"] for each in tasks(nancy.world)] == ["completed"]
    assert missed(nancy.world, AFTER) == []
    return f"{nancy.world.gateway.base_url}/QuestionnaireResponse/{response['id']}"


def test_a_late_answer_that_counts_no_more_is_missed_again_until_it_counts(world, nancy, late):
    invalidate(nancy, late, decision="invalidated-is-not-fulfillment", now=AFTER)
    [due] = missed(world, AFTER)
    [again] = [each for each in tasks(world) if each["status"] == "requested"]
    assert due.task.endswith(again["id"])
    round_at(AFTER + timedelta(hours=1))
    assert len(tasks(world)) == 2
    take_back(nancy, late, now=AFTER + timedelta(hours=2))
    assert [each["status"] for each in tasks(world)] == ["completed", "completed"]
    assert missed(world, AFTER + timedelta(hours=2)) == []


def test_an_answer_that_counts_no_more_is_missed_also_when_the_plan_has_ended_since(world, nancy, late):
    changed(world, "CarePlan", status="completed")
    invalidate(nancy, late, decision="invalidated-is-not-fulfillment", now=AFTER + timedelta(hours=1))
    assert [each["status"] for each in tasks(world)] == ["completed", "requested"]


def test_a_late_answer_that_is_marked_as_an_error_and_fulfils_is_not_missed(world, nancy, late):
    invalidate(nancy, late, now=AFTER)
    assert missed(world, AFTER) == []
    assert len(tasks(world)) == 1

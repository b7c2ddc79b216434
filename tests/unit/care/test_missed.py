"""What is overdue stands in one place: with the Task that was made of it, and no more once somebody has closed that."""

from datetime import timedelta

from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from tests.gateway.deadlines import AFTER, ENDS, round_at, tasks


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

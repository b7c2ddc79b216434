"""The worklist: red first, own team only, and no more searches for a longer list."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from kommunalpro.care import teams
from kommunalpro.care.follow_up import take_task
from kommunalpro.care.sending import OnDate
from kommunalpro.care.team_due import team_due
from kommunalpro.care.worklist import worklist
from kommunalpro.config.demo.answers import poles
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Gateway
from kommunalpro.pro.triage import Light
from tests.people import TJOERN
from tests.unit.care.world import BAD_PAIN, MONDAY

EVENING = MONDAY + timedelta(hours=8)
GOOD_DAY: dict[str, Any] = {"smerte-styrke": [{"valueInteger": 0}], "smerte-hverdag": [{"valueInteger": 0}]}


@dataclass
class Counting:
    """A gateway that counts what is asked of it."""

    inner: Gateway
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        if name in ("read", "search", "operation", "page"):
            self.calls.append(name)
        return getattr(self.inner, name)


def test_a_new_answer_stands_on_the_teams_list_with_its_light_and_topics(world, nancy):
    nancy.gets()
    response = nancy.answers(BAD_PAIN)
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    assert (item.patient_name, item.response, item.light) == (nancy.person.name, response, Light.RED)
    assert [topic.title.da for topic in item.topics] == ["Smerte"]
    assert item.owner is None


def test_red_stands_before_the_rest_though_it_came_later(world, nancy):
    tjoern = world.enrol(TJOERN)
    for citizen, answers, hours in ((tjoern, GOOD_DAY, 1), (nancy, BAD_PAIN, 2)):
        citizen.gets()
        citizen.answers(answers, now=MONDAY + timedelta(hours=hours))
    items = worklist(world.gateway, by=world.asta, now=EVENING).items
    assert [item.patient for item in items] == [nancy.patient, tjoern.patient]


def test_what_nobody_has_assessed_stands_before_what_is_green(world, nancy):
    tjoern = world.enrol(TJOERN)
    for citizen, answers, hours in ((tjoern, poles()[1], 1), (nancy, {}, 2)):
        citizen.gets()
        citizen.answers(answers, now=MONDAY + timedelta(hours=hours))
    items = worklist(world.gateway, by=world.asta, now=EVENING).items
    assert [item.light for item in items] == [Light.NOT_ASSESSED, Light.GREEN]


def test_other_teams_and_organisations_see_nothing(world, nancy):
    nancy.gets()
    nancy.answers(BAD_PAIN)
    for outsider in (world.bo, world.kim):
        assert worklist(world.gateway, by=outsider, now=EVENING).items == ()
        assert team_due(world.gateway, by=outsider, now=EVENING) == ()


def test_a_longer_list_takes_no_more_searches(world, nancy):
    nancy.gets()
    nancy.answers(BAD_PAIN)
    one = Counting(world.gateway)
    worklist(one, by=world.asta, now=EVENING)
    tjoern = world.enrol(TJOERN)
    tjoern.gets()
    tjoern.answers(BAD_PAIN)
    two = Counting(world.gateway)
    assert len(worklist(two, by=world.asta, now=EVENING).items) == 2
    assert two.calls == one.calls


def test_what_was_not_answered_in_time_is_overdue_for_the_team(world, nancy):
    nancy.gets()
    (due,) = team_due(world.gateway, by=world.asta, now=MONDAY + timedelta(days=20))
    assert (due.patient, due.patient_name, due.state) == (nancy.patient, nancy.person.name, "missed")


def test_what_is_on_its_way_is_coming_and_what_is_answered_is_neither(world, nancy):
    nancy.gets(OnDate(date(2026, 12, 1)))
    nancy.gets()
    nancy.answers(BAD_PAIN)
    assert [due.state for due in team_due(world.gateway, by=world.asta, now=EVENING)] == ["coming"]


@pytest.mark.parametrize("left", ["onhold", "finished"])
@pytest.mark.parametrize(("days", "states"), [(0, {"open", "coming"}), (20, {"missed", "open"})])
def test_nothing_is_asked_for_while_a_course_of_care_is_on_pause_or_over_though_its_plans_are_active(
    world, nancy, left, days, states
):
    """As on the citizen's own page; a Task that somebody has been told by stands for itself."""
    nancy.gets(OnDate(date(2026, 12, 5)))
    nancy.gets()
    now = MONDAY + timedelta(days=days)

    def becomes(status):
        change = [{"op": "replace", "path": "/status", "value": status}]
        world.gateway.patch(nancy.episode, change, if_match=None, by=SYSTEM, now=now)

    before = team_due(world.gateway, by=world.asta, now=now)
    assert {due.state for due in before} == states
    becomes(left)
    assert team_due(world.gateway, by=world.asta, now=now) == ()
    becomes("active")
    assert team_due(world.gateway, by=world.asta, now=now) == before


def test_who_leaves_the_team_leaves_their_tasks_free(world, nancy):
    """Else a red answer looks as if somebody saw to it."""
    nancy.gets()
    nancy.answers(BAD_PAIN)
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    take_task(world.gateway, item.task, version=item.version, by=nancy.seen_by(world.asta), now=EVENING)
    eva = world.staff["eva"].principal.within(care_team=world.teams["nord"].url)
    assert worklist(world.gateway, by=eva, now=EVENING, ownership="free").items == ()
    assert teams.taken_by(world.gateway, world.teams["nord"].url, world.asta.user, now=EVENING) == 1
    team = world.gateway.read(world.teams["nord"].url, by=SYSTEM, now=EVENING)
    without = teams.without_member(team, world.asta.user, EVENING)
    world.gateway.update(without, if_match=team["meta"]["versionId"], by=SYSTEM, now=EVENING)
    later = EVENING + timedelta(minutes=1)
    (item,) = worklist(world.gateway, by=eva, now=later, ownership="free").items
    assert (item.owner, item.owner_name, item.has_left) == (world.asta.user, "Asta Holm", True)


def test_a_colleague_takes_over_what_somebody_has_taken(world, nancy):
    nancy.gets()
    nancy.answers(BAD_PAIN)
    (item,) = worklist(world.gateway, by=world.asta, now=EVENING).items
    version = take_task(world.gateway, item.task, version=item.version, by=nancy.seen_by(world.asta), now=EVENING)
    eva = world.staff["eva"].principal.within(care_team=world.teams["nord"].url)
    take_task(world.gateway, item.task, version=version, by=nancy.seen_by(eva), now=EVENING)
    (item,) = worklist(world.gateway, by=eva, now=EVENING, ownership="mine").items
    assert item.owner == eva.user

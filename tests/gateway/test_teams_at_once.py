"""Two change who sees to a course of care at the same moment: neither counts on the team that the other takes away."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.deadlines import all_of
from tests.gateway.test_update_care_teams import plan_of, read, teams, update
from tests.people import NANCY
from tests.resources import care_team
from tests.store.others import at_the_same_time
from tests.unit.care.world import BAD_PAIN

ROUNDS = range(4)
"""Each is another race, which is won by chance where nobody waits."""


def take_off_the_course(world, url):
    remove = [{"op": "remove", "path": "/team"}]
    return world.gateway.patch(url, remove, if_match=None, by=SYSTEM, now=LATER)


def take_off_the_plan(world, url):
    plan = read(world, url)
    bare = {name: each for name, each in plan.items() if name != "careTeam"}
    return world.gateway.update(bare, if_match=plan["meta"]["versionId"], by=SYSTEM, now=LATER)


def by_operation(world, url):
    return update(world, url, removeCareTeams=teams(world, read(world, url)))


@pytest.mark.parametrize("on_course", [take_off_the_course, by_operation], ids=["patch", "operation"])
@pytest.mark.parametrize("on_plan", [take_off_the_plan, by_operation], ids=["put", "operation"])
def test_of_two_who_take_off_the_last_two_teams_one_is_refused(real_world, on_course, on_plan):
    nancy = real_world.enrol(NANCY)
    plan = plan_of(nancy)
    for _ in ROUNDS:
        update(real_world, plan, addCareTeams=["syd"])
        if "nord" in teams(real_world, read(real_world, plan)):
            update(real_world, plan, removeCareTeams=["nord"])
        answers = at_the_same_time(lambda _: on_course(real_world, nancy.episode), lambda _: on_plan(real_world, plan))
        [refused] = [each for each in answers if isinstance(each, RuleBroken)]
        assert refused.issues[0].coding[1] == "KPRO_CARE_TEAM_LAST"
        if "team" not in read(real_world, nancy.episode):
            update(real_world, nancy.episode, addCareTeams=["nord"])


def add_by_patch(world, url, team):
    add = [{"op": "add", "path": "/team/-", "value": {"reference": team}}]
    return world.gateway.patch(url, add, if_match=None, by=SYSTEM, now=LATER)


def test_who_put_the_same_team_on_at_once_wait_for_each_other(real_world):
    nancy, syd = real_world.enrol(NANCY), real_world.teams["syd"].url
    for _ in ROUNDS:
        answers = at_the_same_time(
            lambda _: add_by_patch(real_world, nancy.episode, syd),
            lambda _: update(real_world, nancy.episode, addCareTeams=["syd"]),
        )
        assert [each for each in answers if isinstance(each, Exception)] == []
        update(real_world, nancy.episode, removeCareTeams=["syd"])


def test_a_team_is_either_deleted_or_has_an_open_task(real_world):
    nancy, lis = real_world.enrol(NANCY), real_world.staff["lis"].principal
    may = replace(lis, privileges=lis.privileges | {"CareTeam.delete"})
    nancy.gets()
    nancy.answers(BAD_PAIN)
    [task] = all_of(real_world, "Task")
    nord = read(real_world, real_world.teams["nord"].url)
    for number in range(8):
        made = {**care_team(f"Nyt {number}"), "managingOrganization": nord["managingOrganization"]}
        url = own_url(real_world.gateway.base_url, real_world.gateway.create(made, by=SYSTEM, now=LATER))
        others = [each for each in task["extension"] if each["url"] != ehealth.TASK_RESPONSIBLE]
        theirs = {"url": ehealth.TASK_RESPONSIBLE, "valueReference": {"reference": url}}
        asked = {name: each for name, each in task.items() if name not in ("id", "meta")}
        asked |= {"extension": [*others, theirs]}
        answers = at_the_same_time(
            lambda _, url=url: real_world.gateway.delete(url, by=may, now=LATER),
            lambda _, asked=asked: real_world.gateway.create(asked, by=SYSTEM, now=LATER),
        )
        [refused] = [each for each in answers if isinstance(each, RuleBroken)]
        assert refused.issues[0].coding[1] in ("KPRO_CARE_TEAM_IN_USE", "GENERAL_RESOURCE_NOT_FOUND")


def test_a_team_is_either_deleted_or_put_on_a_course_of_care(real_world):
    nancy, lis = real_world.enrol(NANCY), real_world.staff["lis"].principal
    may = replace(lis, privileges=lis.privileges | {"CareTeam.delete"})
    nord = read(real_world, real_world.teams["nord"].url)
    for number in ROUNDS:
        made = {**care_team(f"Nyt {number}"), "managingOrganization": nord["managingOrganization"]}
        url = own_url(real_world.gateway.base_url, real_world.gateway.create(made, by=SYSTEM, now=LATER))
        answers = at_the_same_time(
            lambda _, url=url: real_world.gateway.delete(url, by=may, now=LATER),
            lambda _, url=url: update(real_world, nancy.episode, addCareTeams=[url]),
        )
        [refused] = [each for each in answers if isinstance(each, RuleBroken)]
        assert refused.issues[0].coding[1] in ("KPRO_CARE_TEAM_IN_USE", "KPRO_CARE_TEAM_NOT_ACTIVE")

"""A questionnaire's plan that is not made: the activity that was is used when the button is pressed again."""

from datetime import timedelta

import pytest

from kommunalpro.care.publishing import activity_of, make_plan
from kommunalpro.config.commands.questionnaire import complete
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import Throttled
from kommunalpro.fhir.reference import own_url
from tests.store.others import at_the_same_time
from tests.unit.care.breaking import BUSY
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(minutes=5)
SHORT = {
    "resourceType": "Questionnaire",
    "status": "draft",
    "title": "Kort",
    "item": [{"linkId": "1", "type": "boolean", "text": "Har du det godt?"}],
}


class WithoutPlans:
    """The infrastructure, whose plan service is too busy."""

    def __init__(self, gateway):
        self._gateway = gateway

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def create(self, resource, **named):
        if resource["resourceType"] == "PlanDefinition":
            raise BUSY
        return self._gateway.create(resource, **named)


def published(world):
    """Publish a questionnaire that has no plan."""
    lis = world.staff["lis"].principal
    draft, _ = complete(dict(SHORT), str(lis.context.organization))
    stored = world.gateway.create(draft, by=lis, now=MONDAY)
    return world.gateway.update(stored | {"status": "active"}, if_match=stored["meta"]["versionId"], by=lis, now=MONDAY)


def makes(world, questionnaire, gateway=None, *, now=LATER):
    return make_plan(gateway or world.gateway, questionnaire, by=world.staff["lis"].principal, now=now)


def asking(world, questionnaire):
    """Give the activities that ask a questionnaire."""
    query = [("depends-on", own_url(world.gateway.base_url, questionnaire))]
    found = world.gateway.search("ActivityDefinition", query, by=world.staff["lis"].principal, now=LATER)
    return [own_url(world.gateway.base_url, each) for each in resources(found, "ActivityDefinition")]


def test_however_often_the_plan_is_not_made_there_is_one_activity_and_then_one_plan(world):
    questionnaire = published(world)
    for _ in range(3):
        with pytest.raises(Throttled):
            makes(world, questionnaire, WithoutPlans(world.gateway))
    [activity] = asking(world, questionnaire)
    made = makes(world, questionnaire)
    assert made.activity == activity
    assert makes(world, questionnaire) == made


def test_an_activity_of_another_kind_gets_no_plan_by_itself(world):
    """A clinical administrator made it, and has not said yet what it is for."""
    questionnaire, lis = published(world), world.staff["lis"].principal
    own = activity_of(questionnaire, own_url(world.gateway.base_url, questionnaire))
    for other in (
        {"title": "Hver uge"},
        {"timingTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}},
    ):
        world.gateway.create(own | other, by=lis, now=MONDAY)
    theirs = asking(world, questionnaire)
    assert makes(world, questionnaire).activity not in theirs


def test_a_plan_is_found_whichever_of_the_activities_it_begins_with(world):
    questionnaire, lis = published(world), world.staff["lis"].principal
    made = makes(world, questionnaire)
    read = world.gateway.read(made.activity, by=lis, now=MONDAY)
    for _ in range(2):
        other = {name: each for name, each in read.items() if name not in ("id", "identifier", "url")}
        world.gateway.create(other | {"title": "Hver uge"}, by=lis, now=LATER)
    assert makes(world, questionnaire) == made


def test_of_several_presses_at_once_one_makes_them(real_world):
    questionnaire = published(real_world)
    first, *others = at_the_same_time(*[lambda _: makes(real_world, questionnaire)] * 3)
    assert others == [first, first]
    assert asking(real_world, questionnaire) == [first.activity]

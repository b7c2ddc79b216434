"""A draft is discarded after one question on a page of its own, which says what is lost."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.goals import Aim, with_aim
from kommunalpro.care.planning import Titles
from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.web.shared.conftest import words

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ACTION = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture
def now():
    return wiring.clock().now()


def draft_of(world, type, now):
    """Store a draft: the next version of what is published, or a plan with a goal, by the administrator."""
    lis = world.staff["lis"].principal
    if type == "PlanDefinition":
        activity = world.gateway.read(world.published.activity, by=lis, now=now)
        draft = planning.new_plan(Titles("Godt i gang"), activity, world.published.activity, lis.context.organization)
        return planning.create(world.gateway, with_aim(draft, 0, Aim("Gå en tur")), by=lis, now=now)
    of = world.published.activity if type == "ActivityDefinition" else world.published.questionnaire
    return planning.clone(world.gateway, of, "minor-version", by=lis, now=now)


def status(world, url, now):
    return world.gateway.read(url, by=SYSTEM, now=now)["status"]


KINDS = {
    "PlanDefinition": ("/kam/planer", "Version 1.0: 1 aktivitet, 1 mål"),
    "ActivityDefinition": ("/kam/aktiviteter", "Hverdagen med kronisk sygdom"),
    "Questionnaire": ("/administration/spoergeskemaer", "spørgsmål"),
}


@pytest.mark.parametrize("type", KINDS)
def test_what_is_lost_is_told_before_and_nothing_is_discarded_by_looking(world, visit, now, type):
    place, content = KINDS[type]
    url, lis = draft_of(world, type, now), visit("lis")
    page = f"{place}/{url_id(url)}"
    shown = words(lis.get(f"{page}/"))
    assert f'href="{page}/kasser/"' in shown
    assert 'value="retired"' not in shown, "no button discards at once"
    asked = words(lis.get(f"{page}/kasser/"))
    for said in ("Kassér kladden til ”", content, "det kan ikke fortrydes", f'href="{page}/">Behold kladden'):
        assert said in asked
    assert status(world, url, now) == "draft"
    [address] = [each for each in ACTION.findall(asked) if each.startswith(page)]
    answered = lis.post(address, {**dict(HIDDEN.findall(asked)), "do": "retired"}, follow=True)
    assert answered.redirect_chain == [(f"{page}/", 302)]
    assert status(world, url, now) == "retired"


def test_the_plans_that_have_the_draft_in_them_are_named(world, visit, now):
    activity, lis = draft_of(world, "ActivityDefinition", now), world.staff["lis"].principal
    step = world.gateway.read(activity, by=lis, now=now)
    plan = planning.new_plan(Titles("Det første år"), step, activity, lis.context.organization)
    planning.create(world.gateway, plan, by=lis, now=now)
    asked = words(visit("lis").get(f"/kam/aktiviteter/{url_id(activity)}/kasser/"))
    assert "Disse planer har den i sig." in asked
    assert "Det første år" in asked


@pytest.mark.parametrize("type", KINDS)
def test_there_is_nothing_to_discard_once_it_is_in_use(world, visit, type):
    published = {
        "PlanDefinition": world.published.plan,
        "ActivityDefinition": world.published.activity,
        "Questionnaire": world.published.questionnaire,
    }
    page = f"{KINDS[type][0]}/{url_id(published[type])}/"
    answered = visit("lis").get(f"{page}kasser/")
    assert (answered.status_code, answered["Location"]) == (302, page)


def test_it_is_asked_in_english_too(world, visit, now):
    lis = visit("lis")
    lis.cookies["django_language"] = "en"
    asked = words(lis.get(f"/kam/planer/{url_id(draft_of(world, 'PlanDefinition', now))}/kasser/"))
    assert "Discard the draft of “Godt i gang”?" in asked
    assert "Keep the draft" in asked

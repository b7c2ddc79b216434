"""Who may change a plan: its owner lets another organisation do it too, and takes it back."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.planning import Titles
from kommunalpro.fut.modifier_roles import co_authors_of, owner_of
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words


@pytest.fixture
def draft(world):
    """The URL of a draft of a plan, which Lis's organisation owns."""
    lis, activity = world.staff["lis"].principal, world.published.activity
    found = world.gateway.read(activity, by=lis, now=MONDAY)
    made = planning.new_plan(Titles("Samtaler"), found, activity, str(lis.context.organization))
    return planning.create(world.gateway, made, by=lis, now=MONDAY)


@pytest.fixture
def page(draft):
    return f"/kam/planer/{draft.rsplit('/', 1)[-1]}/hvem-maa-rette/"


def stored(world, draft):
    return world.gateway.read(draft, by=world.staff["lis"].principal, now=MONDAY)


def presses(lis, page, found, do, *, version=None):
    """Press the button of the only organisation that has one, as the page has it."""
    fields = re.search(
        r'name="version" value="(\d+)">\s*<input type="hidden" name="organization" value="([^"]+)"', found
    )
    given = {"version": version or fields[1], "organization": fields[2], "do": do}
    return lis.post(page, given, follow=True)


def test_the_owner_finds_an_organisation_by_name_lets_it_and_takes_it_back(world, visit, draft, page):
    lis = visit("lis")
    assert "Giv andre lov" in words(lis.get(page.removesuffix("hvem-maa-rette/")))
    answered = presses(lis, page, words(lis.get(page, {"navn": "region"})), "add")
    assert "medforfatter" in words(answered)
    (region,) = co_authors_of(stored(world, draft))
    assert region == world.kim.context.organization
    assert "medforfatter</span>" not in words(presses(lis, page, words(answered), "remove"))
    assert co_authors_of(stored(world, draft)) == ()
    assert owner_of(stored(world, draft)) == world.staff["lis"].principal.context.organization


def test_what_a_colleague_has_changed_meanwhile_is_not_overwritten(world, visit, draft, page):
    lis = visit("lis")
    found = words(lis.get(page, {"navn": "region"}))
    presses(lis, page, found, "add")
    assert presses(lis, page, found, "add").status_code == 412


def test_what_is_in_use_is_changed_by_nobody(world, visit):
    plan = world.published.plan.rsplit("/", 1)[-1]
    lis = visit("lis")
    read = words(lis.get(f"/kam/planer/{plan}/"))
    assert "Hvem må rette" in read
    assert "Giv andre lov" not in read
    assert lis.get(f"/kam/planer/{plan}/hvem-maa-rette/").status_code == 302

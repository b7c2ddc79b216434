"""Whichever button of a plan's page somebody presses, what they have written there is saved, or stands there still."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.goals import Aim, with_aim
from kommunalpro.care.materials import linked, with_material
from kommunalpro.care.planning import Titles
from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.web.shared.conftest import words

BUTTON = re.compile(r'<button[^>]* type="submit"[^>]*>')
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
WRITTEN = {"citizen": "Godt på vej", "staff": "Forløb", "description": "Til den første tid"}
AS_IT_WAS = {"citizen": "Godt i gang", "staff": "", "description": ""}


@pytest.fixture
def make(world):
    """Make the draft of a plan of two steps, a goal and some material."""

    def draft():
        by, now = world.staff["lis"].principal, wiring.clock().now()
        owner, url = str(by.context.organization), world.published.activity
        plan = planning.new_plan(Titles("Godt i gang"), world.gateway.read(url, by=by, now=now), url, owner)
        plan = with_aim(planning.with_step(plan, {"title": "Anden gang"}, url), 0, Aim("Gå en tur"))
        paper = linked("Sov bedre", "https://material.example/sov", owner)
        plan = with_material(plan, "Sov bedre", planning.create(world.gateway, paper, by=by, now=now))
        return planning.create(world.gateway, plan, by=by, now=now)

    return draft


def page_of(plan):
    return f"/kam/planer/{url_id(plan)}/"


def stored(plan):
    return wiring.gateway().read(plan, by=SYSTEM, now=wiring.clock().now())


def buttons(page):
    """Give the buttons of the page proper: what each has of attributes."""
    return [dict(ATTRIBUTE.findall(each)) for each in BUTTON.findall(page.partition("<main")[2].partition("</main")[0])]


def press(lis, plan, button, chosen, given):
    """Press a button, as a browser does; what is said of another plan than this is said of this."""
    address, value = (
        re.sub(r"/kam/planer/[^/]+/", page_of(plan), button.get(name, "")) for name in ("formaction", "value")
    )
    sent = {"version": stored(plan)["meta"]["versionId"], "chosen": chosen, **given}
    return lis.post(address or f"{page_of(plan)}ret/", sent | ({button["name"]: value} if "name" in button else {}))


def test_no_button_leaves_behind_what_is_written(lis, make, world):
    chosen, plan = url_id(world.published.activity), make()
    found = buttons(words(lis.get(f"{page_of(plan)}ret/")))
    assert {each.get("form", "titler") for each in found} == {"titler"}, "there is one form"
    assert len(found) == 15
    for button in found:
        other = make()
        answer = press(lis, other, button, chosen, WRITTEN)
        assert answer.status_code == 302, button
        assert planning.titles_of(stored(other)) == Titles(*WRITTEN.values()), button
        assert stored(other)["meta"]["versionId"] == "2", "at once with what the button does"
        if button.get("name") == "videre":
            assert answer["Location"] == re.sub(r"/kam/planer/[^/]+/", page_of(other), button["value"])


def test_what_cannot_be_saved_stands_there_still_and_the_button_does_nothing(lis, make, world):
    chosen, plan = url_id(world.published.activity), make()
    for button in buttons(words(lis.get(f"{page_of(plan)}ret/"))):
        answer = press(lis, plan, button, chosen, WRITTEN | {"citizen": ""})
        page = words(answer)
        assert (answer.status_code, stored(plan)["meta"]["versionId"]) == (422, "1"), button
        assert "Skriv den titel, borgeren skal læse." in page, button
        assert ("Til den første tid</textarea>" in page, f'value="{chosen}" selected' in page) == (True, True), button


def test_what_a_button_cannot_do_leaves_what_is_written(lis, make):
    plan = make()
    answer = lis.post(f"{page_of(plan)}trin/", {"version": "1", "chosen": "", **WRITTEN})
    assert answer.status_code == 422
    assert "Vælg det, du vil tilføje." in words(answer)
    assert 'value="Godt på vej"' in words(answer)


def test_where_nothing_is_written_going_on_makes_no_version(lis, make):
    plan = make()
    goal = f"{page_of(plan)}maal/0/"
    answer = lis.post(f"{page_of(plan)}ret/", {"version": "1", "videre": goal, **AS_IT_WAS})
    assert (answer["Location"], stored(plan)["meta"]["versionId"]) == (goal, "1")


@pytest.mark.parametrize("elsewhere", ["https://other.example/", "//other.example/", "/medarbejder/"])
def test_going_on_leads_to_the_plans_own_pages_and_nowhere_else(lis, make, elsewhere):
    plan = make()
    answer = lis.post(f"{page_of(plan)}ret/", {"version": "1", "videre": elsewhere, **AS_IT_WAS})
    assert answer["Location"] == f"{page_of(plan)}ret/"

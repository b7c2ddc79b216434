"""What is in use goes out of use after one question, which says what can be sent no more."""

import re
from datetime import timedelta

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.planning import Titles
from kommunalpro.care.sending import sendable_plans
from kommunalpro.config import wiring
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from tests.resources import organization
from tests.unit.web.shared.conftest import words
from tests.unit.web.shared.test_discard_pages import ACTION, HIDDEN, status

TITLE = "Hverdagen med kronisk sygdom – bredt samtaleskema"


@pytest.fixture
def now():
    return wiring.clock().now()


def plan_with(world, title, step, now, *, owner=None, is_used=True):
    """Store a plan of one step, the owner's (else the administrator's own); gives the URL."""
    by = world.staff["lis"].principal
    definition = world.gateway.read(step, by=by, now=now)
    draft = planning.new_plan(Titles(title), definition, step, owner or by.context.organization)
    stored = world.gateway.create(draft, by=SYSTEM, now=now)
    if is_used:
        planning.set_status(world.gateway, stored, "active", "1", by=SYSTEM, now=now)
    return own_url(world.gateway.base_url, stored)


def retire(came, page):
    """Answer the question that the page leads to, as its form has it."""
    asked = words(came.get(f"{page}ud-af-brug/"))
    [address] = [each for each in ACTION.findall(asked) if each.startswith(page)]
    answered = came.post(address, {**dict(HIDDEN.findall(asked)), "do": "retired"}, follow=True)
    assert answered.redirect_chain == [(page, 302)]


def row(shown, title):
    """Give the line of a list in which a title stands."""
    return next(each for each in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL) if f">{title}</a>" in each)


def test_an_activity_says_which_plans_can_be_sent_no_more_and_whose_they_are_before_anything_happens(world, visit, now):
    region = own_url(world.gateway.base_url, world.gateway.create(organization("Region Nord"), by=SYSTEM, now=now))
    theirs = plan_with(world, "Regionens plan", world.published.activity, now, owner=region)
    outer = plan_with(world, "Det første år", theirs, now)
    draft = plan_with(world, "En kladde", world.published.activity, now, is_used=False)
    page, lis = f"/kam/aktiviteter/{url_id(world.published.activity)}/", visit("lis")
    shown = words(lis.get(page))
    assert (f'href="{page}ud-af-brug/"' in shown, 'value="retired"' in shown) == (True, False)
    in_use, _, drafts = words(lis.get(f"{page}ud-af-brug/")).partition("Disse kladder har den i sig.")
    for each in (theirs, outer, world.published.plan):
        assert f'href="/kam/planer/{url_id(each)}/"' in in_use.partition("De kan ikke sendes til flere borgere")[2]
    assert "Region Nord" in in_use
    assert f'href="/kam/planer/{url_id(draft)}/">En kladde' in drafts
    assert status(world, world.published.activity, now) == "active"


def test_the_list_says_of_what_is_in_use_that_it_cannot_be_sent_and_who_was_sent_it_goes_on(world, visit, nancy, now):
    plan_with(world, "Det første år", world.published.plan, now)
    nancy.gets(now=now)
    lis, said = visit("lis"), f"Kan ikke sendes: ”{TITLE}” er ikke i brug."
    assert said not in words(lis.get("/kam/planer/"))
    retire(lis, f"/kam/aktiviteter/{url_id(world.published.activity)}/")
    listed = words(lis.get("/kam/planer/"))
    assert (said in row(listed, "Det første år"), listed.count(said)) == (True, 2), "of both, one within the other"
    assert sendable_plans(world.gateway, by=world.asta, now=now) == ()
    assert "Planen er i brug, men kan ikke sendes" in words(lis.get(f"/kam/planer/{url_id(world.published.plan)}/"))
    assert nancy.answers({}, now=now + timedelta(hours=1))


def test_a_plan_that_asks_a_questionnaire_which_is_out_of_use_cannot_be_sent_either(world, visit, now):
    asked = world.gateway.read(world.published.questionnaire, by=SYSTEM, now=now)
    planning.set_status(world.gateway, asked, "retired", asked["meta"]["versionId"], by=SYSTEM, now=now)
    lis = visit("lis")
    assert f"Kan ikke sendes: ”{TITLE}” er ikke i brug." in words(lis.get("/kam/planer/"))
    shown = words(lis.get(f"/kam/planer/{url_id(world.published.plan)}/"))
    assert f"bruger spørgeskemaet ”{TITLE}”, der ikke er i brug." in shown
    assert "Åbn aktiviteten" in shown


def test_a_questionnaire_says_which_plans_ask_it_and_whose_they_are_before_it_goes_out_of_use(world, visit, nancy, now):
    region = own_url(world.gateway.base_url, world.gateway.create(organization("Region Nord"), by=SYSTEM, now=now))
    theirs = plan_with(world, "Regionens plan", world.published.activity, now, owner=region)
    plan_with(world, "Det første år", theirs, now)
    plan_with(world, "En kladde", world.published.activity, now, is_used=False)
    nancy.gets(now=now)
    page, lis = f"/administration/spoergeskemaer/{url_id(world.published.questionnaire)}/", visit("lis")
    shown = words(lis.get(page))
    assert (f'href="{page}ud-af-brug/"' in shown, 'value="retired"' in shown) == (True, False)
    in_use, _, drafts = words(lis.get(f"{page}ud-af-brug/")).partition("Disse kladder til planer spørger om det.")
    told = in_use.partition("De kan ikke sendes til flere borgere")[2]
    assert [title in told for title in ("Regionens plan", "Region Nord", "Det første år", TITLE)] == [True] * 4
    assert "En kladde" in drafts
    assert status(world, world.published.questionnaire, now) == "active"
    retire(lis, page)
    assert status(world, world.published.questionnaire, now) == "retired"
    assert sendable_plans(world.gateway, by=world.asta, now=now) == ()
    assert nancy.answers({}, now=now + timedelta(hours=1)), "who was sent it goes on"
    answered = lis.get(f"{page}ud-af-brug/")
    assert (answered.status_code, answered["Location"]) == (302, page)


def test_a_questionnaire_that_is_asked_only_by_plans_out_of_use_says_that_none_asks_it(world, visit, now):
    plan = world.gateway.read(world.published.plan, by=SYSTEM, now=now)
    planning.set_status(world.gateway, plan, "retired", plan["meta"]["versionId"], by=SYSTEM, now=now)
    page = f"/administration/spoergeskemaer/{url_id(world.published.questionnaire)}/"
    asked = words(visit("lis").get(f"{page}ud-af-brug/"))
    for said in ("Ingen planer spørger om det.", f'href="{page}">Behold det i brug', "Det kan ikke fortrydes"):
        assert said in asked


def test_a_plan_says_that_it_is_sent_no_more_and_what_is_not_in_use_leads_back(world, visit, now):
    page, lis = f"/kam/planer/{url_id(world.published.plan)}/", visit("lis")
    asked = words(lis.get(f"{page}ud-af-brug/"))
    for said in ("Planen kan ikke sendes til flere borgere.", "Ingen planer har den i sig.", "Det kan ikke fortrydes"):
        assert said in asked
    assert f'href="{page}">Behold den i brug' in asked
    retire(lis, page)
    assert status(world, world.published.plan, now) == "retired"
    answered = lis.get(f"{page}ud-af-brug/")
    assert (answered.status_code, answered["Location"]) == (302, page)

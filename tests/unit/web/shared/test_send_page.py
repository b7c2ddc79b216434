"""The page that sends: what the citizen follows already is told before, and asked about once more."""

import re

import pytest

from kommunalpro.care.bundles import url_id
from kommunalpro.care.due import due_for
from kommunalpro.config import wiring
from tests.gateway.test_apply import another_plan
from tests.unit.web.shared.conftest import words

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TOLD = "Nancy Ann Berggren har allerede ”Hverdagen med kronisk sygdom” i gang siden"


@pytest.fixture
def page(nancy):
    """The page on which Nancy is sent something, who was sent it before."""
    nancy.gets(now=wiring.clock().now())
    return f"/medarbejder/borgere/{url_id(nancy.patient)}/forloeb/{url_id(nancy.episode)}/send/"


@pytest.fixture
def chosen(world, nancy):
    stamp = {"stamped": url_id(nancy.patient), "stamped_name": nancy.person.name}
    return {**stamp, "plan": url_id(world.published.plan), "mode": "now", "days": "10"}


def count(nancy):
    return len(due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=wiring.clock().now()))


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["without script", "with script"])
def test_it_is_told_with_the_sentence_of_what_will_happen(visit, page, chosen, headers):
    read = words(visit("asta").post(page, chosen, headers=headers))
    assert TOLD in read
    assert "hos Sundhedscenter Nord." in read


def test_of_several_courses_of_care_it_is_said_which_one_it_is_for(visit, world, nancy, page):
    world.enrol(nancy.person)
    asta = visit("asta")
    here = words(asta.get(page))
    assert re.search(r"Forløb:\s+\S+", here)
    about = re.search(r"Forløb:\s+([^<]+)<", here)[1]
    links = re.findall(
        r'Send spørgeskema<span class="sr-only"> ([^<]+)</span>', words(asta.get(page.split("forloeb/")[0]))
    )
    assert links.count(about.strip()) == 1, "both are about the same, and told apart"
    assert len(links) == 2


def test_sending_asks_once_more_and_then_does_as_it_is_told(visit, nancy, page, chosen):
    asta = visit("asta")
    asked = asta.post(page, {**chosen, "send": "1"})
    read = words(asked)
    assert asked.status_code == 409
    assert "Send det en gang til?" in read
    assert TOLD in read
    assert re.search(r"nu og kan svare til og med \w+ \d+\. \w+\.", read)
    assert count(nancy) == 1
    yes = {**dict(HIDDEN.findall(read)), "send": "1"}
    again = asta.post(page, yes, follow=True)
    assert "Spørgeskemaet er sendt." in words(again)
    assert count(nancy) == 2
    assert asta.post(page, yes).status_code == 409, "a second press: it is there by then"
    assert count(nancy) == 2


@pytest.mark.parametrize("pressed", [{"send": "1"}, {}], ids=["send", "see"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["without script", "with script"])
def test_what_cannot_be_sent_any_more_is_said_on_the_form_with_all_that_was_chosen(
    visit, world, page, chosen, pressed, headers
):
    """A plan whose own date has passed is sent in another way, or made anew; whether one only asks, or sends."""
    over = {"start": "2026-01-01T08:00:00+01:00", "end": "2026-01-08T08:00:00+01:00"}
    plan = url_id(another_plan(world, lambda plan: plan["action"][0].update(timingPeriod=over)))
    asta, day = visit("asta"), wiring.clock().now().date().isoformat()
    given = {**chosen, "plan": plan, "mode": "plan", "day": day, **pressed}
    refused = asta.post(page, given, headers=headers)
    read = words(refused)
    assert (
        "En tid i planen er gået. Vælg ”Nu” eller en dato, eller bed den, der laver planer, om en ny version." in read
    )
    assert "på den tid, planen siger" not in read
    if not headers:
        assert refused.status_code == 422
        assert re.search(rf'value="{plan}"[^>]*checked', read)
        assert 'role="alert" tabindex="-1" autofocus' in read, "what is wrong is read first"


def test_a_yes_for_one_plan_is_no_yes_for_another(visit, nancy, page, chosen):
    other = "00000000-0000-7000-8000-000000000000"
    assert visit("asta").post(page, {**chosen, "send": "1", "once_more": other}).status_code == 409
    assert count(nancy) == 1


def test_it_is_told_in_english_too(visit, page, chosen):
    asta = visit("asta")
    asta.cookies["django_language"] = "en"
    read = words(asta.post(page, {**chosen, "send": "1"}))
    assert "Send it once more?" in read
    assert "Nancy Ann Berggren already has “Hverdagen med kronisk sygdom” running, since" in read

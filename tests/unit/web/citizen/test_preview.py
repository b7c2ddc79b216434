"""An editor sees what a citizen will meet; nothing of it is kept."""

import re

import pytest

from kommunalpro.care.models import Draft
from kommunalpro.config.commands.questionnaire import complete
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import save_demo_persons
from tests.browser import Browser
from tests.unit.care.world import MONDAY


@pytest.fixture
def address(world):
    return f"/administration/spoergeskemaer/{world.published.questionnaire.rsplit('/', 1)[-1]}/forhaandsvisning/"


@pytest.fixture
def lis(world):
    """Lis, who prepares questionnaires, at a browser."""
    return _come(world, "lis")


def test_every_topic_stands_on_the_page(lis, address):
    page = lis.get(address).content.decode()
    for topic in ("Trivsel", "Smerte", "Søvn", "Det vigtigste for dig"):
        assert f">{topic}</h2>" in page


def test_an_answer_brings_what_it_leads_to_and_is_forgotten(lis, address):
    first = lis.get(address).content.decode()
    assert "Hvor gør det ondt?" not in first
    answered = lis.post(address, {**_hidden(first), "svar:smerte-styrke": "7", "gaa": "bliv"})
    assert answered.status_code == 200
    assert "Hvor gør det ondt?" in answered.content.decode()
    again = lis.post(address, {**_hidden(answered.content.decode()), "svar:smerte-styrke": "7", "gaa": "bliv"})
    assert "Hvor gør det ondt?" in again.content.decode()
    assert "Hvor gør det ondt?" not in lis.get(address).content.decode()
    assert not Draft.objects.exists()


def test_a_wrong_answer_is_told_as_the_citizen_is_told(lis, address):
    page = lis.get(address).content.decode()
    answered = lis.post(address, {**_hidden(page), "svar:soevn-naetter": "mange", "gaa": "bliv"})
    assert answered.status_code == 422
    assert "form-error-message" in answered.content.decode()


def test_a_draft_that_is_unfinished_is_told_with_what_it_lacks(world, lis):
    named = {"linkId": "hvor", "type": "choice", "text": "Hvor?", "answerValueSet": "https://kommune.example/steder"}
    asked = {"resourceType": "Questionnaire", "status": "draft", "title": "Kladde", "item": [named]}
    draft, _ = complete(asked, str(world.asta.context.organization))
    stored = world.gateway.create(draft, by=SYSTEM, now=MONDAY)
    answered = lis.get(f"/administration/spoergeskemaer/{stored['id']}/forhaandsvisning/")
    page = answered.content.decode()
    assert answered.status_code == 200
    assert "hvor</strong>: Svarmulighederne https://kommune.example/steder er ikke med i spørgeskemaet." in page


@pytest.mark.parametrize(("who", "status"), [("asta", 403), ("nancy", 403), (None, 302)])
def test_nobody_else_comes_in(world, nancy, visit, address, who, status):
    client = visit.client if who == "nancy" else _come(world, who) if who else Browser()
    assert client.get(address).status_code == status


def _come(world, key):
    client = Browser()
    save_demo_persons(staff.person for staff in world.staff.values())
    client.post("/log-ind/", {"person": key})
    return client


def _hidden(page):
    """What the page sends along by itself."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in found if name not in ("csrfmiddlewaretoken", "next")}

"""The activity editor's pages: reuse and limits are chosen, saved as FUT has them, and shown."""

import re

import pytest
from django.test import Client

from kommunalpro.care.criteria import reuse_of, spans_of
from kommunalpro.fhir import ehealth
from kommunalpro.identity.demo import save_demo_persons
from tests.gateway.measuring import BLOOD_PRESSURE, WEIGHT, concept
from tests.unit.care.world import MONDAY, make_world


@pytest.fixture
def world(database):
    return make_world()


@pytest.fixture
def lis(world):
    save_demo_persons([world.staff["lis"].person])
    client = Client()
    client.post("/log-ind/", {"person": "lis"})
    return client


def draft(world, **changes):
    """Store a draft of an activity; gives its id."""
    by = world.staff["lis"].principal
    original = world.gateway.read(world.published.activity, by=by, now=MONDAY)
    left = (ehealth.BASE, ehealth.BASE_ENVIRONMENT)
    kept = [each for each in original["extension"] if each["url"] not in left]
    new = {name: each for name, each in original.items() if name not in ("identifier", "approvalDate")}
    made = {**new, "status": "draft", "extension": kept, **changes}
    return world.gateway.create({name: each for name, each in made.items() if each}, by=by, now=MONDAY)["id"]


def fields(page):
    """Give what a form would send: what is written, checked and chosen."""
    html = page.content.decode()
    found = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"(?![^>]*type="radio")', html))
    found |= dict(re.findall(r'type="radio"[^>]*name="([^"]+)"\s+value="([^"]*)" checked', html))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        if chosen := re.search(r'value="([^"]*)"\s*selected', options):
            found[name] = chosen[1]
    return found


def test_a_number_has_limits_and_qualities_and_no_questionnaire(world, lis):
    id = draft(world, title="Vej dig", code=concept(WEIGHT), relatedArtifact=None)
    address = f"/kam/aktiviteter/{id}/ret/"
    page = lis.get(address)
    assert 'name="chosen"' not in page.content.decode()
    written = {"reuse": "yes", "age": "2", "age_unit": "d", "situationQuality": "sitting", "red_low_0": "60,5"}
    answer = lis.post(address, fields(page) | written | {"citizen": "Vej dig", "save": ""})
    assert answer.status_code == 302, answer.content.decode()
    stored = world.gateway.read(f"ActivityDefinition/{id}", by=world.staff["lis"].principal, now=MONDAY)
    assert (reuse_of(stored).age.value, dict(reuse_of(stored).qualities)) == (2, {"situationQuality": "sitting"})
    [span] = spans_of(stored)
    assert str(span.limits.low) == "60.5"
    shown = lis.get(answer.headers["Location"]).content.decode()
    assert "Ja, når det højst er 2 dage gammelt. Krav: Siddende" in shown
    assert "Grænser for rød alarm: mindst 60,5 kg" in shown


def test_a_questionnaire_may_be_used_again_and_has_neither_limits_nor_qualities(world, lis):
    address = f"/kam/aktiviteter/{draft(world)}/ret/"
    page = lis.get(address)
    html = page.content.decode()
    assert 'name="reuse"' in html
    assert "red_low_0" not in html
    assert "situationQuality" not in html


def test_blood_pressure_has_limits_for_each_of_its_numbers(world, lis):
    id = draft(world, title="Blodtryk", code=concept(BLOOD_PRESSURE), relatedArtifact=None)
    html = lis.get(f"/kam/aktiviteter/{id}/ret/").content.decode()
    assert html.count('name="red_low_') == 2
    assert "Blodtryk, diastolisk, gul alarm" in html


def test_what_is_wrong_is_told_all_at_once_and_nothing_is_lost(world, lis):
    id = draft(world, title="Vej dig", code=concept(WEIGHT), relatedArtifact=None)
    address = f"/kam/aktiviteter/{id}/ret/"
    wrong = {"reuse": "yes", "age": "", "red_low_0": "90", "red_high_0": "60", "yellow_high_0": "1.000"}
    answer = lis.post(address, fields(lis.get(address)) | wrong | {"citizen": "", "save": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    for told in (
        "Skriv den titel, borgeren skal læse.",
        "Skriv, hvor gammelt det højst må være.",
        "Det første tal skal være mindre end det andet.",
        "Skriv et tal uden punktum mellem tusinder",
    ):
        assert told in html
    assert 'value="1.000"' in html

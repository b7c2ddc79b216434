"""A number or a picture on the worklist and on its own page: never said to be calm, and closed where it stands."""

import re

import pytest
from django.test import Client

from kommunalpro.care.worklist import worklist
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.identity.demo import save_demo_persons
from tests.gateway.answering import LATER, bundle_of
from tests.gateway.measuring import PHOTO, RED, WEIGHT, asked_to_measure, concept, limits
from tests.people import NANCY, TJOERN
from tests.resources import PICTURE


@pytest.fixture
def measuring(world):
    return world.enrol(NANCY)


@pytest.fixture
def asta(world, monkeypatch):
    """A browser in which Asta is logged in."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(LATER))
    save_demo_persons([world.staff["asta"].person])
    client = Client()
    client.post("/log-ind/", {"person": "asta"})
    return client


def see(client, address="/medarbejder/"):
    page = client.get(address)
    return page.status_code, re.sub(r"\s+", " ", page.content.decode().split("<main", 1)[-1])


def opens(client):
    """Follow the one row that is there."""
    [address] = re.findall(r'href="(/medarbejder/borgere/[^"]+/maaling/[^"]+)"', see(client)[1])
    return see(client, address)


def test_a_number_stands_with_its_limits_and_without_a_light(measuring, asta):
    weight = asked_to_measure(measuring, WEIGHT, limits(60, 90, RED))
    weight.submit(bundle_of(weight.observation(value=120)))
    _, page = see(asta)
    assert "Vægt 120 kg. Grænser for rød alarm: 60–90" in page
    assert page.count("light-not-assessed") == 1
    status, page = opens(asta)
    assert status == 200
    for words in ("Vægt 120 kg", "Ikke vurderet", "Grænser for rød alarm: 60–90", "Systemet vurderer ikke målte tal"):
        assert words in page


def test_a_value_that_is_not_there_is_never_a_zero(measuring, asta):
    weight = asked_to_measure(measuring)
    reason = concept(("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-declined"))
    weight.submit(bundle_of(weight.observation(value=None, dataAbsentReason=reason)))
    assert "Vægt: ingen værdi" in see(asta)[1]
    assert "Borgeren ville ikke oplyse det." in opens(asta)[1]


def test_a_picture_can_be_looked_at(measuring, asta):
    photo = asked_to_measure(measuring, PHOTO)
    photo.submit(bundle_of(photo.media()))
    assert "Et billede" in see(asta)[1]
    assert f'src="data:image/png;base64,{PICTURE}"' in opens(asta)[1].replace("&#43;", "+")


def test_a_picture_that_is_kept_elsewhere_is_not_fetched(measuring, asta):
    photo = asked_to_measure(measuring, PHOTO)
    photo.submit(bundle_of(photo.media(content={"contentType": "image/png", "url": "https://film.example/1"})))
    _, page = opens(asta)
    assert "Billedet ligger et andet sted" in page
    assert "film.example" not in page


def test_it_is_seen_to_where_it_stands(world, measuring, asta):
    weight = asked_to_measure(measuring)
    weight.submit(bundle_of(weight.observation()))
    [form] = re.findall(r'<form class="staff-row-settle".*?</form>', see(asta)[1])
    [address] = re.findall(r'action="([^"]+)"', form)
    asta.post(address, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)))
    assert worklist(world.gateway, by=world.asta, now=LATER).items == ()


def test_on_another_citizens_page_it_is_not_there(world, measuring, asta):
    weight = asked_to_measure(measuring)
    [entry] = weight.submit(bundle_of(weight.observation()))["entry"]
    other = world.enrol(TJOERN).patient.rpartition("/")[2]
    kind, id = entry["fullUrl"].split("/")[-2:]
    assert see(asta, f"/medarbejder/borgere/{other}/maaling/{kind}/{id}/")[0] == 404
    assert see(asta, f"/medarbejder/borgere/{other}/maaling/Patient/{other}/")[0] == 404

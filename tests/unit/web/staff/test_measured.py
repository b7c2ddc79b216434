"""A number or a picture on the worklist and on its own page: never said to be calm, and closed where it stands."""

import re

import pytest

from kommunalpro.care.regime import UCUM
from kommunalpro.care.worklist import worklist
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.identity.demo import save_demo_persons
from kommunalpro.web.staff.presenters import dates
from tests.browser import Browser
from tests.gateway.answering import LATER, bundle_of
from tests.gateway.measuring import (
    BLOOD_PRESSURE,
    DIASTOLIC,
    PHOTO,
    RED,
    SYSTOLIC,
    WEIGHT,
    asked_to_measure,
    concept,
    limits,
)
from tests.people import NANCY, TJOERN
from tests.resources import PICTURE

NOT_COMPARABLE = "kan ikke sammenlignes med målingen: enhederne er ikke ens"


@pytest.fixture
def measuring(world):
    return world.enrol(NANCY)


@pytest.fixture
def asta(world, monkeypatch):
    """A browser in which Asta is logged in."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(LATER))
    save_demo_persons([world.staff["asta"].person])
    client = Browser()
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
    weight = asked_to_measure(measuring, WEIGHT, limits(60, 90, RED, unit="kg"))
    weight.submit(bundle_of(weight.observation(value=120)))
    _, page = see(asta)
    assert "Vægt 120 kg. Grænser for rød alarm: 60–90 kg" in page
    assert NOT_COMPARABLE not in page
    assert page.count("light-not-assessed") == 1
    status, page = opens(asta)
    assert status == 200
    for words in (
        "Vægt 120 kg",
        "Ikke vurderet",
        "Grænser for rød alarm: 60–90 kg",
        "Systemet vurderer ikke målte tal",
    ):
        assert words in page
    assert "Se på målingen" in page
    assert f"Målt {dates.full(LATER)}" in page


@pytest.mark.parametrize(
    ("measured", "unit", "said"),
    [
        ({"value": 82000, "unit": "g"}, "kg", "60–90 kg"),
        ({"value": 82, "unit": "kg", "system": UCUM, "code": "g"}, "kg", "60–90 kg"),
        ({"value": 82}, "kg", "60–90 kg"),
        ({"value": 82, "unit": "kg"}, "", "60–90"),
    ],
    ids=["words", "codes", "number-without", "limits-without"],
)
def test_limits_in_another_unit_are_said_to_be_and_it_does_not_wait(world, measuring, asta, measured, unit, said):
    weight = asked_to_measure(measuring, WEIGHT, limits(60, 90, RED, unit=unit))
    weight.submit(bundle_of(weight.observation(valueQuantity=measured)))
    for _, page in (see(asta), opens(asta)):
        assert f"Grænser for rød alarm: {said} ({NOT_COMPARABLE})" in page
    assert worklist(world.gateway, by=world.asta, now=LATER).items[0].priority == "urgent"


def test_a_unit_may_be_written_as_people_write_it(measuring, asta):
    pressure = asked_to_measure(measuring, BLOOD_PRESSURE, limits(None, 160, RED, SYSTOLIC, unit="mm[Hg]"))
    upper = pressure.observation(SYSTOLIC, valueQuantity={"value": 190, "unit": "mmHg"})
    pressure.submit(bundle_of(upper))
    assert "Blodtryk, systolisk 190 mmHg. Grænser for rød alarm: øvre 160 mmHg" in see(asta)[1]
    assert NOT_COMPARABLE not in opens(asta)[1]


def test_the_limits_of_a_part_say_of_which(measuring, asta):
    named = [limits(None, high, RED, code, unit="mm[Hg]") for code, high in ((SYSTOLIC, 160), (DIASTOLIC, 100))]
    pressure = asked_to_measure(measuring, BLOOD_PRESSURE, *named)
    parts = [
        {"code": concept(code), "valueQuantity": {"value": value, "unit": "mmHg"}}
        for code, value in ((SYSTOLIC, 190), (DIASTOLIC, 110))
    ]
    pressure.submit(bundle_of(pressure.observation(BLOOD_PRESSURE, None, component=parts)))
    for _, page in (see(asta), opens(asta)):
        assert "Blodtryk, systolisk 190 mmHg, Blodtryk, diastolisk 110 mmHg" in page
        assert "Blodtryk, systolisk: Grænser for rød alarm: øvre 160 mmHg" in page
        assert "Blodtryk, diastolisk: Grænser for rød alarm: øvre 100 mmHg" in page


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
    page = opens(asta)[1].replace("&#43;", "+")
    assert f'src="data:image/png;base64,{PICTURE}"' in page
    assert "Se på billedet" in page
    assert f"Taget {dates.full(LATER)}" in page


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

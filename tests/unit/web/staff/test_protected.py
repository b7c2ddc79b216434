"""Name and address protection is said beside the name: on every page about the citizen, and on the worklist."""

import pytest

from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.fhir import ehealth
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import save_demo_persons
from tests.browser import Browser
from tests.people import TJOERN
from tests.unit.care.world import BAD_PAIN, MONDAY

MARK = "Navne- og adressebeskyttet"


@pytest.fixture
def asta(world, monkeypatch):
    """Asta at a browser."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY))
    save_demo_persons([world.staff["asta"].person])
    client = Browser()
    client.post("/log-ind/", {"person": "asta"})
    return client


def protect(nancy):
    gateway = nancy.world.gateway
    stored = gateway.read(nancy.patient, by=SYSTEM, now=MONDAY)
    protection = {"url": ehealth.NAME_AND_ADDRESS_PROTECTION, "valuePeriod": {"start": "2026-01-01"}}
    changed = {**stored, "extension": [*stored.get("extension", ()), protection]}
    gateway.update(changed, if_match=stored["meta"]["versionId"], by=SYSTEM, now=MONDAY)


@pytest.mark.parametrize("page", ["", "over-tid/"])
def test_it_is_said_of_who_is_protected_and_of_nobody_else(asta, nancy, page):
    address = f"/medarbejder/borgere/{nancy.patient.rpartition('/')[2]}/{page}"
    before = asta.get(address)
    assert (before.status_code, MARK in before.content.decode()) == (200, False)
    protect(nancy)
    assert MARK in asta.get(address).content.decode()


@pytest.mark.parametrize("tab", ["nye", "kommende"])
def test_it_is_said_on_the_worklist_in_the_rows_of_who_is_protected_alone(asta, nancy, tab):
    tjoern = nancy.world.enrol(TJOERN)
    for citizen in (nancy, tjoern):
        citizen.gets()
        citizen.answers(BAD_PAIN)
        citizen.gets()
    protect(nancy)
    page = asta.get("/medarbejder/", {"fane": tab}).content.decode()
    rows = page.split('<li class="staff-row')[1:]
    assert [MARK in row for row in rows] == [nancy.person.name in row for row in rows]
    assert {MARK in row for row in rows} == {True, False}

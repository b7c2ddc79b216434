from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.identity.demo import Person, save_demo_persons
from tests.browser import Browser
from tests.people import NANCY
from tests.unit.care.world import MONDAY, Enrolled, World
from tests.unit.web.citizen.visits import Visit

LATER = MONDAY + timedelta(hours=2)


@pytest.fixture(autouse=True)
def danish():
    """The pages' own language."""
    with translation.override("da"):
        yield


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The small world of care, on a Monday at noon."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(LATER))
    return world


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, who has been sent the questionnaire."""
    nancy = world.enrol(NANCY)
    nancy.gets()
    return nancy


@pytest.fixture
def visit(nancy: Enrolled) -> Visit:
    """Nancy at a browser."""
    return log_in(nancy)


def log_in(*citizens: Enrolled, client: Any = None) -> Visit:
    """Let the first of these citizens log in; the others can as well."""
    save_demo_persons(Person(each.person.key, each.person.name, "PATIENT", each.patient, "Borger") for each in citizens)
    client = client or Browser()
    client.post("/log-ind/", {"person": citizens[0].person.key})
    return Visit(client, citizens[0].person.name)

"""Whoever may only look is offered nothing that they may not do."""

import pytest

from kommunalpro.care.bundles import url_id
from kommunalpro.config import wiring
from kommunalpro.fhir.ehealth import CARETEAM_PARTICIPANT_ROLE as ROLE
from kommunalpro.fut.contexts import SYSTEM
from tests.unit.care.world import BAD_PAIN
from tests.unit.web.shared.conftest import words


@pytest.fixture
def answered(nancy):
    """Nancy has answered so that a task is made, and is asked once more."""
    nancy.gets(now=wiring.clock().now())
    response = nancy.answers(BAD_PAIN)
    nancy.gets(now=wiring.clock().now())
    return response


@pytest.fixture
def pages(nancy, answered):
    citizen = f"/medarbejder/borgere/{url_id(nancy.patient)}/"
    return "/medarbejder/", citizen, f"{citizen}svar/{url_id(answered)}/"


OFFERED = ("Find borger", "Send spørgeskema", "Træk tilbage", "Tag opgaven", "Afslut opgave")


def may_only_look(world):
    gateway, now = wiring.gateway(), wiring.clock().now()
    team = gateway.read(world.teams["nord"].url, by=SYSTEM, now=now)
    for each in team["participant"]:
        each["role"] = [{"coding": [{"system": ROLE, "code": "clinicalViewer"}]}]
    gateway.update(team, if_match=team["meta"]["versionId"], by=SYSTEM, now=now)


def offered(visit, pages):
    asta = visit("asta")
    shown = "".join(words(asta.get(page)) for page in pages)
    return [each for each in OFFERED if each in shown]


def test_who_may_do_it_is_offered_it_and_who_may_only_look_is_not(visit, world, pages):
    assert offered(visit, pages) == list(OFFERED)
    may_only_look(world)
    assert offered(visit, pages) == []

"""Who has answered is told wherever an answer stands: what somebody else says is not the citizen's own experience."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from kommunalpro.care.measurement import measurement_bundle, response_url
from kommunalpro.care.models import Draft
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import Person, save_demo_persons
from tests.browser import Browser
from tests.unit.care.world import BAD_PAIN, MONDAY, REQUIRED, assess_what_waits

LATER = MONDAY + timedelta(hours=1)
OWN = "Svarene er borgerens egen oplevelse"


@pytest.fixture
def visit(world, nancy, monkeypatch):
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY + timedelta(hours=8)))
    save_demo_persons([world.staff["asta"].person, Person("nancy", nancy.person.name, "PATIENT", nancy.patient)])

    def come(key):
        browser = Browser()
        browser.post("/log-ind/", {"person": key})
        return browser

    return come


def answered_by(nancy, who):
    """Let another solution submit what a relative of Nancy's, or Asta, has answered; gives the pages that show it."""
    world, asta = nancy.world, nancy.world.asta
    gateway, within = world.gateway, nancy.self.within(episode_of_care=nancy.episode)
    [due] = due_for(gateway, nancy.patient, by=nancy.self, now=LATER)
    opened = drafts.open_draft(gateway, due, by=nancy.self, now=LATER)
    drafts.save_answers(gateway, opened.id, REQUIRED | BAD_PAIN, by=nancy.self, now=LATER)
    source = asta.user
    if who == "relative":
        person = {"patient": {"reference": nancy.patient}, "name": [{"given": ["Else"], "family": "Berggren"}]}
        stored = gateway.create({"resourceType": "RelatedPerson", **person}, by=SYSTEM, now=LATER)
        source = f"{gateway.base_url}/RelatedPerson/{stored['id']}"
    else:
        within = replace(asta, privileges=asta.privileges | {"$submit-measurement"}).within(
            patient=nancy.patient, episode_of_care=nancy.episode
        )
    row = Draft.objects.get(pk=opened.id)
    bundle = measurement_bundle(row, opened.definition.form, row.as_answers(), source=source)
    response = response_url(gateway.operation("$submit-measurement", bundle, by=within, now=LATER), gateway.base_url)
    assess_what_waits(LATER)
    staff = f"/medarbejder/borgere/{nancy.patient.rpartition('/')[2]}/"
    id = response.rpartition("/")[2]
    return {
        "answer": f"{staff}svar/{id}/",
        "summary": f"{staff}svar/{id}/resume/",
        "citizen": staff,
        "over time": f"{staff}over-tid/",
        "own": f"/borger/tidligere/{id}/",
        "all own": "/borger/tidligere/",
    }


def read(browser, place):
    page = browser.get(place, follow=True)
    assert page.status_code == 200, place
    return re.sub(r"\s+", " ", page.content.decode())


@pytest.mark.parametrize(
    ("who", "name", "to_herself"),
    [
        ("relative", "Else Berggren (pårørende)", "en pårørende"),
        ("nurse", "Asta Holm (medarbejder)", "Asta Holm (medarbejder)"),
    ],
)
def test_who_answered_for_the_citizen_is_named(nancy, visit, who, name, to_herself):
    places, asta, herself = answered_by(nancy, who), visit("asta"), visit("nancy")
    assert f"af {name}" in read(asta, places["answer"])
    summary = read(asta, places["summary"])
    whose = {
        "relative": "Svarene er en pårørendes, ikke borgerens egne",
        "nurse": "Svarene er ikke givet af borgeren selv",
    }
    assert (f"af {name}" in summary, whose[who] in summary, OWN in summary) == (True, True, False)
    kind = {"relative": "besvaret af en pårørende", "nurse": "besvaret af en medarbejder"}[who]
    for place in ("citizen", "over time"):
        assert kind in read(asta, places[place])
    assert kind in read(herself, places["all own"])
    assert f"Besvaret for dig af {to_herself}" in read(herself, places["own"])
    assert "Nancy Ann Berggren svarede" not in read(herself, places["own"])


def test_of_a_citizen_who_answers_herself_nothing_is_said(nancy, visit):
    response, asta = nancy.answers(BAD_PAIN), visit("asta")
    place = f"/medarbejder/borgere/{nancy.patient.rpartition('/')[2]}/svar/{response.rpartition('/')[2]}/"
    assert "medarbejder)" not in read(asta, place)
    assert OWN in read(asta, f"{place}resume/")


def test_the_light_of_a_topic_over_time_is_that_of_her_own_answers_whoever_answered_last(nancy, visit):
    nancy.answers({**BAD_PAIN, "smerte-styrke": [{"valueInteger": 5}]}, now=MONDAY + timedelta(minutes=5))
    nancy.gets(now=MONDAY + timedelta(minutes=20))
    page = read(visit("asta"), answered_by(nancy, "relative")["over time"])
    pain = re.search(r'<h2 id="emne-\d+">((?:(?!</h2>).)*) Smerte ?</h2>', page)[1]
    assert ("light-yellow" in pain, "light-red" in pain) == (True, False)

"""What staff see of an answer that was marked as an error: that it does not count, before anything it says."""

import re
from dataclasses import replace

import pytest

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.history import Invalidation
from kommunalpro.care.impressions import code_of
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.fhir.bundle import resources
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import save_demo_persons
from kommunalpro.pro.acute import AcuteHit
from kommunalpro.pro.text import Text
from kommunalpro.web.staff.presenters.response import response_page
from kommunalpro.web.staff.presenters.summary import summary_text
from tests.browser import Browser
from tests.unit.care.validity import EVENING, invalidate
from tests.unit.care.world import BAD_PAIN

MARK = "Markeret som fejl af Asta Holm mandag 23. november 2026 kl. 18.00. Svaret tæller ikke længere."
ACUTE = AcuteHit("1", "smerte-styrke", Text("Ring til borgeren nu."))


@pytest.fixture
def wrong(nancy):
    """Nancy's answer about bad pain, marked as an error; gives its URL."""
    response = nancy.answers(BAD_PAIN)
    invalidate(nancy, response)
    return response


@pytest.fixture
def asta(world, monkeypatch):
    """Asta at a browser."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(EVENING))
    save_demo_persons([world.staff["asta"].person])
    client = Browser()
    client.post("/log-ind/", {"person": "asta"})
    return client


def see(client, path):
    """Open a page; gives its status, and what stands between header and footer."""
    response = client.get(path)
    page = response.content.decode()
    return response.status_code, page.split("<main", 1)[-1].split("</main>", 1)[0]


def address(nancy, response=None):
    who = f"/medarbejder/borgere/{nancy.patient.rpartition('/')[2]}/"
    return f"{who}svar/{response.rpartition('/')[2]}/" if response else who


def page_of(world, nancy, response, /, **changes):
    found = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=EVENING)
    return response_page(replace(found, **changes), "Diabetes", user=world.asta.user)


def test_the_row_of_the_worklist_says_so_in_the_place_of_a_light_and_leads_to_the_answer(asta, nancy, wrong):
    _, page = see(asta, "/medarbejder/")
    assert "Markeret som fejl" in page
    assert "Svaret tæller ikke længere: afslut opgaven" in page
    assert 'class="light' not in page
    assert address(nancy, wrong) in page


def test_the_answer_says_so_before_anything_else_and_its_task_can_be_closed(asta, nancy, wrong):
    status, page = see(asta, address(nancy, wrong))
    assert status == 200
    assert page.index(MARK) < page.index("<h1")
    assert "Det kan du gøre" not in page
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert 'name="light"' not in page
    closed = asta.post(f"{address(nancy, wrong)}opgave/afslut/", {**fields, "note": "Forkert borger."})
    assert closed.headers["Location"] == "/medarbejder/?afsluttet"
    assert address(nancy, wrong) not in see(asta, "/medarbejder/")[1]
    assert "Forkert borger." in see(asta, address(nancy, wrong))[1]


def test_what_was_found_of_it_is_folded_away_and_every_answer_can_be_read(asta, nancy, wrong):
    _, page = see(asta, address(nancy, wrong))
    folded = page.index("Se vurderingen fra før")
    assert 'class="light' not in page[:folded]
    assert page.index('class="light') < page.index("Alle svar</h2>")


def test_the_citizens_page_lists_it_as_an_error_and_leads_to_no_course_of_it(asta, nancy, wrong):
    _, page = see(asta, address(nancy))
    assert "Markeret som fejl" in page
    assert address(nancy, wrong) in page
    assert 'class="light' not in page
    assert "Svar over tid" not in page
    _, course = see(asta, f"{address(nancy)}over-tid/")
    assert wrong.rpartition("/")[2] not in course


def test_the_summary_says_so_and_nothing_that_was_found(world, nancy, wrong):
    summary = summary_text(page_of(world, nancy, wrong))
    assert MARK in summary.splitlines()
    assert "opmærksomhed" not in summary


def test_what_was_acute_is_said_until_somebody_has_closed_the_task(world, nancy, wrong):
    by = nancy.seen_by(world.asta)
    found = read_interpreted(world.gateway, wrong, by=by, now=EVENING).assessment
    acute = replace(found, acute=(ACUTE,))
    assert page_of(world, nancy, wrong, assessment=acute).acute == ("Ring til borgeren nu.",)
    assert page_of(world, nancy, wrong, assessment=acute, task=None).acute == ()


def test_it_is_said_as_far_as_it_is_known(world, nancy, wrong):
    response = read_interpreted(world.gateway, wrong, by=nancy.seen_by(world.asta), now=EVENING).response
    when = "mandag 23. november 2026 kl. 18.00"
    for by, at, said in (
        ("", None, "Markeret som fejl."),
        ("", EVENING, f"Markeret som fejl {when}."),
        (nancy.patient, EVENING, f"Markeret som fejl af borgeren {when}."),
    ):
        marked = replace(response, invalidated=Invalidation(by, at))
        assert page_of(world, nancy, wrong, response=marked).error == f"{said} Svaret tæller ikke længere."


@pytest.mark.parametrize("is_assessed_again", [False, True], ids=["no light since", "another light since"])
def test_a_light_that_was_given_in_error_leaves_no_task_that_cannot_be_closed(world, asta, nancy, is_assessed_again):
    response = nancy.answers(BAD_PAIN)
    light = light_of(world, nancy)
    mark = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    world.gateway.patch(f"ClinicalImpression/{light['id']}", mark, if_match=None, by=SYSTEM, now=EVENING)
    if is_assessed_again:
        again = {name: each for name, each in light.items() if name not in ("id", "meta")}
        world.gateway.create(again, by=SYSTEM, now=EVENING)
    assert address(nancy, response) in see(asta, "/medarbejder/")[1]
    _, page = see(asta, address(nancy, response))
    assert "opgave/tag/" in page
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    closed = asta.post(f"{address(nancy, response)}opgave/afslut/", {**fields, "note": "Set."})
    assert closed.headers["Location"] == "/medarbejder/?afsluttet"
    assert address(nancy, response) not in see(asta, "/medarbejder/")[1]


def light_of(world, nancy):
    query = [("subject", nancy.patient)]
    found = world.gateway.search("ClinicalImpression", query, by=SYSTEM, now=EVENING)
    return next(each for each in resources(found, "ClinicalImpression") if code_of(each) == "TriagingResult")

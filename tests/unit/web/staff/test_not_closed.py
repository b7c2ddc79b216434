"""A task that could not be closed after the note was stored: the page says so, and what was written stands ready."""

import re
from datetime import timedelta

import pytest

from kommunalpro.care import follow_up
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.identity.demo import save_demo_persons
from tests.browser import Browser
from tests.unit.care.breaking import BUSY
from tests.unit.care.world import BAD_PAIN, MONDAY

NOTE = "Ring i morgen: åndenød."


@pytest.fixture
def asta(world, nancy, monkeypatch):
    """Asta at a browser."""
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY + timedelta(hours=8)))
    save_demo_persons([world.staff["asta"].person])
    client = Browser()
    client.post("/log-ind/", {"person": "asta"})
    return client


def fails(*_, **__):
    raise BUSY


def test_the_note_stands_with_the_answer_and_in_the_form_and_is_stored_once(asta, nancy, monkeypatch):
    response = nancy.answers(BAD_PAIN)
    place = f"/medarbejder/borgere/{nancy.patient.rpartition('/')[2]}/svar/{response.rpartition('/')[2]}/"
    page = asta.get(place).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition("<main")[2]))
    with monkeypatch.context() as patch:
        patch.setattr(follow_up, "_patched", fails)
        told = asta.post(f"{place}opgave/afslut/", {**fields, "note": NOTE, "light": "yellow"})
    page = told.content.decode()
    assert told.status_code == 429
    assert "Din vurdering er gemt, men opgaven blev ikke afsluttet. Der er travlt lige nu." in page
    assert re.search(rf"<textarea[^>]*>\s*{NOTE}</textarea>", page)
    assert page.count(NOTE) == 2, "in the form, and with the answer"
    assert '<option value="yellow" selected>' in page
    closed = asta.post(f"{place}opgave/afslut/", {**fields, "note": NOTE, "light": "yellow"})
    assert closed.headers["Location"] == "/medarbejder/?afsluttet"
    assert (
        "Opgaven er afsluttet. Det, du skrev, står ved svaret." in asta.get("/medarbejder/?afsluttet").content.decode()
    )
    assert asta.get(place).content.decode().count(NOTE) == 1

"""Answers whose sending breaks off: the citizen finds the receipt of what was taken in, and else goes on with them."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import Conflict
from kommunalpro.fut.gateway import Unanswered
from tests.gateway.answering import LATER
from tests.gateway.looking import all_of
from tests.unit.care.breaking import DOUBT, Breaking
from tests.unit.care.world import REQUIRED

OVER = LATER + timedelta(minutes=2)
WORSE = [{"valueInteger": 9}]


@pytest.fixture
def draft(asked):
    nancy = asked.nancy
    draft = drafts.open_draft(nancy.world.gateway, asked.due, by=nancy.self, now=LATER).id
    drafts.save_answers(nancy.world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    return draft


def breaks_off(asked, draft, *, is_done):
    nancy = asked.nancy
    silent = Breaking(nancy.world.gateway, "operation", DOUBT, is_done=is_done)
    with pytest.raises(Unanswered):
        drafts.submit(silent, draft, by=nancy.self, now=LATER)


def test_who_would_change_what_was_taken_in_unheard_finds_the_receipt(asked, draft):
    nancy, gateway = asked.nancy, asked.nancy.world.gateway
    breaks_off(asked, draft, is_done=True)
    with pytest.raises(Conflict) as told:
        drafts.save_answer(gateway, draft, "smerte-styrke", WORSE, by=nancy.self, now=OVER)
    assert [each.text for each in told.value.issues] == ["Svarene er allerede sendt."]
    opened = drafts.read_draft(gateway, draft, by=nancy.self, now=OVER)
    [stored] = all_of(asked, "QuestionnaireResponse")
    assert opened.response == f"{gateway.base_url}/QuestionnaireResponse/{stored['id']}"
    assert opened.submitted_at == LATER
    assert drafts.submit(gateway, draft, by=nancy.self, now=OVER).response == opened.response


def test_what_was_not_taken_in_is_changed_and_sent_as_it_is_then(asked, draft):
    nancy, gateway = asked.nancy, asked.nancy.world.gateway
    breaks_off(asked, draft, is_done=False)
    drafts.save_answer(gateway, draft, "smerte-styrke", WORSE, by=nancy.self, now=OVER)
    drafts.submit(gateway, draft, by=nancy.self, now=OVER)
    [stored] = all_of(asked, "QuestionnaireResponse")
    assert dumps(WORSE[0]) in dumps(stored["item"])


def test_before_it_is_over_nothing_is_looked_for_and_nothing_changed(asked, draft):
    nancy, gateway = asked.nancy, asked.nancy.world.gateway
    breaks_off(asked, draft, is_done=True)
    soon = OVER - timedelta(seconds=1)
    assert drafts.read_draft(gateway, draft, by=nancy.self, now=soon).submitted_at is None
    with pytest.raises(Unanswered):
        drafts.save_answer(gateway, draft, "smerte-styrke", WORSE, by=nancy.self, now=soon)

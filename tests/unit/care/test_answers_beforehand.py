"""What a question is answered with beforehand is a proposal: shown, and nobody's answer until it is saved."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from kommunalpro.fhir import ehealth
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(hours=1)
OF_THE_CITIZEN = {
    "url": ehealth.INITIAL_EXPRESSION,
    "valueExpression": {"language": "text/fhirpath", "expression": "%patient.birthDate"},
}
ASKED = {
    "resourceType": "Questionnaire", "status": "draft", "title": "Om dig", "item": [
        {"linkId": "height", "type": "integer", "text": "Hvor høj er du?", "initial": [{"valueInteger": 170}]},
        {"linkId": "born", "type": "date", "text": "Hvornår er du født?", "extension": [OF_THE_CITIZEN]},
        {"linkId": "smokes", "type": "boolean", "text": "Ryger du?"},
    ],
}  # fmt: skip


@pytest.fixture
def opened(world, nancy):
    nancy.is_asked(ASKED)
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    return drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER)


def begins(opened):
    return {item.link_id: opened.begins(item, item.link_id) for item in opened.definition.form.questions()}


def test_it_is_what_the_questionnaire_says_and_what_is_known_of_the_citizen(world, nancy, opened):
    born = world.gateway.read(nancy.patient, by=nancy.self, now=LATER)["birthDate"]
    assert begins(opened) == {"height": ({"valueInteger": 170},), "born": ({"valueDate": born},), "smokes": ()}
    assert opened.answers == {}
    assert opened.progress.answered == 0


@pytest.mark.parametrize("answer", [[{"valueInteger": 182}], []], ids=["another answer", "none"])
def test_once_the_citizen_has_said_otherwise_it_is_not_proposed_again(world, nancy, opened, answer):
    drafts.save_answer(world.gateway, opened.id, "height", answer, by=nancy.self, now=LATER)
    again = drafts.read_draft(world.gateway, opened.id, by=nancy.self, now=LATER)
    assert begins(again)["height"] == ()
    assert again.answers == ({"height": tuple(answer)} if answer else {})


def test_what_is_only_proposed_is_not_sent(world, nancy, opened):
    drafts.save_answer(world.gateway, opened.id, "smokes", [{"valueBoolean": False}], by=nancy.self, now=LATER)
    sent = drafts.submit(world.gateway, opened.id, by=nancy.self, now=LATER)
    response = world.gateway.read(sent.response, by=nancy.self.within(episode_of_care=nancy.episode), now=LATER)
    assert [item["linkId"] for item in response["item"]] == ["smokes"]

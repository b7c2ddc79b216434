"""A real questionnaire: read from a QFDD document, published, sent, answered, and seen by the nurse."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.due import due_for
from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.care.sending import Now, send, sendable_plans
from kommunalpro.config.commands.questionnaire import complete
from kommunalpro.config.publishing import view_resource
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.integrations.cda.qfdd import read_qfdd
from kommunalpro.pro.triage import Light
from tests.unit.care.world import MONDAY
from tests.unit.integrations.cda.documents import document, limits, options, question, section

LATER = MONDAY + timedelta(hours=1)
PAIN = section(question("pain", "8", text="Har du ondt?", values=options("yes", "no"), inner=limits(1, 1)))


def stored(world, questionnaire):
    """Store a draft for the municipality."""
    draft, _ = complete(questionnaire, world.asta.context.organization)
    return world.gateway.create(draft, by=SYSTEM, now=MONDAY)


def test_an_imported_questionnaire_is_sent_answered_and_read_though_nobody_has_made_rules_for_it(world, nancy):
    draft = stored(world, read_qfdd(document(PAIN, title="Om din smerte")).questionnaire)
    published = publish_questionnaire(world.gateway, draft, by=SYSTEM, now=MONDAY)
    plans = {each.title: each.plan for each in sendable_plans(world.gateway, by=world.asta, now=LATER)}
    assert plans["Om din smerte"] == published.plan
    send(world.gateway, nancy.patient, nancy.episode, published.plan, Now(), by=world.asta, now=MONDAY)
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    opened = drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER)
    (path,) = (item.link_id for item in opened.definition.form.questions())
    answer = dict(opened.definition.form.item(path).options[0].value)
    drafts.save_answer(world.gateway, opened.id, path, [answer], by=nancy.self, now=LATER)
    response = drafts.submit(world.gateway, opened.id, by=nancy.self, now=LATER).response
    seen = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=LATER)
    assert seen.assessment.light is Light.NOT_ASSESSED
    assert [question.words for topic in seen.answers for question in topic.questions] == [("Svar yes",)]


def test_a_questionnaire_that_cannot_be_answered_is_not_published_and_says_all_that_is_wrong(world):
    items = [
        {"linkId": "1", "type": "choice", "text": "Uden svar"},
        {"linkId": "2", "type": "boolean", "text": "Efter 3?", "enableWhen": [_exists("3")]},
    ]
    draft = stored(world, {"resourceType": "Questionnaire", "status": "draft", "title": "Kort", "item": items})
    with pytest.raises(RuleBroken) as refused:
        publish_questionnaire(world.gateway, draft, by=SYSTEM, now=MONDAY)
    texts = [issue.text for issue in refused.value.issues]
    assert texts == [
        "1: Der er intet at vælge imellem.",
        "2: Betingelsen spørger til 3, som ikke findes.",
    ]
    url = f"{world.gateway.base_url}/Questionnaire/{draft['id']}"
    assert world.gateway.read(url, by=SYSTEM, now=LATER)["status"] == "draft"


def _exists(question: str) -> dict[str, object]:
    return {"question": question, "operator": "exists", "answerBoolean": True}


def test_a_view_that_asks_for_questions_the_questionnaire_does_not_have_is_not_published(world):
    topic = {"id": "soevn", "title": {"da": "Søvn"}, "items": ["soevn-kvalitet", "findes-ikke"], "scores": []}
    content = {
        "schemaVersion": 1,
        "identifier": "forkert",
        "version": "1.0",
        "level": "local",
        "title": {"da": "Forkert"},
        "scores": [],
        "topics": [topic],
    }
    lis = world.staff["lis"].principal
    with pytest.raises(RuleBroken) as refused:
        world.gateway.create(view_resource(content, world.published.questionnaire, lis), by=lis, now=MONDAY)
    first, *others = [issue.text for issue in refused.value.issues]
    assert first == "findes-ikke: Spørgsmålet findes ikke i spørgeskemaet."
    assert all("findes ikke i visningen" in each for each in others), "what the organisation's own guidance hangs on"

"""What a nurse reads of somebody else's answers, and of another course of care, in contexts that are hers."""

from dataclasses import replace

import pytest

from kommunalpro.care.already_sent import running_plans
from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.respondents import Respondent
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, LATER, answers, bundle_of
from tests.gateway.looking import all_of
from tests.gateway.national import in_use
from tests.unit.care.world import MONDAY


def relative_of(nancy):
    person = {"resourceType": "RelatedPerson", "patient": {"reference": nancy.patient}, "name": [{"text": "Else"}]}
    stored = nancy.world.gateway.create(person, by=SYSTEM, now=LATER)
    return f"{nancy.world.gateway.base_url}/RelatedPerson/{stored['id']}"


@pytest.mark.parametrize(
    ("by", "told"),
    [("a relative", Respondent("relative", "Else")), ("a nurse", Respondent("professional", "Asta Holm"))],
)
def test_who_answered_for_the_citizen_is_read(asked, by, told):
    nancy, asta = asked.nancy, asked.nancy.world.asta
    source = {"reference": asta.user if by == "a nurse" else relative_of(nancy)}
    sender = replace(asta, privileges=asta.privileges | {"$submit-measurement"})
    within = sender.within(patient=nancy.patient, episode_of_care=nancy.episode)
    asked.submit(bundle_of(asked.response(answers(GOOD), source=source)), by=within if by == "a nurse" else asked.by)
    [response] = all_of(asked, "QuestionnaireResponse")
    gateway = nancy.world.gateway
    url = f"{gateway.base_url}/QuestionnaireResponse/{response['id']}"
    with in_use(gateway):
        found = read_interpreted(gateway, url, by=nancy.seen_by(asta), now=LATER)
    assert found.respondent == told


def test_what_is_asked_in_another_course_of_care_is_found(asked):
    nancy, world = asked.nancy, asked.nancy.world
    here = world.enrol(nancy.person)
    with in_use(world.gateway):
        plan = world.published.plan
        [known] = running_plans(world.gateway, nancy.patient, here.episode, plan, by=world.asta, now=MONDAY)
    assert known.is_elsewhere

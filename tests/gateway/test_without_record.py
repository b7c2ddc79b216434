"""Where the infrastructure keeps no record of how an answer was assessed, care works it out, and is never milder."""

import pytest
from django.conf import settings

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.over_time import trends, trends_of
from kommunalpro.care.worklist import worklist
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.light import Light
from tests.gateway.answering import BAD, GOOD, LATER, answers, bundle_of, expected
from tests.gateway.looking import all_of


def read(asked):
    nancy, world = asked.nancy, asked.nancy.world
    [response] = all_of(asked, "QuestionnaireResponse")
    url = f"{world.gateway.base_url}/QuestionnaireResponse/{response['id']}"
    return read_interpreted(world.gateway, url, by=nancy.seen_by(world.asta), now=LATER)


@pytest.mark.parametrize("case", [BAD, GOOD])
def test_topics_and_light_are_the_same_whether_they_were_kept_or_not(asked, case):
    asked.submit(bundle_of(asked.response(answers(case))))
    found = read(asked)
    assert found.is_record is not settings.STRICT
    assert found.assessment.light.code == expected(case)["light"]
    assert {each.id: each.light.code for each in found.assessment.topics} == expected(case)["topics"]
    assert found.response.kept is (found.assessment.light if settings.STRICT else None)
    [item] = worklist(asked.nancy.world.gateway, by=asked.nancy.world.asta, now=LATER).items
    assert (item.light, item.is_failure) == (found.assessment.light, False)


def test_what_was_put_right_since_is_assessed_anew(asked):
    """The light of record was given for what stood there before."""
    asked.submit(bundle_of(asked.response(answers(GOOD))))
    [response] = all_of(asked, "QuestionnaireResponse")
    put_right = response | {"status": "amended", "item": asked.response(answers(BAD))["item"]}
    gateway = asked.nancy.world.gateway
    gateway.update(put_right, if_match=response["meta"]["versionId"], by=SYSTEM, now=LATER)
    found = read(asked)
    assert (found.is_record, found.assessment.light.code) == (False, expected(BAD)["light"])


def test_over_time_too(asked):
    """By the View that the answer was assessed by then."""
    asked.submit(bundle_of(asked.response(answers(BAD))))
    nancy = asked.nancy
    [form] = trends(nancy.world.gateway, nancy.patient, by=nancy.seen_by(nancy.world.asta), now=LATER)
    series = trends_of(form.past, form.view.view)
    lights = {each.id: each.points[-1].light.code for each in series if each.kind == "topic"}
    assert lights == expected(BAD)["topics"]
    assert all(each.points[-1].given for each in series if each.kind == "score")


@pytest.mark.parametrize(
    ("kept", "shown"), [("red", Light.RED), ("green", Light.GREEN), ("data-absent", Light.NOT_ASSESSED)]
)
def test_what_the_infrastructure_found_worse_is_worse(asked, kept, shown):
    asked.submit(bundle_of(asked.response(answers(GOOD))))
    [impression] = all_of(asked, "ClinicalImpression")
    foreign = {**impression, "extension": impression["extension"][:1]}
    foreign.pop("contained", None)
    foreign["finding"][0]["itemCodeableConcept"]["coding"][0]["code"] = kept
    world = asked.nancy.world
    bare = {name: value for name, value in foreign.items() if name not in ("id", "meta")}
    world.gateway.create(bare | {"date": "2026-11-24T10:00:00+01:00"}, by=SYSTEM, now=LATER)
    found = read(asked)
    assert not found.is_record
    assert found.assessment.light is shown

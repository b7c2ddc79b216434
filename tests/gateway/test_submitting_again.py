"""`$submit-measurement` again: whoever heard no answer sends it once more, and it is taken in once."""

from itertools import permutations
from uuid import uuid4

import pytest

from kommunalpro.fhir.outcome import Conflict, NotFound, RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import BAD, GOOD, LATER, answers, asked_of, bundle_of
from tests.gateway.looking import all_of, rows
from tests.people import NANCY
from tests.store.others import at_the_same_time

OUTSIDERS = ("bo", "kim")


def test_the_same_again_gives_the_first_result_and_stores_nothing(asked):
    bundle = bundle_of(asked.response(answers(BAD)))
    first = asked.submit(bundle)
    after = rows()
    assert asked.submit(bundle) == first
    assert rows() == after


@pytest.mark.parametrize("turned", list(permutations(range(3)))[1:], ids=str)
def test_the_same_in_another_order_is_the_same_and_is_told_in_that_order(asked, turned):
    bundle = bundle_of(*(asked.response(answers(each)) for each in (BAD, GOOD, "sprunget-over")))
    first = asked.submit(bundle)
    after = rows()
    again = bundle | {"entry": [bundle["entry"][at] for at in turned]}
    assert asked.submit(again) == first | {"entry": [first["entry"][at] for at in turned]}
    assert rows() == after


def test_the_same_again_gives_the_first_result_though_nothing_is_asked_any_more(asked):
    """Who heard no answer sends it again, and that may be after the request has ended."""
    bundle, gateway, url = bundle_of(asked.response(answers(BAD))), asked.nancy.world.gateway, asked.due.service_request
    first = asked.submit(bundle)
    request = gateway.read(url, by=SYSTEM, now=LATER)
    gateway.update(request | {"status": "completed"}, if_match=request["meta"]["versionId"], by=SYSTEM, now=LATER)
    after = rows()
    assert asked.submit(bundle) == first
    assert rows() == after
    with pytest.raises(RuleBroken):
        asked.submit(bundle_of(asked.response(answers(GOOD))))


def test_the_same_identity_with_other_content_is_a_conflict(asked):
    uuid = str(uuid4())
    asked.submit(bundle_of(asked.response(answers(BAD)), uuid=uuid))
    after = rows()
    with pytest.raises(Conflict):
        asked.submit(bundle_of(asked.response(answers(GOOD)), uuid=uuid))
    assert rows() == after


def test_a_refused_submission_can_be_mended_and_sent_under_the_same_identity(asked):
    uuid = str(uuid4())
    with pytest.raises(RuleBroken):
        asked.submit(bundle_of(asked.response(answers(GOOD), status="in-progress"), uuid=uuid))
    assert asked.submit(bundle_of(asked.response(answers(GOOD)), uuid=uuid))["entry"]


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_nobody_else_gets_the_earlier_result(asked, outsider):
    bundle = bundle_of(asked.response(answers(BAD)))
    asked.submit(bundle)
    by = asked.nancy.world.staff[outsider].principal
    with pytest.raises(NotFound):
        asked.submit(bundle, by=by.within(patient=asked.nancy.patient, episode_of_care=asked.nancy.episode))


def test_a_double_click_is_taken_in_once(real_world):
    nancy = real_world.enrol(NANCY)
    nancy.gets()
    asked = asked_of(nancy)
    bundle = bundle_of(asked.response(answers(BAD)))
    results = at_the_same_time(*[lambda _: asked.submit(bundle)] * 4)
    assert all(each == results[0] for each in results)
    assert len(all_of(asked, "QuestionnaireResponse")) == 1
    assert len(all_of(asked, "Task")) == 1

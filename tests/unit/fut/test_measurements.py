"""What was sent in stays as it was sent, also for a system that comes with a token from outside."""

import pytest

from kommunalpro.fut.contexts import SYSTEM
from tests.refusals import refusal_codes
from tests.resources import media, observation, questionnaire_response

IMMUTABLE = "KPRO_MEASUREMENT_IMMUTABLE"
OTHER_ANSWER = {"item": [{"linkId": "soevn", "answer": [{"valueBoolean": False}]}]}
WORDS = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Sov godt.</div>'}
NOT_AS_SENT = [
    (questionnaire_response, OTHER_ANSWER),
    (questionnaire_response, {"status": "in-progress"}),
    (questionnaire_response, OTHER_ANSWER | {"status": "entered-in-error"}),
    (questionnaire_response, OTHER_ANSWER | {"status": "amended"}),
    (questionnaire_response, {"text": WORDS}),
    (questionnaire_response, {"text": WORDS, "status": "amended"}),
    (observation, {"valueQuantity": {"value": 83}}),
    (media, {"createdDateTime": "2026-03-02T08:00:00+01:00"}),
    (observation, {"status": "entered-in-error"}),
    (observation, {"status": "cancelled"}),
    (media, {"status": "not-done"}),
]


def put(clinic, resource, *, has_token):
    with clinic.as_(SYSTEM, has_token=has_token) as session:
        return session.update(resource, if_match="1")


@pytest.mark.parametrize(("make", "change"), NOT_AS_SENT)
def test_a_system_from_outside_does_not_rewrite_what_was_sent(clinic, make, change):
    """The light of record was given for what stands there."""
    made = clinic.create(make("nancy", "nancys"))
    codes = refusal_codes(lambda: put(clinic, made | change, has_token=True))
    assert set(codes) == {IMMUTABLE}
    assert clinic.read(made["resourceType"], made["id"]) == made


@pytest.mark.parametrize("status", ["amended", "entered-in-error"])
def test_it_may_say_that_an_answer_is_corrected_or_wrong(clinic, status):
    made = clinic.create(questionnaire_response("nancy", "nancys"))
    assert put(clinic, made | {"status": status}, has_token=True)["status"] == status


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (questionnaire_response, "amended"),
        (observation, "final"),
        (observation, "amended"),
        (observation, "corrected"),
        (media, "completed"),
    ],
)
def test_what_is_wrong_does_not_count_again_by_being_corrected(clinic, make, status):
    made = clinic.create(make("nancy", "nancys", status="entered-in-error"))
    assert refusal_codes(lambda: put(clinic, made | {"status": status}, has_token=True)) == [IMMUTABLE]


def test_it_may_correct_what_came_wrong_from_elsewhere_and_says_so(clinic):
    made = clinic.create(observation("nancy", "nancys"))
    corrected = made | {"valueQuantity": {"value": 83}, "status": "corrected"}
    assert put(clinic, corrected, has_token=True)["valueQuantity"] == {"value": 83}


def test_what_the_installation_does_itself_puts_right_what_came_wrong(clinic):
    made = clinic.create(questionnaire_response("nancy", "nancys"))
    assert put(clinic, made | OTHER_ANSWER, has_token=False)["item"] == OTHER_ANSWER["item"]

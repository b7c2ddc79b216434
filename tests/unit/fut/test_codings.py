"""Every coding says its code and of which system it is, wherever it stands (`fut.md` 0.1)."""

import pytest

from kommunalpro.fut import rules
from tests.refusals import refusal
from tests.resources import condition, goal, observation, questionnaire, questionnaire_response, task, value_set
from tests.unit.fut.definitions import becomes, editor

BARE, NAMED, OF_A_SYSTEM = {"code": "ondt"}, {"display": "Ondt i ryggen"}, {"system": "http://example.org/cs/symptoms"}
WHOLE = {**OF_A_SYSTEM, **BARE}
WRONG = "GENERAL_VALIDATION_ERROR"


def choice(coding):
    return {"linkId": "1", "text": "Hvor?", "type": "choice", "answerOption": [{"valueCoding": coding}]}


def with_second_coding(resource, name, coding):
    return {**resource, name: {**resource[name], "coding": [*resource[name]["coding"], coding]}}


@pytest.mark.parametrize("lacking", [BARE, NAMED, OF_A_SYSTEM], ids=["no system", "a name alone", "no code"])
def test_a_second_coding_is_as_whole_as_the_first(clinic, lacking):
    made = with_second_coding(condition("nancy", "nancys"), "code", lacking)
    assert refusal(lambda: clinic.create(made)) == [(WRONG, "Condition.code.coding[1]")]
    assert clinic.create(with_second_coding(condition("nancy", "nancys"), "code", WHOLE))["id"]


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (task("nancy", "nancys") | {"code": {"coding": [BARE]}}, "Task.code.coding[0]"),
        (observation("nancy", "nancys", method={"coding": [BARE]}), "Observation.method.coding[0]"),
        (goal("nancy", category=[{"coding": [WHOLE]}, {"coding": [NAMED]}]), "Goal.category[1].coding[0]"),
        (
            goal("nancy", extension=[{"url": "http://example.org/art", "valueCoding": BARE}]),
            "Goal.extension[0].valueCoding",
        ),
        (
            value_set("http://example.org/vs/a", "a") | {"jurisdiction": [{"coding": [BARE]}]},
            "ValueSet.jurisdiction[0]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_asked_of_what_no_profile_binds_and_told_where_it_stands(clinic, made, place):
    [(code, told)] = refusal(lambda: clinic.create(made))
    assert (code, told.startswith(place)) == (WRONG, True)


def test_a_draft_is_half_written_in_its_questions_alone(clinic):
    wrong = [(WRONG, "Questionnaire.code[0]")]
    assert refusal(lambda: clinic.create(questionnaire(code=[BARE]), by=editor())) == wrong
    draft = clinic.create(questionnaire(item=[choice(BARE)]), by=editor())
    wrong = [(WRONG, "Questionnaire.item[0].answerOption[0].valueCoding")]
    assert refusal(lambda: becomes(clinic, draft, "active")) == wrong
    assert becomes(clinic, draft, "active", item=[choice(WHOLE)])["approvalDate"]


def test_what_was_published_before_it_was_asked_is_answered_and_goes_out_of_use(clinic, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(rules.codings, "new_problems", lambda *_: [])
        asked = clinic.create(questionnaire(status="active", item=[choice(BARE)]), by=editor())
    answered = questionnaire_response("nancy", "nancys", item=[{"linkId": "1", "answer": [{"valueCoding": BARE}]}])
    assert clinic.create(answered)["item"] == answered["item"]
    assert becomes(clinic, asked, "retired")["status"] == "retired"


def test_what_stood_there_before_stays_until_it_is_touched(clinic, monkeypatch):
    made = goal("nancy", category=[{"coding": [BARE]}])
    with monkeypatch.context() as before:
        before.setattr(rules.codings, "new_problems", lambda *_: [])
        stored = clinic.create(made)
    later = clinic.update({**stored, "startDate": "2026-03-01"})
    assert later["category"] == made["category"]
    changed = {**later, "category": [{"coding": [BARE, WHOLE]}]}
    assert refusal(lambda: clinic.update(changed)) == [(WRONG, "Goal.category[0].coding[0]")]


def test_what_the_server_makes_of_what_was_there_goes_on_and_what_comes_in_by_an_operation_is_asked(clinic):
    with clinic.as_() as session:
        operation = session.elevated()
        assert operation.create(goal("nancy", category=[{"coding": [BARE]}]))["id"]
        sent = with_second_coding(condition("nancy", "nancys"), "code", BARE)
        assert refusal(lambda: operation.create(sent)) == [(WRONG, "Condition.code.coding[1]")]


def test_a_tag_is_no_code_of_what_it_is_about(clinic):
    tags = [WHOLE, {"code": "vores"}]
    assert clinic.create(goal("nancy", meta={"tag": tags}))["meta"]["tag"] == tags

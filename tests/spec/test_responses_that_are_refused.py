"""Responses that are refused

A response is checked against the very version of the questionnaire that it answers: its structure, what does not belong
in it, and every answer. All issues come at once, each with its place in the response, in Danish and English. Nothing
that is sent can stop the check.
"""

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.pro.answers import read_response, write_items
from kommunalpro.pro.response import check_response
from tests.spec.forms import answers, form, said
from tests.spec.tables import table

ASKED = """
pain: integer; from 0 to 10; required
smoker: boolean
often: integer; if smoker = yes
drug: string
  dose: integer
more: group
  note: text
m: group; repeats
  name: string
help: display
"""
INSIDE = """
m: group; repeats
  name: string; required
  dose: integer; from 1 to 5
  sign: group; repeats
    how: string
    since: string; required
pain: boolean
  where: string; required
day: group
  food: group
    meal: string
    place: string; required; if meal exists yes
ill: string; repeats
  days: integer; required
"""
PAIN = '{"linkId": "pain", "answer": [{"valueInteger": 3}]}'


def responding(items, **more):
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items, **more}


def issues(items, strictness="submit"):
    return check_response(form(ASKED), responding(loads(f"[{items}]")), strictness=strictness)


def told(found):
    return "; ".join(f"{each.code} {(each.expression or '').removeprefix('QuestionnaireResponse.')}" for each in found)


@table(
    """
    beside a pain of 3                                                                  | issue
    {"linkId": "other", "answer": [{"valueInteger": 1}]}                                | unknown item[1]
    {"linkId": "note", "answer": [{"valueString": "Hej"}]}                              | misplaced item[1]
    {"linkId": "more", "item": [{"linkId": "smoker", "answer": [{"valueBoolean": true}]}]} | misplaced item[1].item[0]
    {"linkId": "more", "answer": [{"valueString": "Hej"}]}                              | not-a-question item[1]
    {"linkId": "help", "answer": [{"valueString": "Hej"}]}                              | not-a-question item[1]
    {"linkId": "pain", "answer": [{"valueInteger": 4}]}                                 | unexpected-again item[1]
    {"linkId": "more"}, {"linkId": "more"}                                              | unexpected-again item[2]
    {"linkId": "drug", "item": [{"linkId": "dose"}]}                                    | misplaced item[1].item[0]
    {"linkId": "drug", "answer": [{"extension": [{"url": "urn:x", "valueCode": "y"}]}]} | no-value item[1].answer[0]
    {"linkId": "often", "answer": [{"valueInteger": 4}]}                                | disabled item[1]
    {"linkId": "smoker", "answer": [{"valueString": "ja"}]}                             | type item[1]
    {"linkId": "smoker", "answer": [{"valueBoolean": true}, {"valueBoolean": false}]}   | too-many item[1]
    {"linkId": "help"}                                                                  | –
    {"linkId": "smoker"}                                                                | –
    {"linkId": "more"}                                                                  | –
    {"linkId": "m", "item": [{"linkId": "name", "answer": [{"valueString": "A"}]}]}     | –
    {"linkId": "m"}, {"linkId": "m"}                                                    | –
""",
    form=ASKED,
)
def test_only_what_the_questionnaire_asks_belongs_in_a_response(beside_a_pain_of_3, issue):
    """Texts and empty groups may stand there; an answer to what is not asked may not."""
    assert (told(issues(f"{PAIN}, {beside_a_pain_of_3}")) or "–") == issue


@table(
    """
    response                                             | issues
    {"linkId": "pain", "answer": [{"valueInteger": 11}]} | range item[0]
    {"linkId": "pain", "answer": [{"valueInteger": 3}]}  | –
    {"linkId": "pain"}                                   | required item[0]
    {"linkId": "more"}                                   | required
""",
    form=ASKED,
)
def test_an_issue_stands_at_its_question_or_the_nearest_that_is_there(response, issues):
    found = check_response(form(ASKED), responding(loads(f"[{response}]")), strictness="submit")
    expected = issues.replace("required", "required QuestionnaireResponse") if issues == "required" else issues
    assert (told(found) or "–") == expected


@table(
    """
    answered                                    | issue
    m[0]/dose: 1                                | required item[0]
    m[0]/name: A, m[1]/dose: 1                  | required item[1]
    m[0]/name: A, m[1]/name: B, m[1]/dose: 9    | range item[1].item[1]
    pain: yes                                   | required item[0]
    meal: lunch                                 | required item[0].item[0]
    ill: cold                                   | required item[0]
    ill: cold + flu, ill[0]/days: 3             | required item[0].answer[1]
    m[0]/name: A, m[0]/sign[1]/how: badly       | required item[0].item[1]
""",
    form=INSIDE,
)
def test_what_is_missing_inside_is_told_at_what_is_around_it(answered, issue):
    """An instance, an answer, or a group, the innermost that the response has."""
    asked = form(INSIDE)
    given = responding(write_items(asked, answers(asked, answered)))
    assert told(check_response(asked, given, strictness="submit")) == issue


def test_all_issues_come_at_once_with_path_and_both_languages():
    found = issues(
        '{"linkId": "other"}, {"linkId": "pain", "answer": [{"valueInteger": 11}]},'
        '{"linkId": "often", "answer": [{"valueInteger": 4}]}'
    )
    assert [(each.path, each.code, each.text.da, each.text.en) for each in found] == [
        ("other", "unknown", "Spørgsmålet findes ikke i spørgeskemaet.", "The questionnaire has no such question."),
        (
            "often",
            "disabled",
            "Spørgsmålet bliver ikke stillet, når der er svaret sådan på de andre.",
            "The question is not asked, given the other answers.",
        ),
        ("pain", "range", "Vælg et tal mellem 0 og 10.", "Choose a number between 0 and 10."),
    ]


@table("""
    response                                                                       | place
    {"resourceType": "Patient"}                                                    | Patient
    {"resourceType": "QuestionnaireResponse"}                                      | QuestionnaireResponse.status
    {"resourceType": "QuestionnaireResponse", "status": "done"}                    | QuestionnaireResponse.status
    {"resourceType": "QuestionnaireResponse", "status": "completed", "item": {}}   | QuestionnaireResponse.item
    {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [{}]} | QuestionnaireResponse.item[0]
    {}                                                                             | Resource
""")
def test_what_is_no_response_at_all_is_told_before_its_answers_are_looked_at(response, place):
    found = check_response(form(ASKED), loads(response), strictness="submit")
    assert {(each.code, each.path) for each in found} == {("structure", "")}
    assert place in [each.expression for each in found]
    assert all(each.text.da and each.text.en for each in found)


def test_ten_thousand_levels_are_refused_and_do_not_stop_the_check():
    inner = {"linkId": "pain"}
    for _ in range(10_000):
        inner = {"linkId": "more", "item": [inner]}
    assert [each.code for each in check_response(form(ASKED), responding([inner]), strictness="submit")] == [
        "structure"
    ]


@table(
    """
    on the way                                            | issue
    {"linkId": "often", "answer": [{"valueInteger": 4}]}  | –
    {"linkId": "pain", "answer": [{"valueInteger": 11}]}  | –
    {"linkId": "pain", "answer": [{"valueString": "11"}]} | type item[0]
    {"linkId": "other", "answer": [{"valueInteger": 4}]}  | unknown item[0]
""",
    form=ASKED,
)
def test_on_the_way_what_may_become_right_is_not_told(on_the_way, issue):
    """Answers to what is not asked now are kept: they come back with the question."""
    assert (told(issues(on_the_way, "draft")) or "–") == issue


def test_what_belongs_is_read_and_what_does_not_is_left_out():
    dose = '{"linkId": "dose", "answer": [{"valueInteger": 5}]}'
    items = (
        '{"linkId": "other", "answer": [{"valueInteger": 1}]},'
        f'{{"linkId": "drug", "answer": [{{"valueString": "A", "item": [{dose}]}}]}},'
        '{"linkId": "m", "item": [{"linkId": "name", "answer": [{"valueString": "B"}]}]}, {"linkId": "m"},'
        '{"linkId": "m", "item": [{"linkId": "name", "answer": [{"valueString": "C"}]}]}'
    )
    read = read_response(form(ASKED), responding(loads(f"[{items}]")))
    assert said(read) == "dose: 5, drug: A, m[0]/name: B, m[2]/name: C"


@pytest.mark.parametrize("key", ["id", "item"])
def test_an_answer_is_read_with_its_extensions_and_without_what_is_not_its_own(key):
    extra = {"id": "x"} if key == "id" else {"item": [{"linkId": "dose"}]}
    answer = {"valueString": "A", "extension": [{"url": "urn:x", "valueCode": "y"}], **extra}
    read = read_response(form(ASKED), responding([{"linkId": "drug", "answer": [answer]}]))
    assert read == {"drug": ({name: value for name, value in answer.items() if name != key},)}


def test_of_two_answers_where_there_may_be_one_what_is_below_the_second_is_not_read():
    below = [{"linkId": "dose", "answer": [{"valueInteger": 5}]}]
    drug = {"linkId": "drug", "answer": [{"valueString": "A"}, {"valueString": "B", "item": below}]}
    assert said(read_response(form(ASKED), responding([drug]))) == "drug: A + B"

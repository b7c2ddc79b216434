"""What the engine remembers from one response to the next: what many answer alike, and only while the form is held."""

import gc
from decimal import Decimal
from typing import Any
from weakref import ref

import pytest

from kommunalpro.pro.form import MOST_REMEMBERED
from kommunalpro.pro.item import one_of_few
from kommunalpro.pro.triage import assess
from tests.spec.forms import SYSTEM, form

ASKED = form("""
    pain: integer; from 0 to 10; red >= 7; green <= 3
    born: integer; from 1900; red >= 2000
    pressure: integer; from 40 to 300; red >= 180
    vas: integer; from 0 to 100
    long: integer; from 0 to 101
    pulse: integer; from 40 to 120; unit slag
    number: integer; to 9
    weight: decimal; from 0 to 300; red > 100
    well: boolean; red = no
    where: open-choice; of knee/back; red = knee
    when: choice; of day/night; repeats; red exists yes
    name: string
    day: date; from 2020-01-01 to 2030-01-01
""")
KNEE = {"system": SYSTEM, "code": "knee"}


@pytest.mark.parametrize(
    ("link_id", "answer", "chosen"),
    [
        ("pain", {"valueInteger": 0}, 0),
        ("pain", {"valueInteger": 10}, 10),
        ("pain", {"valueInteger": -1}, None),
        ("pain", {"valueInteger": 11}, None),
        ("pain", {"valueInteger": True}, None),
        ("pain", {"valueInteger": Decimal("7.0")}, None),
        ("pain", {"valueDecimal": 7}, None),
        ("pain", {"valueString": "7"}, None),
        ("born", {"valueInteger": 1970}, None),
        ("number", {"valueInteger": 3}, None),
        ("pressure", {"valueInteger": 187}, None),
        ("vas", {"valueInteger": 73}, 73),
        ("long", {"valueInteger": 73}, None),
        ("pulse", {"valueInteger": 88}, None),
        ("weight", {"valueDecimal": Decimal("71.5")}, None),
        ("well", {"valueBoolean": True}, True),
        ("well", {"valueBoolean": 1}, None),
        ("where", {"valueCoding": {"system": SYSTEM, "code": "neck"}}, None),
        ("where", {"valueString": "i ryggen"}, None),
        ("name", {"valueString": "Nancy"}, None),
        ("day", {"valueDate": "2025-01-01"}, None),
        ("day", {"valueInteger": 1}, None),
    ],
)
def test_an_answer_is_one_of_few_on_a_short_scale_or_of_options_and_never_when_it_is_written_or_measured(
    link_id, answer, chosen
):
    found = one_of_few(ASKED.item(link_id), answer)
    assert (type(found), found) == (type(chosen), chosen)


@pytest.mark.parametrize(
    ("question", "scale"),
    [
        ("integer; from 0 to 10", range(11)),
        ("integer; from -2 to 6; step 2", range(-2, 7, 2)),
        ("integer; from 0 to 10; step 0.5", range(0)),
        ("integer; from 0 to 10; decimals 0", range(0)),
        ("integer; from 0", range(0)),
        ("decimal; from 0 to 10", range(0)),
        ("choice; of x/y", range(0)),
    ],
)
def test_a_scale_is_the_whole_numbers_from_one_bound_to_the_other_where_nothing_else_is_asked(question, scale):
    assert form(f"a: {question}").item("a").scale == scale


@pytest.mark.parametrize("coding", [KNEE, {**KNEE, "display": "Knæ"}])
def test_an_option_is_chosen_however_it_is_displayed(coding):
    assert one_of_few(ASKED.item("where"), {"valueCoding": coding}) is ASKED.item("where").options[0]


def said(link_id: str, *answers: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Tell what is found for one question: FUT's code, the words, the answer that it was."""
    findings = assess(ASKED, None, {link_id: answers}, questionnaire="urn:q", view_reference=None).findings
    return [(each.code, each.text.da, each.answer) for each in findings if each.link_id == link_id]


@pytest.mark.parametrize(
    ("link_id", "one", "other", "is_said_alike"),
    [
        ("pain", {"valueInteger": 7}, {"valueInteger": Decimal("7.0")}, False),
        ("pain", {"valueInteger": 1}, {"valueInteger": True}, False),
        ("pain", {"valueInteger": 1}, {"valueBoolean": True}, False),
        ("where", {"valueCoding": KNEE}, {"valueCoding": {**KNEE, "display": "Mit knæ"}}, True),
    ],
)
def test_what_is_remembered_of_one_answer_is_said_of_no_other(link_id, one, other, is_said_alike):
    """Also where only the JSON differs; and the answer told of is the one that was given."""
    first, second = said(link_id, one), said(link_id, other)
    assert said(link_id, one) == first
    assert [answer for _, _, answer in (*first, *second)] == [one, other]
    assert (first[0][:2] == second[0][:2]) is is_said_alike


def test_a_question_without_an_answer_is_not_assessed_whatever_was_answered_before():
    assert said("pain", {"valueInteger": 0})[0][0] == "green-question-answer"
    assert said("pain") == [("data-absent", "Pain er ikke besvaret.", None)]


@pytest.mark.parametrize(
    ("coding", "words"),
    [
        ({"code": "knee"}, "Where er besvaret ”knee”, som er rød (Skema 1.0)."),
        (
            {"code": "neck", "display": "Nakke"},
            "Where er besvaret ”Nakke”; det har reglerne intet lys for (Skema 1.0).",
        ),
        ({"code": "neck"}, "Where er besvaret ”neck”; det har reglerne intet lys for (Skema 1.0)."),
    ],
)
def test_a_code_that_is_no_option_as_it_stands_is_said_as_it_was_given(coding, words):
    assert [text for _, text, _ in said("where", {"valueCoding": coding})] == [words]


@pytest.mark.parametrize(("link_id", "words"), [("well", "Well er ikke besvaret."), ("when", "When er ikke besvaret.")])
def test_a_rule_about_an_answer_is_not_met_by_there_being_none(link_id, words):
    """Not even one for *no*, or for any answer at all."""
    assert said(link_id) == [("data-absent", words, None)]


def test_a_rule_that_several_answers_meet_is_told_of_once_by_the_first():
    night, day = ({"valueCoding": {"system": SYSTEM, "code": code}} for code in ("night", "day"))
    assert [(code, answer) for code, _, answer in said("when", night, day)] == [("red-question-answer", night)]


def test_a_form_that_nobody_holds_is_gone_though_it_was_assessed():
    """A form holds its pictures: what is remembered of it goes with it."""
    asked = form("pain: integer; from 0 to 10; red >= 7\nwhere: choice; of knee/back; red = knee\nwell: boolean")
    given = {"pain": ({"valueInteger": 7},), "where": ({"valueCoding": {"code": "neck"}},)}
    assert assess(asked, None, given, questionnaire="urn:q", view_reference=None).has_rules
    held = ref(asked)
    del asked
    gc.collect()
    assert held() is None


def test_a_form_remembers_once_and_begins_anew_when_it_remembers_much():
    asked, made = form("a: integer"), []

    def make(_, number):
        made.append(number)
        return f"made of {number}"

    assert [asked.once(make, 1), asked.once(make, 1)] == ["made of 1"] * 2
    assert made == [1]
    for number in range(2, MOST_REMEMBERED + 2):
        asked.once(make, number)
    assert asked.once(make, 1) == "made of 1"
    assert made == [*range(1, MOST_REMEMBERED + 2), 1]


def test_a_long_questionnaire_remembers_more():
    """Else what is said of one response would not fit, and every response would be assessed as if it were the first."""
    asked, made = form("\n".join(f"q{number}: boolean" for number in range(150))), []

    def make(_, number):
        made.append(number)
        return f"made of {number}"

    for number in (*range(1500), *range(1500)):
        asked.once(make, number)
    assert made == [*range(1500)]

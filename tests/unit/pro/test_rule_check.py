"""Rules for lights are held against what can be answered, before a questionnaire is published."""

from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.images import LARGEST
from kommunalpro.pro.rule_check import has_one_unit, rule_problems
from tests.spec.forms import form
from tests.unit.definitions.folders import FOLDERS, read

KILO = {"unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
GRAM = {"unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}


def codes(asked):
    return [(each.link_id, each.code) for each in rule_problems(asked)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_rules_that_ship_can_all_be_met(folder):
    assert rule_problems(compile_form(read(folder, "questionnaire.json"))) == []


@pytest.mark.parametrize(
    "rules",
    [
        "integer; from 0 to 10; red >= 10; green < 1",
        "integer; red > 7 and < 9",
        "decimal; red > 7 and < 8",
        "boolean; red = yes; green = no",
        "choice; of knee/back; red = back",
        "open-choice; of knee/back; red = back",
        "integer; red exists no; green exists yes",
        "string; red exists no",
    ],
)
def test_a_rule_that_some_answer_meets_is_taken(rules):
    assert codes(form(f"a: {rules}")) == []


@pytest.mark.parametrize(
    "rules",
    [
        "integer; from 0 to 10; red >= 70",
        "integer; from 0 to 10; red > 10",
        "integer; red > 7 and < 8",
        "decimal; red > 7 and < 3",
        "choice; of knee/back; red = back and != back",
    ],
)
def test_a_rule_that_no_answer_can_meet_is_told(rules):
    assert codes(form(f"b: integer; green >= 0\na: {rules}")) == [("a", "rule-never")]


def test_it_is_told_which_rule_and_which_light_in_both_languages():
    [problem] = rule_problems(form("a: integer; from 0 to 10; green < 4; red >= 70"))
    assert problem.text.da == "Intet svar kan opfylde reglen nr. 2 for rød."
    assert str(problem) == "a: no answer can meet rule 2, for red"


def weighed(*units, limit=None, bound=None, shown=None):
    """Ask for a weight that may be answered in some units, with a rule in one of them."""
    coded = [{"code": each["code"]} if "code" in each else {"display": each["unit"]} for each in units]
    extensions = [{"url": ehealth.UNIT_OPTION, "valueCoding": each} for each in coded]
    if limit:
        condition = complex_extension(
            ehealth.ANSWER_CONDITION,
            {"url": "value", "valueQuantity": {"value": 100, **limit}},
            {"url": "operator", "valueCode": ">="},
        )
        light = {"url": "significance", "valueCoding": {"code": "red"}}
        extensions.append(complex_extension(ehealth.ANSWER_SIGNIFICANCE, condition, light))
    if shown:
        extensions.append({"url": ehealth.UNIT, "valueCoding": shown})
    if bound:
        extensions.append({"url": ehealth.MAX_VALUE, "valueQuantity": {"value": 300, **bound}})
    item = {"linkId": "a", "type": "quantity", "text": "Hvad vejer du?", "extension": extensions}
    return compile_form({"resourceType": "Questionnaire", "title": "Vægt", "item": [item]})


def test_a_rule_is_in_a_unit_that_can_be_chosen():
    assert codes(weighed(KILO, limit=KILO)) == []
    assert codes(weighed(limit=KILO)) == []
    assert codes(weighed(KILO, limit=GRAM)) == [("a", "rule-unit")]


def test_a_bound_is_of_one_unit():
    assert codes(weighed(KILO, bound=KILO)) == []
    assert codes(weighed(KILO, GRAM, bound=KILO)) == [("a", "unit-bounds")]


def test_a_unit_without_a_code_is_known_by_its_name():
    """As answers are compared with rules: steps have no code in UCUM."""
    steps, floors = {"unit": "skridt"}, {"unit": "etager"}
    assert codes(weighed(steps, limit=steps)) == []
    assert codes(weighed(steps, limit=floors)) == [("a", "rule-unit")]
    assert codes(weighed(steps, floors, KILO, limit=floors)) == []


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        (weighed(), False),
        (weighed(shown={"display": "skridt"}), True),
        (weighed(shown={"code": "kg"}), True),
        (weighed(KILO), True),
        (weighed(KILO, GRAM, shown={"display": "kg"}), False),
        (form("a: integer"), True),
    ],
)
def test_a_quantity_is_in_one_unit_when_one_is_shown_or_can_be_chosen(asked, is_one):
    assert has_one_unit(asked.item("a")) is is_one


def asked_if(question, **condition):
    """A question, and a group that is asked on a condition about it."""
    inside = [{"linkId": "inside", "type": "string"}]
    group = {"linkId": "group", "type": "group", "enableWhen": [{"question": "a", **condition}], "item": inside}
    return compile_form({"resourceType": "Questionnaire", "item": [{"linkId": "a", **question}, group]})


def of_weight(*units):
    return {"type": "quantity", "extension": [{"url": ehealth.UNIT_OPTION, "valueCoding": unit} for unit in units]}


SCALE = {
    "type": "integer",
    "extension": [{"url": ehealth.MIN_VALUE, "valueInteger": 0}, {"url": ehealth.MAX_VALUE, "valueInteger": 10}],
}
YES_OR_NO = {"type": "boolean"}
OPEN = {"type": "open-choice", "answerOption": [{"valueString": "ja"}]}
BACK = {"type": "choice", "answerOption": [{"valueString": "ryg"}, {"valueString": "knæ"}]}


@pytest.mark.parametrize(
    ("question", "condition"),
    [
        (SCALE, {"operator": ">", "answerInteger": 9}),
        (SCALE, {"operator": "<=", "answerInteger": 0}),
        (SCALE, {"operator": "!=", "answerInteger": 70}),
        (SCALE, {"operator": "exists", "answerBoolean": False}),
        (SCALE, {"operator": "exists", "answerBoolean": True}),
        (YES_OR_NO, {"operator": "=", "answerBoolean": True}),
        (BACK, {"operator": "=", "answerString": "ryg"}),
        (OPEN, {"operator": "=", "answerString": "andet"}),
        ({"type": "date"}, {"operator": ">", "answerDate": "2026-01-01"}),
        (of_weight(), {"operator": ">", "answerQuantity": {"value": 5, **KILO}}),
        (of_weight(KILO), {"operator": ">", "answerQuantity": {"value": 5, **KILO}}),
        (of_weight(KILO, GRAM), {"operator": "=", "answerQuantity": {"value": 5, **GRAM}}),
    ],
)
def test_a_condition_that_some_answer_or_none_meets_is_taken(question, condition):
    assert codes(asked_if(question, **condition)) == []


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"operator": ">", "answerInteger": 10}, "condition-never"),
        ({"operator": "=", "answerInteger": 70}, "condition-never"),
        ({"operator": "=", "answerDecimal": Decimal("2.5")}, "condition-never"),
    ],
)
def test_a_condition_that_no_answer_meets_is_told_for_its_question_would_never_be_asked(condition, code):
    assert codes(asked_if(SCALE, **condition)) == [("group", code)]


def test_a_condition_is_in_a_unit_that_the_question_is_answered_in():
    asked = asked_if(of_weight(GRAM), operator=">", answerQuantity={"value": 5, **KILO})
    [problem] = rule_problems(asked)
    assert (problem.link_id, problem.code) == ("group", "condition-unit")
    assert problem.text.da == "Betingelsen er i en enhed, som svar på a ikke kan have: kg."
    assert str(problem) == "group: the condition is in a unit that no answer to a can have: kg"


def test_units_to_choose_from_are_for_amounts():
    assert codes(asked_if({**of_weight(KILO), "type": "decimal"}, operator=">", answerInteger=5)) == [
        ("a", "unit-effect")
    ]


@pytest.mark.parametrize(("least", "found"), [(None, []), (2, [("a", "option-alone")])])
def test_what_excludes_all_other_answers_is_not_among_those_of_which_several_must_be_chosen(least, found):
    """It could never be chosen."""
    none = {"valueString": "ingen", "extension": [{"url": ehealth.OPTION_EXCLUSIVE, "valueBoolean": True}]}
    bound = [] if least is None else [{"url": ehealth.MIN_OCCURS, "valueInteger": least}]
    options = [*BACK["answerOption"], none]
    asked = asked_if(
        {"type": "choice", "repeats": True, "extension": bound, "answerOption": options},
        operator="=",
        answerString="ryg",
    )
    assert codes(asked) == found


@pytest.mark.parametrize(("length", "found"), [(LARGEST, []), (LARGEST + 4, ["image-size"])])
def test_a_picture_is_no_larger_than_the_infrastructure_takes(length, found):
    content = {"url": "content", "valueReference": {"reference": "#knee"}}
    picture = complex_extension(ehealth.QUESTIONNAIRE_IMAGE, content)
    binary = {"resourceType": "Binary", "id": "knee", "contentType": "image/png", "data": "A" * length}
    shown = {"linkId": "a", "type": "display", "extension": [picture]}
    chosen = {"linkId": "b", "type": "choice", "answerOption": [{"valueString": "ja", "extension": [picture]}]}
    asked = compile_form({"resourceType": "Questionnaire", "contained": [binary], "item": [shown, chosen]})
    assert codes(asked) == [(link_id, code) for link_id in ("a", "b") for code in found]

"""Answers that the questionnaire itself gives: what they come to, where they stand, and what happens when they fail."""

from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.pro.answers import read_response, write_items
from kommunalpro.pro.calculation import agrees, calculate, initial_answers
from kommunalpro.pro.enablement import Enablement, enabled_answers
from kommunalpro.pro.light import Light
from kommunalpro.pro.record import read_record, write_record
from kommunalpro.pro.response import check_answers, check_response
from kommunalpro.pro.triage import assess
from kommunalpro.pro.view import read_view
from tests.unit.pro.formulas import asked_if, begins, computed, form, group, item, problems, where
from tests.unit.pro.scores import choice, given, integer, number, rule, view

PAIN, SLEEP = integer("smerte", 0, 10), integer("søvn", 0, 10)
SUM = f"{where('smerte')} + {where('søvn')}"
THIRD = f"{where('smerte')} / 3"


def score(text=SUM, *extensions, type="decimal", **more):
    return item("score", type, computed(text), *extensions, **more)


def places(count):
    return {"url": ehealth.MAX_DECIMAL_PLACES, "valueInteger": count}


def value(form_, **answers):
    found = calculate(form_, given(**answers)).get("score", ())
    return next(iter(found[0].values())) if found else None


@pytest.mark.parametrize(
    ("pain", "sleep", "expected"),
    [
        (3, 4, 7),
        (0, 0, 0),  # 0 is a score
        (3, None, None),  # and a missing one is not 0
        (None, None, None),
    ],
)
def test_an_answer_is_calculated_from_those_that_are_there(pain, sleep, expected):
    assert value(form(PAIN, SLEEP, score()), smerte=pain, søvn=sleep) == expected


@pytest.mark.parametrize(
    ("text", "extensions", "type", "expected"),
    [
        (THIRD, (), "decimal", Decimal("3.333333333333333333333333333")),
        (THIRD, (places(2),), "decimal", Decimal("3.33")),
        (f"{where('smerte')} / 4", (places(1),), "decimal", Decimal("2.5")),
        (f"{where('smerte')} / 8", (places(2),), "decimal", Decimal("1.25")),
        (f"{where('smerte')} / 16", (places(2),), "decimal", Decimal("0.63")),  # 0.625: half up
        (f"{where('smerte')} * 2", (), "integer", 20),
        (f"{where('smerte')} > 5", (), "boolean", True),
        (f"iif({where('smerte')} > 5, 'svær', 'let')", (), "string", "svær"),
        (f"iif({where('smerte')} > 5, 'svær', 'let')", (), "text", "svær"),
    ],
)
def test_the_result_is_an_answer_of_the_questions_own_type(text, extensions, type, expected):
    found = value(form(PAIN, score(text, *extensions, type=type)), smerte=10)
    assert found == expected
    assert not isinstance(found, float)


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        (THIRD, {"type": "integer"}, "expression-trial"),  # a third is no whole number
        (THIRD, {"type": "boolean"}, "expression-trial"),
        (f"{where('smerte')} > 1", {"type": "decimal"}, "expression-trial"),
        (SUM, {"extension": [{"url": ehealth.MAX_VALUE, "valueDecimal": Decimal(10)}]}, "expression-trial"),
        (f"{where('smerte')}.combine({where('søvn')})", {}, "expression-trial"),  # two numbers are no score
        (f"{where('smerte')}.where($this > 99)", {}, "expression-empty"),
        (SUM, {"repeats": True}, "expression-item"),
        (SUM, {"type": "date"}, "expression-item"),
        (SUM, {"type": "choice", "answerOption": [{"valueCoding": {"code": "a"}}]}, "expression-item"),
        (f"{where('score')} + {where('smerte')}", {}, "condition-circle"),
    ],
)
def test_a_calculation_that_cannot_give_an_answer_is_refused(text, more, code):
    assert [each for _, each in problems(PAIN, SLEEP, score(text, **more))] == [code]


def test_calculations_build_on_each_other_and_on_what_is_asked():
    plain = [{"question": "dobbelt", "operator": ">", "answerDecimal": 10}]
    one = form(
        item("i alt", "decimal", computed(f"{where('dobbelt')} + {where('ekstra')}.sum() ")),
        item("dobbelt", "decimal", computed(f"{where('smerte')} * 2")),
        {**integer("ekstra", 0, 5), "enableWhen": plain},
        PAIN,
    )
    assert calculate(one, given(smerte=6, ekstra=3))["i alt"] == ({"valueDecimal": 15},)
    assert "i alt" not in calculate(one, given(smerte=5, ekstra=3))  # ekstra is not asked, and nothing is no 0


def test_each_instance_of_a_repeating_group_has_its_own():
    one = form(
        group("medicin", integer("dosis"), item("døgn", "decimal", computed(f"{where('dosis')} * 3")), repeats=True),
        item("i alt", "decimal", computed(f"{where('døgn')}.sum()")),
    )
    answers = {"medicin[0]/dosis": ({"valueInteger": 2},), "medicin[4]/dosis": ({"valueInteger": 5},)}
    found = calculate(one, answers)
    assert [found[f"medicin[{n}]/døgn"] for n in (0, 4)] == [({"valueDecimal": 6},), ({"valueDecimal": 15},)]
    assert found["i alt"] == ({"valueDecimal": 21},)


def test_what_was_given_for_it_is_not_believed():
    assert calculate(form(PAIN, SLEEP, score()), given(smerte=1, søvn=1, score=Decimal(20)))["score"] == (
        {"valueDecimal": 2},
    )
    assert "score" not in calculate(form(PAIN, SLEEP, score()), given(score=Decimal(20)))


def test_without_calculations_the_answers_are_the_same_object():
    answers = given(smerte=1)
    assert calculate(form(PAIN), answers) is answers


def test_it_is_written_with_the_answers_and_counts_with_them():
    one, answers = form(PAIN, SLEEP, score()), given(smerte=3, søvn=4)
    response = {"resourceType": "QuestionnaireResponse", "item": write_items(one, answers)}
    assert response["item"][2] == {"linkId": "score", "answer": [{"valueDecimal": Decimal(7)}]}
    assert read_response(one, response) == calculate(one, answers) == enabled_answers(one, answers)


@pytest.mark.parametrize(
    ("usage", "hidden", "is_read_later"),
    [
        (None, False, True),
        ("capture", False, False),
        ("capture-display", False, True),
        ("display", True, True),
        ("display-non-empty", True, True),
        ("capture-display-non-empty", False, True),
    ],
)
def test_nobody_answers_it_and_usage_mode_says_where_it_is_shown(usage, hidden, is_read_later):
    mode = [{"url": ehealth.USAGE_MODE, "valueCode": usage}] if usage else []
    found = form(PAIN, SLEEP, score(SUM, *mode)).item("score")
    assert (found.read_only, found.hidden, found.is_read_later) == (True, hidden, is_read_later)


def test_what_is_hidden_is_hidden_everywhere():
    found = form({"linkId": "a", "type": "string", "extension": [{"url": ehealth.HIDDEN, "valueBoolean": True}]})
    assert (found.item("a").hidden, found.item("a").is_read_later) == (True, False)


# --- Checks


def response(one, **answers):
    items = [{"linkId": link_id, "answer": list(answer)} for link_id, answer in given(**answers).items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://example.org/fhir/Questionnaire/1",
        "status": "completed",
        "item": items,
    }


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (Decimal(7), []),
        (None, []),  # it may be left out
        (Decimal("7.0"), []),
        (Decimal("7.1"), ["calculated"]),
        (Decimal(8), ["calculated"]),
    ],
)
def test_a_calculated_answer_that_differs_from_ours_is_an_issue(sent, codes):
    one = form(PAIN, SLEEP, score())
    found = check_response(one, response(one, smerte=3, søvn=4, score=sent), strictness="submit")
    assert [(each.code, each.expression) for each in found] == [
        (code, "QuestionnaireResponse.item[2]") for code in codes
    ]


def test_one_that_we_cannot_compute_may_not_be_sent_either():
    one = form(PAIN, SLEEP, score())
    found = check_response(one, response(one, smerte=3, score=Decimal(3)), strictness="submit")
    assert [each.code for each in found] == ["calculated"]


def test_on_the_way_it_is_not_looked_at():
    one = form(PAIN, SLEEP, score())
    assert not check_answers(one, given(smerte=3, score=Decimal(99)), strictness="draft")


@pytest.mark.parametrize(
    ("extensions", "sent", "agree"),
    [
        ((), "3.33333333", True),  # eight decimals, as FHIRPath has
        ((), "3.3333333333333335", True),  # a float
        ((), "3.3333", False),
        ((places(2),), "3.33", True),
        ((places(2),), "3.34", False),
    ],
)
def test_another_system_may_round_as_far_as_the_question_allows(extensions, sent, agree):
    one = form(PAIN, score(THIRD, *extensions))
    ours = calculate(one, given(smerte=10))["score"]
    assert agrees(one.item("score"), ({"valueDecimal": Decimal(sent)},), ours) is agree


def test_words_and_truths_agree_when_they_are_the_same():
    one = form(PAIN, score(f"{where('smerte')} > 5", type="boolean")).item("score")
    assert agrees(one, ({"valueBoolean": True},), ({"valueBoolean": True},))
    assert not agrees(one, ({"valueBoolean": False},), ({"valueBoolean": True},))
    assert not agrees(one, ({"valueString": "ja"},), ({"valueBoolean": True},))


def test_a_required_one_is_asked_of_nobody_and_fills_no_group():
    inner = group("gruppe", integer("dosis"), item("døgn", "decimal", computed(f"{where('smerte')} * 2")), repeats=True)
    one = form(PAIN, {**inner, "required": True}, score(f"{where('smerte')} * 1", required=True))
    assert [each.code for each in check_answers(one, given(smerte=2), strictness="submit")] == ["too-few"]


# --- When it fails

FREE = {**choice("frit", a=1, b=4), "type": "open-choice"}
FAILED = {"frit": ({"valueString": "noget andet"},)}
FAILING = computed(f"{where('frit')}.ordinal() * 2")


def assessed(one, answers, shown=None):
    read = read_view(shown) if shown else None
    return assess(one, read, answers, questionnaire="https://example.org/fhir/Questionnaire/1|1", view_reference=None)


def test_a_failed_calculation_is_none_and_refuses_no_answer():
    one = form(FREE, item("score", "decimal", FAILING))
    assert "score" not in calculate(one, FAILED)
    sent = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    sent["item"] = [
        {"linkId": "frit", "answer": [dict(FAILED["frit"][0])]},
        {"linkId": "score", "answer": [{"valueDecimal": 4}]},
    ]
    assert not check_response(one, sent, strictness="submit")


@pytest.mark.parametrize(
    ("pain", "light"),
    [
        (1, Light.NOT_ASSESSED),  # by the rules green, but not all is known
        (5, Light.YELLOW),
        (9, Light.RED),  # what failed never hides a red
    ],
)
def test_with_a_failure_the_light_is_at_best_not_assessed(pain, light):
    rules = [("green", ("<", 4)), ("yellow", (">=", 4), ("<=", 7)), ("red", (">", 7))]
    one = form(integer("smerte", 0, 10, rules=rules), FREE, item("score", "decimal", FAILING))
    found = assessed(one, {**FAILED, **given(smerte=pain)})
    assert found.light is light
    assert [each.path for each in found.failures] == ["score"]
    assert found.failures[0].text.da.startswith("score kunne ikke beregnes.")
    assert assessed(one, given(smerte=1, frit="a")).light is Light.GREEN


def test_the_topic_of_what_failed_says_so_and_is_not_green():
    green = [rule("green", ("<", 4))]
    one = form(
        integer("smerte", 0, 10, rules=[("green", ("<", 4))]),
        FREE,
        group(
            "følg",
            {**integer("ekstra", 0, 10), "extension": green},
            extension=[asked_if(f"{where('frit')}.ordinal() > 2")],
        ),
    )
    topics = [
        {"id": "a", "title": {"da": "A", "en": "A"}, "items": ["smerte"], "scores": []},
        {"id": "b", "title": {"da": "B", "en": "B"}, "items": ["ekstra"], "scores": []},
    ]
    found = assessed(one, {**FAILED, **given(smerte=1, ekstra=1)}, view(topics=topics))
    assert [(topic.id, topic.light) for topic in found.topics] == [("a", Light.GREEN), ("b", Light.NOT_ASSESSED)]
    assert "følg" in found.topics[1].reasons[0].text.da
    assert found.light is Light.NOT_ASSESSED


def test_a_score_of_the_view_over_what_failed_says_why_in_its_topic():
    declared = {
        "id": "s",
        "title": {"da": "S", "en": "S"},
        "method": "sum",
        "items": ["score"],
        "scale": {"low": "0", "high": "10"},
        "direction": "high-is-worse",
        "missing": {"rule": "all"},
        "bands": [{"low": "0", "high": "10", "light": "green"}],
        "source": "Test",
    }
    one = form(FREE, item("score", "decimal", FAILING))
    shown = view(declared)
    assert assessed(one, given(frit="b"), shown).topics[0].light is Light.GREEN
    found = assessed(one, FAILED, shown).topics[0]
    assert found.light is Light.NOT_ASSESSED
    assert any("kunne ikke beregnes" in reason.text.da for reason in found.reasons)


def test_the_record_keeps_what_failed_for_ever():
    one = form(FREE, item("score", "decimal", FAILING))
    found = assessed(one, FAILED)
    assert read_record(write_record(found)) == found
    assert found.failures


def test_a_rule_on_a_calculated_answer_is_a_rule():
    red = rule("red", (">", Decimal(10)))
    one = form(PAIN, SLEEP, {**score(), "extension": [*score()["extension"], red]})
    assert assessed(one, given(smerte=6, søvn=6)).light is Light.RED
    assert assessed(one, given(smerte=6)).light is Light.NOT_ASSESSED


# --- Before anybody answers

PATIENT = {
    "resourceType": "Patient",
    "birthDate": "1950-03-02",
    "gender": "female",
    "name": [{"given": ["Nancy", "Ann"], "family": "Berggren"}],
    "contact": [{"name": {"family": "Berggren"}}, {"name": {"family": "Holm"}}],
}


@pytest.mark.parametrize(
    ("type", "text", "expected"),
    [
        ("date", "%patient.birthDate", {"valueDate": "1950-03-02"}),
        ("string", "%patient.name.given.first()", {"valueString": "Nancy"}),
        ("boolean", "%patient.gender = 'female'", {"valueBoolean": True}),
        ("integer", "%patient.contact.count()", {"valueInteger": 2}),
        ("open-choice", "%patient.gender", {"valueString": "female"}),
        ("string", "%patient.maritalStatus.text", None),
        ("string", "%patient.name.given", None),  # two names are no answer
        ("integer", "%patient.birthDate", None),  # a date is no number
    ],
)
def test_what_is_known_of_a_person_is_there_before_they_answer(type, text, expected):
    found = initial_answers(form(item("a", type, begins(text))), {"patient": PATIENT})
    assert found == ({} if expected is None else {"a": (expected,)})


def test_in_a_repeating_group_it_is_the_first_instance_that_begins_so():
    one = form(group("g", item("a", "date", begins("%patient.birthDate")), repeats=True))
    assert list(initial_answers(one, {"patient": PATIENT})) == ["g[0]/a"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("%resource.item.answer.value", "expression-variable"),
        ("%practitioner.name", "expression-variable"),
        ("today()", "expression-function"),
        ("%patient.descendants()", "expression-function"),
        ("%patient.generalPractitioner.resolve().name", "expression-function"),
        ("%patient.extension(url)", "expression-arguments"),
    ],
)
def test_it_may_look_at_the_patient_alone(text, code):
    assert problems(item("a", "string", begins(text))) == [("a", code)]


def test_a_calculated_answer_is_known_to_who_asks_for_it_by_its_path():
    enabled = Enablement(form(PAIN, SLEEP, score(), number("tal")), given(smerte=1, søvn=2, tal=Decimal(1)))
    assert enabled.answers.get("score") == ({"valueDecimal": 3},)
    assert enabled.answers.get("tal") == ({"valueDecimal": 1},)
    assert enabled.counted()["score"] == ({"valueDecimal": 3},)

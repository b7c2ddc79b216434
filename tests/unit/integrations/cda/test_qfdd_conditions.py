"""A QFDD document's preconditions: which question is asked when, in `enableWhen` or as an expression."""

from itertools import product

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.pro.enablement import enabled_paths
from kommunalpro.pro.form import compile_form
from tests.unit.integrations.cda.documents import (
    between,
    criterion,
    errors,
    grouped,
    is_option,
    options,
    precondition,
    question,
    read,
)


def conditional(inner, organizer=""):
    number = question(
        "q2",
        7,
        inner='<referenceRange><observationRange><value xsi:type="IVL_INT"/></observationRange></referenceRange>',
    )
    return read(
        question("q1", 8, values=options("A1", "A2")), number, question("q3", 9, inner=inner), organizer=organizer
    )


def test_an_interval_is_two_conditions_that_must_both_hold():
    _, found = conditional(precondition(criterion("q2", between(1, 5))))
    assert found["q3"]["enableWhen"] == [
        {"question": "q2", "operator": ">=", "answerInteger": 1},
        {"question": "q2", "operator": "<=", "answerInteger": 5},
    ]
    assert found["q3"]["enableBehavior"] == "all"


def test_a_bare_criterion_in_an_sdtc_precondition_is_taken_as_the_national_forms_write_it():
    _, found = conditional(f"<sdtc:precondition>{criterion('q1', is_option('A1'))}</sdtc:precondition>")
    assert len(found["q3"]["enableWhen"]) == 1


@pytest.mark.parametrize("prefix", ["sdtc:", ""])
def test_at_least_one_true_is_any(prefix):
    inner = grouped("atLeastOneTrue", criterion("q1", is_option("A1")), criterion("q1", is_option("A2")), prefix=prefix)
    _, found = conditional(inner)
    assert (len(found["q3"]["enableWhen"]), found["q3"]["enableBehavior"]) == (2, "any")


def test_all_true_and_siblings_are_all():
    inner = grouped("allTrue", criterion("q1", is_option("A1"))) + precondition(criterion("q2", between(1, 5)))
    _, found = conditional(inner)
    assert (len(found["q3"]["enableWhen"]), found["q3"]["enableBehavior"]) == (3, "all")


def test_a_condition_on_an_organizer_is_the_groups():
    imported, _ = conditional("", organizer=precondition(criterion("q1", is_option("A1"))))
    assert imported.questionnaire["item"][0]["item"][0]["enableWhen"][0]["question"] == "q1"


@pytest.mark.parametrize(
    "inner",
    [
        grouped("allFalse"),
        grouped("allFalse", criterion("q9", is_option("A1"))),
        grouped("atLeastTwoTrue", criterion("q1", is_option("A1"))),
        precondition("<text>Hvis det gør ondt</text>"),
        precondition(criterion("q9", is_option("A1"))),
        precondition(criterion("q1", '<value xsi:type="CE"/>')),
        precondition(criterion("q2", '<value xsi:type="INT" value="mange"/>')),
        precondition(criterion("q2", '<value xsi:type="IVL_INT"/>')),
    ],
)
def test_a_condition_on_what_is_not_there_is_reported_and_not_bent(inner):
    imported, found = conditional(inner)
    assert "enableWhen" not in found["q3"]
    assert extension(found["q3"], ehealth.ENABLE_WHEN_EXPRESSION) is None
    assert [problem.where for problem in errors(imported)] == ["q3"]


def coded(code):
    return {"valueCoding": {"system": "urn:oid:1.2.3", "code": code}}


ONE, TWO, THREE = criterion("q1", is_option("A1")), criterion("q2", between(1, 5)), criterion("q4", is_option("B1"))

ANSWERS = (
    ("q1", coded("A1"), coded("A2")),
    ("q2", {"valueInteger": 3}, {"valueInteger": 9}),
    ("q4", coded("B1"), coded("B2")),
)
"""Of each question: an answer that makes its criterion true, and one that makes it false."""


def asked_with(inner):
    """Import a question with a condition, and tell for which answers to the others it is asked.

    The conditions are ONE, TWO and THREE; of a false one the question is answered otherwise, or not at all.
    """
    number = question(
        "q2",
        7,
        inner='<referenceRange><observationRange><value xsi:type="IVL_INT"/></observationRange></referenceRange>',
    )
    others = question("q1", 8, values=options("A1", "A2")), number, question("q4", 8, values=options("B1", "B2"))
    imported, found = read(*others, question("q3", 9, inner=inner))
    assert not errors(imported)
    form = compile_form({**imported.questionnaire, "title": "Prøve"})
    for is_answered, *truths in product((True, False), repeat=4):
        chosen = {
            link_id: (true if is_true else false,)
            for (link_id, true, false), is_true in zip(ANSWERS, truths, strict=True)
            if is_true or is_answered
        }
        yield truths, "q3" in enabled_paths(form, chosen), found["q3"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("allTrue", [3]),
        ("atLeastOneTrue", [1, 2, 3]),
        ("allFalse", [0]),
        ("atLeastOneFalse", [0, 1, 2]),
        ("onlyOneTrue", [1]),
        ("onlyOneFalse", [2]),
    ],
)
def test_a_grouper_asks_when_so_many_of_its_three_criteria_are_true(name, asked):
    for truths, is_asked, _ in asked_with(grouped(name, ONE, TWO, THREE)):
        assert is_asked is (sum(truths) in asked), truths


@pytest.mark.parametrize(
    ("inner", "meaning"),
    [
        (grouped("allTrue", ONE, grouped("onlyOneTrue", TWO, THREE)), lambda a, b, c: a and b != c),
        (grouped("allFalse", grouped("allTrue", ONE, TWO), THREE), lambda a, b, c: not (a and b) and not c),
        (grouped("atLeastOneTrue", ONE, TWO) + precondition(THREE), lambda a, b, c: (a or b) and c),
        (grouped("atLeastOneTrue", ONE, grouped("allTrue", TWO, THREE)), lambda a, b, c: a or (b and c)),
        (grouped("atLeastOneTrue", TWO, grouped("allFalse", ONE, THREE)), lambda a, b, c: b or not (a or c)),
        (grouped("onlyOneFalse", grouped("atLeastOneFalse", ONE, TWO), THREE), lambda a, b, c: (not (a and b)) != c),
        (grouped("allFalse", ONE) + grouped("onlyOneFalse", TWO, THREE), lambda a, b, c: not a and b != c),
    ],
)
def test_groupers_in_groupers_and_beside_others_mean_what_they_say(inner, meaning):
    for truths, is_asked, item in asked_with(inner):
        assert is_asked is meaning(*truths), truths
        assert "enableWhen" not in item


@pytest.mark.parametrize(
    ("inner", "behavior", "count"),
    [
        (grouped("allTrue", grouped("allTrue", ONE, TWO), THREE), "all", 4),
        (grouped("atLeastOneTrue", grouped("atLeastOneTrue", ONE, THREE), ONE), "any", 3),
        (grouped("onlyOneTrue", ONE), None, 1),
        (grouped("atLeastOneTrue", TWO), "all", 2),
        (grouped("allTrue", grouped("atLeastOneTrue", ONE)), None, 1),
    ],
)
def test_what_enable_when_can_say_it_says_since_every_system_understands_it(inner, behavior, count):
    _, found = conditional(inner.replace("q4", "q1").replace("B1", "A2"))
    assert extension(found["q3"], ehealth.ENABLE_WHEN_EXPRESSION) is None
    assert (len(found["q3"]["enableWhen"]), found["q3"].get("enableBehavior")) == (count, behavior)


def test_an_expression_stands_beside_what_else_is_said_of_the_question():
    _, found = conditional(grouped("allFalse", criterion("q1", is_option("A1"))))
    assert extension_value(found["q3"], ehealth.EXTERNAL_IDENTIFIER)["value"] == "q3-id"
    assert extension_value(found["q3"], ehealth.ENABLE_WHEN_EXPRESSION) == {
        "language": "text/fhirpath",
        "expression": "(%resource.descendants().where(linkId = 'q1').answer"
        ".where(value.code = 'A1' and value.system = 'urn:oid:1.2.3').exists()).not()",
    }

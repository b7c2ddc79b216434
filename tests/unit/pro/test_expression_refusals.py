"""What an expression may not say, and what it may not cost."""

import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kommunalpro.pro.excerpt import Run
from kommunalpro.pro.expression import compile_expression, compile_patient_expression
from kommunalpro.pro.expression_parsing import DEEPEST, DEEPEST_BRACKETS, LONGEST, MOST_PARTS
from kommunalpro.pro.expression_whitelist import FUNCTIONS
from kommunalpro.pro.problems import ExpressionError
from tests.unit.pro.asked import ANSWERS, ASKED, A, B
from tests.unit.pro.formulas import evaluate, evaluated
from tests.unit.pro.scores import given


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("now() > @2026", "expression-function"),
        ("today()", "expression-function"),
        ("timeOfDay()", "expression-function"),
        ("%resource.item.resolve()", "expression-function"),
        ("item.answer.value.memberOf('http://x')", "expression-function"),
        ("trace('x')", "expression-function"),
        ("'a'.matches('(a+)+')", "expression-function"),
        ("'a'.replaceMatches('a', 'b')", "expression-function"),
        ("item.children()", "expression-function"),
        ("(1 | 1).distinct()", "expression-function"),
        ("item.union(item)", "expression-function"),
        ("(2).power(9)", "expression-function"),
        ("item.frobnicate()", "expression-function"),
        ("item.where()", "expression-arguments"),
        ("item.first(1)", "expression-arguments"),
        ("item.skip(1 + 1)", "expression-arguments"),
        ("(1.5).round(100)", "expression-arguments"),
        ("item.answer.value.ofType(Patient)", "expression-arguments"),
        ("item.extension('http://x')", "expression-arguments"),
        ("item.extension(linkId)", "expression-arguments"),
        ("item[linkId]", "expression-part"),
        ("item.answer.value is Coding", "expression-part"),
        ("item as Patient", "expression-part"),
        ("1 'mg' > 2 'mg'", "expression-part"),
        ("item.answer.value > @2026-01-01", "expression-part"),
        ("item.answer.value > @T10:00", "expression-part"),
        ("'a' & 'b'", "expression-part"),
        ("1 ~ 2", "expression-part"),
        ("1 !~ 2", "expression-part"),
        ("$total + 1", "expression-part"),
        ("item.select($index)", "expression-part"),
        (r"'a\\b'", "expression-part"),
        (r"item.where(linkId = '\u0061')", "expression-part"),
        ("%context.item", "expression-variable"),
        ("%questionnaire", "expression-variable"),
        ("%'ekstra'", "expression-variable"),
        ("item.anwser", "expression-name"),
        ("item.text", "expression-name"),
        ("item.where(linkId = 'findes ikke')", "expression-unknown"),
        ("item.where(linkId != 'et')", "expression-link-id"),
        ("item.where(linkId = linkId)", "expression-link-id"),
        ("item.where(item.linkId = 'et')", "expression-link-id"),
        ("item.linkId", "expression-link-id"),
        ("1 + 1", "expression-no-question"),
        ("", "expression-syntax"),
        ("1 +", "expression-syntax"),
        ("1 2", "expression-syntax"),
        ("item.where(linkId='et'", "expression-syntax"),
        ("item)", "expression-syntax"),
        ("'uden ende", "expression-syntax"),
        ("æble", "expression-syntax"),
        ("1 " + "+ 1 " * 1200, "expression-long"),
        ("1" + "+1" * MOST_PARTS, "expression-size"),
        ("1" + "+1" * (MOST_PARTS // 2 - 1), "expression-depth"),
        ("(" * (DEEPEST_BRACKETS + 1) + "1" + ")" * (DEEPEST_BRACKETS + 1), "expression-depth"),
        ("-" * 400 + "1", "expression-depth"),
        ("x" * (LONGEST + 1), "expression-long"),
    ],
)
def test_what_may_not_be_said_is_refused(expression, code):
    with pytest.raises(ExpressionError) as refused:
        compile_expression(expression, ASKED.places, {})
    assert code in [each.code for each in refused.value.each]


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ExpressionError) as refused:
        compile_expression("now() > item.anwser.where(linkId = 'x') + %y", ASKED.places, {})
    assert [each.code for each in refused.value.each] == [
        "expression-function",
        "expression-name",
        "expression-unknown",
        "expression-variable",
    ]


NAMES = ("item", "answer", "value", "code", "where(linkId='et')", "where(linkId='flere')", "descendants()", "count()")
CALLS = """sum() avg() min() exists() empty() not() first() last() single() tail() skip(1) take(1) ordinal() weight()
toInteger() toDecimal() toString() abs() round() round(1) floor() allTrue() anyFalse() ofType(integer) as(Coding)"""
TAKING = ("where", "select", "exists", "all", "repeat", "combine", "aggregate")
SIGNS = ("+", "-", "*", "/", "div", "mod", "=", "!=", "<", ">=", "and", "or", "xor", "implies", "in", "contains", "|")
LEAVES = st.sampled_from(("%resource", A, B, "$this", "$total", "item", "1", "0.5", "'et'", "true", "{}", *NAMES))


def inside(parts):
    """Whatever can be built of parts: often wrong, and often not."""
    return st.one_of(
        st.tuples(parts, st.sampled_from((*NAMES, *CALLS.split()))).map(".".join),
        st.tuples(parts, st.sampled_from(TAKING), parts).map(lambda found: f"{found[0]}.{found[1]}({found[2]})"),
        st.tuples(parts, st.sampled_from(SIGNS), parts).map(lambda found: f"({' '.join(found)})"),
        st.tuples(parts, parts, parts).map(lambda found: f"iif({', '.join(found)})"),
        parts.map(lambda part: f"-{part}"),
        parts.map(lambda part: f"{part}[0]"),
    )


@settings(max_examples=200, deadline=None)
@over(st.one_of(st.text(max_size=100), st.recursive(LEAVES, inside, max_leaves=12)))
def test_whatever_stands_there_it_fails_as_an_expression_or_not_at_all(text):
    with suppress(ExpressionError):
        assert not any(isinstance(each, float) for each in evaluated(text, ASKED, ANSWERS))
    with suppress(ExpressionError):
        compile_patient_expression(text).evaluate({"resourceType": "Patient", "item": [1, True]}, Run(), name="patient")


def test_the_worst_that_may_be_said_ends():
    everything = "%resource.descendants()"
    nested = f"{everything}.where({everything}.where({everything}.where(linkId='dosis').exists()).exists()).exists()"
    many = {f"medicin[{number}]/dosis": ({"valueInteger": 1},) for number in range(500)}
    run = Run()
    with pytest.raises(ExpressionError) as failed:
        evaluated(nested, ASKED, many, run=run)
    assert failed.value.code == "expression-steps"


def test_threads_do_not_meet():
    expression = compile_expression(f"({A} * 1000 + {B}).toString()", ASKED.places, {})
    wrong = []

    def work(mine):
        for other in range(20):
            found = evaluate(expression, ASKED, given(et=mine, to=other), run=Run())
            compile_expression(f"{A} + {other}", ASKED.places, {})
            if found != [str(mine * 1000 + other)]:
                wrong.append((mine, other, found))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_the_reference_names_every_function_and_limit():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "expressions.md").read_text(encoding="utf-8")
    assert [name for name in FUNCTIONS if f"`{name}`" not in page] == []
    assert f"{LONGEST:,} characters, {MOST_PARTS} parts, {DEEPEST_BRACKETS} brackets or {DEEPEST} levels" in page

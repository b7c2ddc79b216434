"""When a question is asked whose condition is FHIRPath, and what is refused before anybody is asked."""

import subprocess
import sys

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kommunalpro.pro import expressions
from kommunalpro.pro.enablement import Enablement, enabled_answers, enabled_paths
from kommunalpro.pro.form import LONGEST_CHAIN, FormError, compile_form
from tests.unit.pro.formulas import asked_if, computed, form, group, item, problems, questionnaire, variable, where
from tests.unit.pro.scores import choice, given, integer, number

SCALE = integer("skala", 0, 10)


def asked(form_, link_id="følg", **answers):
    return link_id in enabled_paths(form_, given(**answers))


@pytest.mark.parametrize(
    ("answer", "is_asked"),
    [
        (7, True),
        (6, False),
        (None, False),  # nothing is not true
    ],
)
def test_a_question_is_asked_when_its_expression_is_true(answer, is_asked):
    one = form(SCALE, item("følg", "string", asked_if(f"{where('skala')} >= 7")))
    assert asked(one, skala=answer) is is_asked


def test_with_both_kinds_of_condition_both_must_hold():
    plain = [{"question": "ja", "operator": "=", "answerBoolean": True}]
    follow = item("følg", "string", asked_if(f"{where('skala')} > 5"), enableWhen=plain)
    one = form(SCALE, item("ja", "boolean"), follow)
    assert [asked(one, skala=n, ja=ja) for n in (6, 5) for ja in (True, False)] == [True, False, False, False]


def test_answers_that_do_not_count_are_not_seen():
    plain = [{"question": "ja", "operator": "=", "answerBoolean": True}]
    one = form(
        item("ja", "boolean"), {**SCALE, "enableWhen": plain}, item("følg", "string", asked_if(f"{where('skala')} > 5"))
    )
    assert asked(one, skala=9, ja=True)
    assert not asked(one, skala=9, ja=False)


def test_what_lies_in_a_group_that_is_not_asked_is_not_asked_and_does_not_count():
    inner = item("inde", "integer", asked_if(f"{where('skala')} > 1"))
    one = form(
        SCALE,
        group("gruppe", inner, extension=[asked_if(f"{where('skala')} > 5")]),
        item("følg", "string", asked_if(f"{where('inde')} > 0")),
    )
    assert enabled_paths(one, given(skala=6, inde=1)) == ("skala", "gruppe", "inde", "følg")
    assert enabled_paths(one, given(skala=3, inde=1)) == ("skala",)


def test_conditions_hang_together_in_chains_whatever_the_order():
    items = [integer("q0")]
    items += [item(f"q{n}", "integer", asked_if(f"{where(f'q{n - 1}')} > 0")) for n in range(1, LONGEST_CHAIN)]
    one = form(*reversed(items))
    answers = given(**{f"q{n}": 1 for n in range(LONGEST_CHAIN)})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + 150)  # what is left of a thousand frames below a web request, and less
    try:
        assert len(enabled_answers(one, answers)) == LONGEST_CHAIN
        assert len(enabled_answers(one, {**answers, "q0": ()})) == 0
    finally:
        sys.setrecursionlimit(limit)


def _depth():
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def test_in_a_repeating_group_each_instance_is_by_itself():
    dose = integer("dosis", 0, 100)
    one = form(
        SCALE, group("medicin", dose, item("hvorfor", "string", asked_if(f"{where('dosis')} > 50")), repeats=True)
    )
    answers = {"medicin[0]/dosis": ({"valueInteger": 60},), "medicin[3]/dosis": ({"valueInteger": 40},)}
    paths = enabled_paths(one, answers)
    assert "medicin[0]/hvorfor" in paths
    assert "medicin[3]/hvorfor" not in paths


def test_from_outside_all_instances_are_seen():
    one = form(
        group("medicin", integer("dosis", 0, 100), repeats=True),
        item("følg", "string", asked_if(f"{where('dosis')}.sum() > 90")),
    )
    answers = {f"medicin[{n}]/dosis": ({"valueInteger": 40},) for n in (0, 1)}
    assert "følg" not in enabled_paths(one, answers)
    assert "følg" in enabled_paths(one, {**answers, "medicin[7]/dosis": ({"valueInteger": 40},)})


def test_groups_inside_groups_and_questions_below_answers_are_found_where_they_stand():
    below = integer("under", 0, 10)
    one = form(
        group("ydre", group("indre", {**choice("valg", a=0, b=1), "item": [below]}, repeats=True), repeats=True),
        item("følg", "string", asked_if(f"{where('under')}.max() > 5 and {where('valg')}.where(code='b').exists()")),
    )
    answers = {
        "ydre[0]/indre[1]/valg": ({"valueCoding": {"code": "b"}},),
        "ydre[0]/indre[1]/under": ({"valueInteger": 6},),
        "ydre[2]/indre[0]/valg": ({"valueCoding": {"code": "a"}},),
    }
    assert "følg" in enabled_paths(one, answers)
    assert "følg" not in enabled_paths(one, {**answers, "ydre[0]/indre[1]/valg": ()})


def test_what_stands_below_one_of_several_answers_sees_its_own():
    many = {**choice("valg", a=0, b=1, c=2), "repeats": True}
    follow = item("hvorfor", "string", asked_if(f"{where('hvor')} > 3"))
    one = form({**many, "item": [integer("hvor", 0, 10), follow]})
    answers = {
        "valg": ({"valueCoding": {"code": "a"}}, {"valueCoding": {"code": "b"}}),
        "valg[0]/hvor": ({"valueInteger": 9},),
        "valg[1]/hvor": ({"valueInteger": 1},),
    }
    paths = enabled_paths(one, answers)
    assert "valg[0]/hvorfor" in paths
    assert "valg[1]/hvorfor" not in paths


def test_a_group_that_is_named_and_read_whole_is_read_whole():
    one = form(
        group("phq", choice("p1", a=0, b=3), choice("p2", a=0, b=3), item("tekst", "display")),
        item("følg", "string", asked_if("%resource.item.where(linkId='phq').item.answer.value.ordinal().sum() > 4")),
    )
    assert one.expressions.enabling["følg"].questions == ("p1", "p2")
    assert asked(one, p1="b", p2="b")
    assert not asked(one, p1="b", p2="a")


def test_a_variable_is_an_expression_with_a_name_and_may_use_those_before_it():
    variables = [variable("to", f"{where('skala')} * 2"), variable("fire-gange", "%to * 2")]
    one = form(SCALE, item("følg", "string", asked_if("%`fire-gange` >= 12")), variables=variables)
    assert asked(one, skala=3)
    assert not asked(one, skala=2)


numbers = st.one_of(st.none(), st.integers(0, 10))


@settings(max_examples=60, deadline=None)
@over(st.permutations(["a", "b", "c", "d"]), st.tuples(numbers, numbers, numbers, numbers))
def test_asking_twice_and_in_another_order_gives_the_same(order, chosen):
    answers = given(**{link_id: chosen["abcd".index(link_id)] for link_id in order})
    once = enabled_answers(TANGLED, answers)
    assert once == enabled_answers(TANGLED, once) == enabled_answers(TANGLED, dict(sorted(answers.items())))


TANGLED = form(
    {**integer("d"), "extension": [asked_if(f"{where('sum')} > 5 xor {where('c')}.empty()")]},
    item("sum", "decimal", computed(f"{where('a')}.combine({where('b')}).sum()")),
    {**integer("c"), "extension": [asked_if(f"{where('b')}.empty() or {where('sum')} > 12")]},
    {**integer("b"), "extension": [asked_if(f"{where('a')} > 3")]},
    integer("a"),
)
CHOICE, MANY = choice("valg", a=0, b=1), {**choice("flere", a=0, b=1), "repeats": True}
INNER = group("gruppe", integer("inde", 0, 10), item("tekst", "display"))


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("%resource.item.where(linkId='inde').answer.value > 1", "expression-unreached"),  # it stands in a group
        (f"{where('skala')} > 1 and %resource.item.where(linkId='inde').exists()", "expression-unreached"),
        ("%resource.descendants().where(linkId='skala').exists()", "expression-unreached"),  # the item, not its answer
        ("%resource.descendants().where(answer.value > linkId.count())", "expression-link-id"),
        ("%resource.item.answer.exists()", "expression-no-question"),
        ("%resource.item.where(linkId='gruppe').exists()", "expression-no-question"),
        (f"{where('skala')} > %resource.item.answer.count()", "expression-unnamed"),
        (f"{where('skala')} > 1 and %resource.item.where(answer.exists()).exists()", "expression-unnamed"),
        (f"{where('skala')} > 1 and %resource.descendants().value.exists()", "expression-unnamed"),
        (f"{where('tekst')}.empty() and {where('skala')} > 1", "condition-not-a-question"),
        (f"{where('valg')}.where(code='C').exists()", "expression-option"),
        (f"{where('skala')}.code = 'a'", "expression-option"),
        (f"{where('valg')} > 1", "expression-trial"),
        (f"{where('valg')} = 'a'", "expression-trial"),
        (f"{where('flere')}.code = 'a'", "expression-trial"),  # there may be two
        (f"{where('skala')}", "expression-trial"),  # neither true nor false
        (f"({where('skala')} > 1).combine({where('inde')} > 1)", "expression-trial"),  # both
        (f"iif({where('skala')} >= 0, true, {where('inde')}.repeat($this).exists())", "expression-trial"),
        (f"{where('skala')} | {where('inde')}", "expression-trial"),
        (f"iif({where('skala')} > 5, {where('følg')}.exists(), true)", "condition-circle"),
        ("now() > 3", "expression-function"),
    ],
)
def test_an_expression_that_would_never_do_what_it_says_is_refused(expression, code):
    found = problems(SCALE, CHOICE, MANY, INNER, item("følg", "string", asked_if(expression)))
    assert code in [each for _, each in found]


@pytest.mark.parametrize(
    "expression",
    [
        f"iif({where('skala')} > 99, {where('inde')} > 1, {where('valg')}.code = 'a')",
        f"{where('skala')} > 99 and {where('inde')} > 1",
        f"{where('skala')} >= 0 or {where('inde')} > 1",
        f"{where('skala')} > 99 implies {where('inde')} > 1",
        f"iif({where('skala')} > 99, {where('valg')}.toString() = 'x', {where('valg')}.exists())",
        f"{where('flere')}.where(code = 'a' or code = 'b').exists()",
        "%resource.item.where(linkId = 'skala' and answer.value > 5).exists()",
        f"{where('skala')}.empty()",
    ],
)
def test_what_is_only_looked_at_with_other_answers_is_looked_at_all_the_same(expression):
    assert not problems(SCALE, CHOICE, MANY, INNER, item("følg", "string", asked_if(expression)))


def test_units_and_unlisted_options_have_codes_that_nobody_can_check():
    amount = {"linkId": "mål", "type": "quantity"}
    assert not problems(amount, item("følg", "string", asked_if(f"{where('mål')}.code = 'kg'")))


def test_every_kind_of_question_can_be_asked_about():
    kinds = (
        "boolean",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "url",
        "attachment",
        "reference",
    )
    kinds = (*kinds, "quantity", "open-choice")
    asked_about = [item(kind, kind) for kind in kinds]
    tests = " and ".join(f"{where(kind)}.exists()" for kind in kinds)
    assert not problems(*asked_about, item("følg", "string", asked_if(tests)))


@pytest.mark.parametrize(
    ("extensions", "found"),
    [
        ([variable("a b", where("skala"))], [("", "expression-variable-name")]),
        ([variable("resource", where("skala"))], [("", "expression-variable-name")]),
        ([variable("a", where("skala")), variable("a", where("skala"))], [("", "expression-variable-name")]),
        ([variable("a", "%b + 1"), variable("b", where("skala"))], [("", "expression-variable")]),
        ([variable("a", "now()")], [("", "expression-function")]),
        (
            [{**variable("a", "x"), "valueExpression": {"name": "a", "language": "text/cql"}}],
            [("", "expression-language")],
        ),
    ],
)
def test_a_variable_that_cannot_be_used_is_a_problem_of_the_questionnaire(extensions, found):
    assert problems(SCALE, item("følg", "string", asked_if(f"{where('skala')} > 1")), variables=extensions) == found


def test_all_problems_of_all_expressions_come_at_once_with_where_they_stand():
    bad = [
        item("a", "string", asked_if("now() > today()")),
        item("b", "decimal", computed("item.anwser.value")),
        item("c", "string", asked_if("1 +")),
        item(
            "d", "string", {"url": asked_if("")["url"], "valueExpression": {"language": "text/cql", "expression": "x"}}
        ),
        item("e", "string", asked_if("")),
        item("f", "string", asked_if("%ukendt.exists()")),
    ]
    with pytest.raises(FormError) as refused:
        form(SCALE, *bad)
    assert sorted((each.link_id, each.code) for each in refused.value.problems) == [
        ("a", "expression-function"),
        ("a", "expression-function"),
        ("b", "expression-name"),
        ("c", "expression-syntax"),
        ("d", "expression-language"),
        ("e", "expression-syntax"),
        ("f", "expression-variable"),
    ]
    assert {each.expression for each in refused.value.problems if each.link_id == "b"} == {
        "Questionnaire.descendants().where(linkId='b')"
    }


def test_where_items_are_missing_expressions_are_not_blamed_for_it():
    found = problems(item("x", "ukendt"), item("følg", "string", asked_if(f"{where('x')} > 1")))
    assert found == [("x", "type")]


FREE = {**choice("frit", a=1, b=4), "type": "open-choice"}
"""An answer in free words has no number, which only shows when somebody gives one."""
FAILS = f"{where('frit')}.ordinal() > 2"


def test_a_question_is_asked_when_its_condition_cannot_be_evaluated():
    one = form(FREE, item("følg", "string", asked_if(FAILS)))
    enabled = Enablement(one, {"frit": ({"valueString": "noget andet"},)})
    assert "følg" in enabled.asked()
    (failure,) = enabled.failures()
    assert (failure.path, failure.link_id) == ("følg", "følg")
    assert failure.text.da.startswith("Det kunne ikke afgøres, om følg skulle stilles, og spørgsmålet er stillet.")
    assert not Enablement(one, given(frit="b")).failures()


def test_what_depends_on_a_failed_calculation_is_asked_too():
    plain = [{"question": "sum", "operator": ">", "answerDecimal": 3}]
    one = form(
        FREE,
        item("sum", "decimal", computed(f"{where('frit')}.ordinal() * 2")),
        item("simpel", "string", enableWhen=plain),
        item("udtryk", "string", asked_if(f"{where('sum')} > 3")),
        item("videre", "decimal", computed(f"{where('sum')} + 1")),
        item("uden", "string", enableWhen=[{"question": "frit", "operator": "exists", "answerBoolean": False}]),
    )
    enabled = Enablement(one, {"frit": ({"valueString": "noget andet"},)})
    assert list(enabled.asked()) == ["frit", "sum", "simpel", "udtryk", "videre"]
    assert [failure.path for failure in enabled.failures()] == ["sum", "simpel", "udtryk", "videre"]
    assert list(Enablement(one, given(frit="a")).asked()) == ["frit", "sum", "videre"]


def test_too_many_answers_to_look_at_is_a_failure_and_not_a_wait():
    everything = "%resource.descendants()"
    nested = f"{everything}.where({everything}.where(linkId='tal').exists()).exists() and {where('tal')}.exists()"
    one = form(group("g", number("tal"), repeats=True), item("følg", "string", asked_if(nested)))
    answers = {f"g[{n}]/tal": ({"valueDecimal": n},) for n in range(600)}
    enabled = Enablement(one, answers)
    assert "følg" in enabled.asked()
    assert [failure.path for failure in enabled.failures()] == ["følg"]


def test_a_questionnaire_without_expressions_does_not_read_the_library_for_them():
    script = (
        "import sys\n"
        "from kommunalpro.pro.form import compile_form\n"
        "from kommunalpro.pro.triage import assess\n"
        "item = {'linkId': 'a', 'type': 'string'}\n"
        "form = compile_form({'resourceType': 'Questionnaire', 'title': 'x', 'item': [item]})\n"
        "assess(form, None, {}, questionnaire='x', view_reference=None)\n"
        "sys.exit('fhirpathpy' in sys.modules or 'antlr4' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0  # noqa: S603  (our own words)


def test_the_order_in_which_conditions_are_told_is_there_only_where_it_is_needed():
    assert form(SCALE).order == ()
    order = form(item("følg", "string", asked_if(f"{where('skala')} > 1")), SCALE).order
    assert order.index("skala") < order.index("følg")
    assert compile_form(questionnaire(SCALE)).expressions.enabling == {}


def test_all_expressions_of_a_questionnaire_together_are_as_long_as_can_be_read_and_no_longer(monkeypatch):
    used, about = f"{where('skala')} > 1", where("skala")
    items = [SCALE, *(item(f"følg-{number}", "string", asked_if(used)) for number in range(3))]
    counted = [variable("a", about)]
    monkeypatch.setattr(expressions, "MOST_TEXT", len(about) + 3 * len(used))
    assert problems(*items, variables=counted) == []
    monkeypatch.setattr(expressions, "MOST_TEXT", len(about) + 2 * len(used) - 1)
    assert problems(*items, variables=counted) == [("følg-1", "expression-many")], "the first that is too many"
    monkeypatch.setattr(expressions, "MOST_TEXT", 1)
    assert problems(*items, variables=counted) == [("", "expression-many")]

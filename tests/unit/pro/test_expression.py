"""What FHIRPath comes to: exactly, or not at all."""

from decimal import Context, Decimal

import fhirpathpy
import pytest
from fhirpathpy.models import models
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kommunalpro.pro.answers import write_items
from kommunalpro.pro.excerpt import Run
from kommunalpro.pro.problems import ExpressionError
from tests.unit.pro.asked import ANSWERS, ASKED, MANY, TENTH, A, B, C
from tests.unit.pro.formulas import evaluated, form, where
from tests.unit.pro.scores import given, integer


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Finding answers
        ("%resource.item.where(linkId='et').answer.value", [3]),
        ("QuestionnaireResponse.item.where($this.linkId='et').answer.value", [3]),
        ("item.where('et' = linkId).answer.first().value", [3]),
        ("repeat(item).where(linkId='inderst').answer.value", [6]),
        ("item.where(linkId='gruppe').item.where(linkId='inde').answer.valueInteger", [5]),
        ("descendants().where(linkId in ('et' | 'to')).answer.value", [3, 4]),
        ("descendants().where(linkId='et' or linkId='to').answer.value.last()", [4]),
        ("descendants().where(linkId='et' and answer.value > 2).exists()", [True]),
        (f"{MANY}.code", ["a", "c", "nul"]),
        (f"{MANY}[1].code", ["c"]),
        (f"{MANY}.skip(1).take(1).code", ["c"]),
        (f"{MANY}.tail().code", ["c", "nul"]),
        (f"{C}.code.single()", ["c"]),
        (f"{where('mål')}.unit", ["kg"]),
        (f"{where('dosis')}", [10, 10]),
        (f"{A}.descendants().count()", [0]),
        (f"item.QuestionnaireResponse.count() + {A}", [3]),
        # Types
        (f"{A}.ofType(integer)", [3]),
        (f"{A}.ofType(decimal)", []),
        (f"{C}.ofType(FHIR.Coding).code", ["c"]),
        (f"({C} as Coding).code", ["c"]),
        (f"{A}.as(integer) + 1", [4]),
        (f"1.ofType(System.Integer) + {A}", [4]),
        # Counting and choosing
        (f"{MANY}.count()", [3]),
        (f"{MANY}.where(code='a' or code='c').count()", [2]),
        (f"{MANY}.exists(code='b')", [False]),
        (f"{MANY}.all(code='a')", [False]),
        (f"{MANY}.select(code = 'a').anyTrue()", [True]),
        (f"{MANY}.select(code = 'a').allTrue()", [False]),
        (f"{MANY}.select(code = 'a').allFalse()", [False]),
        (f"{MANY}.select(code = 'b').anyFalse()", [True]),
        (f"{A}.empty()", [False]),
        (f"iif({A} > 2, 'ja', 'nej')", ["ja"]),
        (f"iif({A} > 3, 'ja', 'nej')", ["nej"]),
        (f"iif({A} > 3, 'ja')", []),
        (f"iif({A}.where($this > 9) > 3, 'ja', 'nej')", ["nej"]),
        (f"{A}.combine({B})", [3, 4]),
        (f"{A} | {B}", [3, 4]),
        (f"'x' | 'x' | {where('ord')}", ["x", "otte"]),
        (f"true | {where('ja')}", [True]),
        (f"({MANY} | {MANY}).count()", [3]),  # the same answers, not equal ones
        (f"{A} in ({A} | {B})", [True]),
        (f"({A} | {B}) contains 5", [False]),
        (f"{A}.where($this > 9) in {A}", []),
        # Truth, in three values
        (f"{where('ja')} and {A} > 9", [False]),
        (f"{A} > 9 and {where('ja')}", [False]),
        (f"{A} > 2 or {where('ord')} > 1", [True]),
        (f"{A} > 9 or {B} > 3", [True]),
        (f"{A} > 9 xor {B} > 3", [True]),
        (f"{A} > 9 implies {where('ord')} > 1", [True]),
        (f"{A} > 2 implies {B} > 9", [False]),
        (f"{A} > 2 implies {B} > 3", [True]),
        (f"({A} > 2 and {{}}).empty()", [True]),
        (f"{A} > 9 and {{}}", [False]),
        (f"{{}} and {A} > 9", [False]),
        (f"{A} > 2 or {{}}", [True]),
        (f"{{}} or {A} > 2", [True]),
        (f"({A} > 9 or {{}}).empty()", [True]),
        (f"({A} > 9 xor {{}}).empty()", [True]),
        (f"{{}} implies {A} > 2", [True]),
        (f"({{}} implies {A} > 9).empty()", [True]),
        (f"({A} > 2).not()", [False]),
        (f"({A} > {{}}).not().empty()", [True]),
        # Comparing
        (f"{A} = 3", [True]),
        (f"{A} != 3.0", [False]),
        (f"{TENTH} = 0.1", [True]),
        (f"{where('ord')} = 'otte'", [True]),
        (f"{A} <= 3 and {A} >= 3 and {A} < 4", [True]),
        (f"{A}.where($this > 9) = 3", []),
        # Numbers
        (f"{TENTH} + 0.2", [Decimal("0.30")]),
        (f"{A} / 2", [Decimal("1.5")]),
        (f"{A} / 7", [Decimal("0.4285714285714285714285714286")]),
        (f"{A} / 0", []),
        (f"7 div {A}", [2]),
        (f"7 mod {A}", [1]),
        (f"7 div ({A} - 3)", []),
        (f"7 mod ({A} - 3)", []),
        (f"-{A}", [-3]),
        (f"+{A} - -1", [4]),
        (f"2 + {A} * {B}", [14]),
        (f"{A} + {A}.where($this > 9)", []),
        (f"{where('mål')}.value * 2", [3]),
        (f"({A} | {B}).sum()", [7]),
        (f"({A} | {B}).min()", [3]),
        (f"({A} | {B}).max()", [4]),
        (f"({A} | {B}).avg()", [Decimal("3.5")]),
        (f"({A} | {B}).aggregate($total + $this, 0)", [7]),
        (f"({A} | {B}).aggregate(iif($total.empty(), $this, $total * $this))", [12]),
        (f"({A} | {B}).aggregate($total + ({B} | 1).aggregate($total + $this, 0), 0)", [10]),
        (f"{where('dosis')}.sum()", [20]),
        (f"{TENTH}.abs() + (0 - {A}).abs()", [Decimal("3.10")]),
        ("(2.5).round() + 0 * " + A, [3]),
        ("(-2.5).round() + 0 * " + A, [-3]),
        ("(2.345).round(2) + 0 * " + A, [Decimal("2.35")]),
        ("(2.1).ceiling() + (2.9).floor() + (-2.9).truncate() + 0 * " + A, [3]),
        (f"{C}.ordinal()", [2]),
        (f"{MANY}.weight().sum()", [5]),
        ("%resource.descendants().where(linkId='valg').answer.ordinal()", [2]),
        (f"{C}.extension('http://hl7.org/fhir/StructureDefinition/ordinalValue').value", [2]),
        # Turning one into another
        (f"{where('ja')}.toInteger() + {where('ja')}.toDecimal()", [2]),
        (f"'12'.toInteger() + {A}", [15]),
        (f"'1.5'.toDecimal() + {A}", [Decimal("4.5")]),
        (f"(1.5).toInteger() + {A}", []),
        (f"(2.0).toInteger() + {A}", [5]),
        (f"'x'.toDecimal() + {A}", []),
        (f"({TENTH} * 10).toInteger()", [1]),
        (f"{A}.toString() = '3'", [True]),
        (f"{where('ja')}.toString()", ["true"]),
        (f"({A} > 3).toString()", ["false"]),
        (f"{where('ord')}.toString()", ["otte"]),
    ],
)
def test_an_expression_comes_to(expression, expected):
    found = evaluated(expression, ASKED, ANSWERS)
    assert found == expected
    assert [type(each) is bool for each in found] == [type(each) is bool for each in expected]
    assert not any(isinstance(each, float) for each in found)


OF_NOTHING = """sum() min() max() avg() aggregate($total+$this,0) aggregate($this+$total) ordinal() weight() round()
round(2) floor() abs() toInteger() toDecimal() toString() not() single() where($this>1) select($this+1) first() last()
combine({}) ofType(integer)"""


@pytest.mark.parametrize("function", OF_NOTHING.split())
def test_of_nothing_there_is_nothing_and_never_0(function):
    assert evaluated(f"{A}.{function}", ASKED, {}) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (f"{A} = 'tre'", "expression-kind"),
        (f"{A} > 'tre'", "expression-kind"),
        (f"{where('ja')} = 1", "expression-kind"),
        (f"{where('ja')} + 1", "expression-kind"),
        (f"{where('dag')} > {where('dag')}", "expression-kind"),  # dates do not compare here
        (f"{C} = 'c'", "expression-kind"),  # a coding is not its code
        (f"{C} + 1", "expression-kind"),
        (f"{C}.toString()", "expression-kind"),
        (f"{A} and true", "expression-kind"),
        (f"{A}.not()", "expression-kind"),
        (f"{A}.where($this)", "expression-kind"),
        (f"{A}.select($this).allTrue()", "expression-kind"),
        (f"iif({A}, 1, 2)", "expression-kind"),
        (f"{A}.ordinal()", "expression-kind"),
        (f"{where('ord')}.sum()", "expression-kind"),
        (f"{MANY}.code = 'a'", "expression-several"),
        (f"{MANY}.single()", "expression-several"),
        (f"{where('dosis')} + 1", "expression-several"),
        (f"{where('dosis')}.round()", "expression-several"),
        (f"({where('dosis')} as integer)", "expression-several"),
        (f"({A} | {A}).sum()", "expression-duplicate"),  # an answer would be lost in silence
        (f"{where('ubenævnt')}.ordinal()", "expression-no-ordinal"),
        (f"{A}.repeat($this)", "expression-steps"),
        (f"({'9' * 1200}).round(2) + {A}", "expression-library"),  # more digits than there are anywhere
    ],
)
def test_what_does_not_belong_together_fails_loudly(expression, code):
    with pytest.raises(ExpressionError) as failed:
        evaluated(expression, ASKED, ANSWERS)
    assert failed.value.code == code
    assert failed.value.text.da != failed.value.text.en


@pytest.mark.parametrize("number", ["0.1", "123456789012345678901234567890", "-0.0000000000000000000001", "1.50"])
def test_a_number_goes_in_and_out_to_the_digit(number):
    given_number = {"brøk": ({"valueDecimal": Decimal(number)},)}
    assert evaluated(TENTH, ASKED, given_number)[0].as_tuple() == Decimal(number).as_tuple()
    assert evaluated(f"{TENTH} + 0", ASKED, given_number) == [Decimal(number)]


def sums():
    """Sums of whole and broken numbers: as FHIRPath, and what they come to in exact arithmetic."""
    exact = Context(prec=500)
    signs = {"+": exact.add, "-": exact.subtract, "*": exact.multiply}
    numbers = st.decimals(0, 10**6, places=6).map(lambda value: (f"{value:f}", value))

    def joined(parts):
        return st.tuples(parts, st.sampled_from("+-*"), parts).map(
            lambda found: (f"({found[0][0]} {found[1]} {found[2][0]})", signs[found[1]](found[0][1], found[2][1]))
        )

    return st.recursive(numbers, joined, max_leaves=8)


@settings(max_examples=60, deadline=None)
@over(sums())
def test_arithmetic_is_exact(case):
    text, expected = case
    assert evaluated(f"{text} + 0 * {A}", ASKED, ANSWERS) == [expected]


@settings(max_examples=60, deadline=None)
@over(st.integers(-(10**20), 10**20), st.integers(1, 10**6))
def test_a_division_is_right_to_28_digits(dividend, divisor):
    (found,) = evaluated(f"({dividend}) / {divisor} + 0 * {A}", ASKED, ANSWERS)
    assert found == Context(prec=28).divide(Decimal(dividend), Decimal(divisor))


@pytest.mark.parametrize(
    "expression",
    [
        A,
        f"{A} > 2",
        f"{A}.empty()",
        f"{MANY}.code",
        f"{MANY}.where(code='a').exists()",
        f"{C}.ofType(Coding).code",
        f"{where('mål')}.value",
        where("dosis"),
        "repeat(item).where(linkId='inderst').answer.value",
    ],
)
def test_the_library_by_itself_with_its_own_model_finds_the_same(expression):
    response = {"resourceType": "QuestionnaireResponse", "item": write_items(ASKED, ANSWERS)}
    by_itself = fhirpathpy.evaluate(response, expression, {"resource": response}, models["r4"])
    assert evaluated(expression, ASKED, ANSWERS) == by_itself


def test_a_repeating_group_is_seen_from_the_instance_in_which_one_stands():
    assert evaluated(f"{where('dosis')}", ASKED, {**ANSWERS, "medicin[2]/dosis": ({"valueInteger": 7},)}) == [10, 7]
    found = evaluated(
        f"{where('dosis')}", ASKED, {**ANSWERS, "medicin[2]/dosis": ({"valueInteger": 7},)}, here="medicin[2]/"
    )
    assert found == [7]


def test_what_it_does_not_name_it_does_not_see():
    assert evaluated(f"%resource.item.count() + 0 * {A}", ASKED, ANSWERS) == [1]


def test_what_is_read_is_known():
    run = Run()
    evaluated(f"iif({A} > 2, {B}, {TENTH})", ASKED, ANSWERS, run=run)
    assert run.read == {"et", "to"}


def test_an_escaped_quote_is_a_quote_and_backticks_are_names():
    asked = form(integer("o'clock"))
    assert evaluated(r"`item`.where(linkId = 'o\'clock').`answer`.value", asked, given(**{"o'clock": 2})) == [2]


def test_the_answers_are_not_changed_by_looking_at_them():
    before = repr(ANSWERS)
    for text in (f"-{A}", f"{MANY}.ordinal()", f"({A} | {B}).aggregate($total + $this, 0)"):
        evaluated(text, ASKED, ANSWERS)
    assert repr(ANSWERS) == before


def test_order_of_words_and_operator_is_fhirpaths():
    assert evaluated(f"{A} + {B} * 2 = 11 and true or false", ASKED, ANSWERS) == [True]
    assert evaluated(f"{A} - 1 - 1", ASKED, ANSWERS) == [1]

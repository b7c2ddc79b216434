"""A declared score and the FHIRPath it is exported as are two ways to one number.

The one is computed by the engine in `scoring.py`, the other by fhirpathpy; they have no line in common.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.calculation import calculate
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.export import ExportError, export_score, with_score
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.instrument import read_instrument
from kommunalpro.pro.possible import possible_answers
from kommunalpro.pro.score_fit import score_fit_problems
from kommunalpro.pro.scoring import score_value
from tests.unit.pro.scores import choice, definition, given, integer, number

INSTRUMENTS = sorted((Path(__file__).parents[3] / "definitions" / "instruments").glob("*.json"))


def questionnaire(*items):
    return {"resourceType": "Questionnaire", "status": "draft", "title": "Prøve", "item": list(items)}


def exported(score, asked):
    """The questionnaire with the score in it, compiled."""
    return compile_form(with_score(asked, export_score(score, compile_form(asked))))


def number_of(answers, link_id):
    return kind_and_value(answers[link_id][0])[1] if link_id in answers else None


def both(score, asked, answers):
    """The number by the engine, and the number by the export."""
    by_engine = score_value(score, compile_form(asked), answers)
    return by_engine, number_of(calculate(exported(score, asked), answers), f"score-{score.id}")


ITEMS = (
    integer("heltal", 0, 10),
    number("tal", "-2.5", "7.5"),
    choice("valg", a=0, b=1, c=3),
    choice("uden", x=None, y=None, z=None),
    choice("delvis", a=2, b=0, c=None),
    {**choice("frit", a=1, b=4), "type": "open-choice"},
    {"linkId": "janej", "type": "boolean"},
    {"linkId": "niveau", "type": "choice", "answerOption": [{"valueInteger": n} for n in range(1, 6)]},
    choice("vægtet", v0=0, v1=1, v2=4, v3=9),
    {"linkId": "mængde", "type": "quantity", "extension": [{"url": ehealth.MAX_VALUE, "valueDecimal": Decimal(9)}]},
)
ASKED = questionnaire(*ITEMS)
FORM = compile_form(ASKED)
VALUES = {
    "uden": {"x": "0", "y": "0.25", "z": "-1"},
    "janej": {"true": "1", "false": "0"},
    "niveau": {"1": "0", "2": "0.5", "3": None, "4": "2", "5": "4"},
    "valg": {"a": "3", "b": "2", "c": None},
    "delvis": {"a": "2", "b": "0", "c": None},
}
FREE = {"frit": ({"valueString": "mit eget"},), "mængde": ({"valueQuantity": {"value": Decimal("1.5")}},)}
decimals = st.decimals(-4, 4, places=2)


@st.composite
def scores(draw):
    """Any score that fits the questions: of any of them, counted, reversed, scaled and rounded in any way."""
    items = draw(st.lists(st.sampled_from([item["linkId"] for item in ITEMS]), min_size=1, max_size=6, unique=True))
    valued = [item for item in items if item in ("uden", "janej", "delvis") or (item in VALUES and draw(st.booleans()))]
    reversible = [item for item in items if item in valued or item not in ("mængde", "janej")]
    method = draw(st.sampled_from(["sum", "mean"]))
    missing = draw(st.sampled_from([{"rule": "all"}, {"rule": "half"}, {"rule": "at-least", "answered": 1}]))
    if method == "sum" and draw(st.booleans()):
        missing = {**missing, "prorated": True}
    more = {}
    if missing["rule"] == "all" and draw(st.booleans()):
        operator = draw(st.sampled_from([">", ">=", "<", "<=", "=", "!="]))
        more["added"] = [{"add": str(draw(decimals)), "operator": operator, "value": str(draw(st.integers(0, 3)))}]
    if draw(st.booleans()):
        more["decimals"] = draw(st.integers(0, 2))
    return definition(
        *items,
        method=method,
        values={item: VALUES[item] for item in valued},
        reversed=draw(st.lists(st.sampled_from(reversible), unique=True) if reversible else st.just([])),
        factor=str(draw(decimals)),
        offset=str(draw(decimals)),
        divisor=str(draw(st.sampled_from([Decimal(1), Decimal(3), Decimal("-0.7")]))),
        missing=missing,
        scale={"low": "-10000", "high": "10000"},
        **more,
    )


def answered(item):
    possible = possible_answers(FORM.item(item["linkId"])) or ()
    return st.sampled_from([None, *possible, *FREE.get(item["linkId"], ())])


answers = st.fixed_dictionaries({item["linkId"]: answered(item) for item in ITEMS}).map(
    lambda found: {link_id: (answer,) for link_id, answer in found.items() if answer is not None}
)


@settings(max_examples=40, deadline=None)
@over(scores(), answers)
def test_a_score_and_its_export_agree_on_all_answers(score, found):
    assert not score_fit_problems(score, FORM)
    by_engine, by_export = both(score, ASKED, found)
    assert by_export == by_engine  # None and nothing are the same here: no number


@settings(max_examples=15, deadline=None)
@over(st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=3, max_size=3))
def test_a_table_gives_the_same_both_ways(chosen):
    table = {str(total): str(Decimal(total) / 8) for total in range(10)}
    score = definition("1", "2", "3", table=table, factor="2", scale={"low": "0", "high": "50"})
    asked = questionnaire(*(integer(link_id, 0, 3) for link_id in "123"))
    by_engine, by_export = both(score, asked, given(**dict(zip("123", chosen, strict=True))))
    assert by_export == by_engine


def instrument_of(path):
    return read_instrument(loads(path.read_bytes()))


def in_numbers(instrument):
    return [integer(str(item.position), item.low, item.high) for item in instrument.items]


@pytest.mark.parametrize("path", INSTRUMENTS, ids=lambda path: path.stem)
def test_every_golden_case_of_every_instrument_comes_out_by_its_export(path):
    instrument = instrument_of(path)
    asked = questionnaire(*in_numbers(instrument))
    for score in instrument.scores:
        asked = with_score(asked, export_score(score, compile_form(asked)))
    assert not validate(asked)
    form = compile_form(asked)
    for case in instrument.golden:
        positions = (str(item.position) for item in instrument.items)
        found = calculate(form, given(**dict(zip(positions, case.answers, strict=True))))
        for id, expected in case.scores.items():
            assert number_of(found, f"score-{id}") == expected, (id, case)


def test_an_amount_that_is_only_a_bound_is_no_number_either_way():
    below = {"mængde": ({"valueQuantity": {"value": Decimal(5), "comparator": "<"}},)}
    assert both(definition("mængde", scale={"low": "-10000", "high": "10000"}), ASKED, below) == (None, None)


def test_there_are_golden_cases_to_come_out():
    assert sum(len(instrument_of(path).golden) for path in INSTRUMENTS) > 50


def test_the_export_is_what_fut_calls_an_advanced_questionnaire():
    score = definition("a", "b", id="soevn-1", title={"da": "Søvn", "en": "Sleep"}, decimals=1)
    found = export_score(score, compile_form(questionnaire(choice("a", x=0, y=2), choice("b", x=0, y=2))))
    assert found.item["linkId"] == "score-soevn-1"
    assert (found.item["type"], found.item["text"], found.item["readOnly"]) == ("decimal", "Søvn", True)
    assert extension_value(found.item, ehealth.USAGE_MODE) == "display-non-empty"
    calculated = extension_value(found.item, ehealth.CALCULATED_EXPRESSION)
    assert calculated == {
        "language": "text/fhirpath",
        "expression": "iif(%scoresoevnX1Items.count() >= 2, (%scoresoevnX1Total).round(1))",
    }
    assert [each["valueExpression"] for each in found.variables] == [
        {
            "name": "scoresoevnX1Items",
            "language": "text/fhirpath",
            "expression": "%resource.descendants().where(linkId in ('a' | 'b')).answer.value.ordinal()",
        },
        {
            "name": "scoresoevnX1Total",
            "language": "text/fhirpath",
            "expression": "%scoresoevnX1Items.aggregate($total + $this, 0)",
        },
    ]


def test_options_without_numbers_get_those_of_the_score():
    asked = questionnaire(choice("a", x=None, y=None, nej=None))
    score = definition("a", values={"a": {"x": "1", "y": "2.5", "nej": None}})
    found = export_score(score, compile_form(asked))
    assert found.ordinals == {"a": {"x": Decimal(1), "y": Decimal("2.5")}}
    options = with_score(asked, found)["item"][0]["answerOption"]
    assert [extension_value(each, ehealth.ORDINAL_VALUE) for each in options] == [Decimal(1), Decimal("2.5"), None]


def test_options_with_other_numbers_keep_them():
    asked = questionnaire(choice("a", x=0, y=1))
    score = definition("a", values={"a": {"x": "7", "y": "9"}})
    assert not export_score(score, compile_form(asked)).ordinals
    assert both(score, asked, given(a="y")) == (9, 9)


def test_scores_lie_beside_each_other():
    asked = questionnaire({"linkId": "g", "type": "group", "item": [choice("a", x=None, y=None)]})
    one = definition("a", id="et", values={"a": {"x": "1", "y": "2"}})
    two = definition("a", id="to", values={"a": {"x": "30", "y": "40"}})
    for score in (one, two):
        asked = with_score(asked, export_score(score, compile_form(asked)))
    found = calculate(compile_form(asked), given(a="y"))
    assert (number_of(found, "score-et"), number_of(found, "score-to")) == (2, 40)


def test_a_quote_in_a_name_is_only_a_quote():
    asked = questionnaire(choice("o'clock", **{"a'b": 0, "c": 3}))
    score = definition("o'clock", values={"o'clock": {"a'b": "1", "c": "4"}})
    assert both(score, asked, given(**{"o'clock": "a'b"})) == (1, 1)


@pytest.mark.parametrize("operator", [">", ">=", "<", "<=", "=", "!="])
@pytest.mark.parametrize("answer", [0, 1, 2])
def test_what_is_added_is_added_on_both_ways(operator, answer):
    score = definition(
        "a", "b", added=[{"add": "0.5", "operator": operator, "value": "1"}], title={"da": "Uden engelsk"}
    )
    asked = questionnaire(integer("a", 0, 2), integer("b", 0, 2))
    by_engine, by_export = both(score, asked, given(a=answer, b=answer))
    assert by_export == by_engine


@pytest.mark.parametrize(
    ("asked", "score", "why"),
    [
        ([choice("a", x=None)], definition("a"), "no number"),
        ([{**choice("a", x=1), "repeats": True}], definition("a"), "several times"),
        ([choice("a", x=1), {"linkId": "score-score", "type": "string"}], definition("a"), "taken"),
        ([choice("a\\b", x=1)], definition("a\\b"), "backslash"),
        ([choice("a", x=1)], definition("a", id="a" * 60), "too long"),
    ],
)
def test_what_cannot_be_exported_says_why(asked, score, why):
    with pytest.raises(ExportError, match=why):
        export_score(score, compile_form(questionnaire(*asked)))

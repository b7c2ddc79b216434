"""A View is held against its questionnaire before the two are published: everything at once, in both languages."""

from decimal import Decimal

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from kommunalpro.fhir import ehealth
from kommunalpro.pro.form import compile_form
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.view import ViewError, read_view
from kommunalpro.pro.view_check import view_problems
from tests.unit.definitions.folders import FOLDERS, read
from tests.unit.pro.scores import choice, declared, form, integer, number, question, view

ACUTE = {"id": "akut", "text": {"da": "Ring 112"}, "source": "Test"}


def codes(questionnaire, *scores, **more):
    return [(each.code, each.link_id) for each in view_problems(read_view(view(*scores, **more)), questionnaire)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_views_that_ship_fit_their_questionnaires(folder):
    questionnaire = compile_form(read(folder, "questionnaire.json"))
    assert view_problems(read_view(read(folder, "view.json")), questionnaire) == []


def test_everything_it_names_is_a_question_of_the_questionnaire():
    asked = form(integer("a"), {"linkId": "g", "type": "group"})
    found = view_problems(
        read_view(
            view(
                declared("a", "x"),
                items=["a", "g"],
                priorities={"item": "p"},
                acute=[{**ACUTE, "item": "y", "operator": "=", "value": 1}],
            )
        ),
        asked,
    )
    assert [(each.link_id, each.expression) for each in found] == [
        ("x", "View.scores.score"),
        ("g", "View.topics.emne"),
        ("y", "View.acute.akut"),
        ("p", "View.priorities"),
    ]
    assert str(found[0]) == "x: the questionnaire has no such question"
    assert found[0].text.da == "Spørgsmålet findes ikke i spørgeskemaet."


@pytest.mark.parametrize("wrong", [{"divisor": "0"}, {"factor": "0"}, {"scale": {"low": "5", "high": "5"}}])
def test_a_score_that_cannot_be_meant_is_held_against_its_questionnaire_all_the_same(wrong):
    """All is told at once: what is wrong with the score, and that one of its questions is not there."""
    with pytest.raises(ViewError) as refused:
        read_view(view({**declared("a"), **wrong}, declared("b", id="other")))
    found = view_problems(refused.value.read, form(integer("a")))
    assert ("view-question", "b") in [(each.code, each.link_id) for each in found]


def test_an_item_of_a_score_stands_in_no_repeating_group_and_is_answered_once():
    inside = {"linkId": "g", "type": "group", "repeats": True, "item": [integer("a")]}
    assert codes(form(inside), declared("a")) == [("score-repeats", "a")]
    assert codes(form({**integer("a"), "repeats": True}), declared("a")) == [("score-repeats", "a")]


@pytest.mark.parametrize(
    "item",
    [
        {"linkId": "a", "type": "text"},
        {"linkId": "a", "type": "date"},
        {"linkId": "a", "type": "boolean"},
        choice("a", x=None, y=None),
    ],
)
def test_an_item_of_a_score_must_give_a_number(item):
    assert codes(form(item), declared("a")) == [("score-number", "a")]


def test_every_option_gives_a_number_or_is_set_aside():
    asked = form(choice("a", nej=0, ja=1, **{"ved-ikke": None}))
    [problem] = view_problems(read_view(view(declared("a"))), asked)
    assert "ved-ikke" in problem.text.da
    assert "ved-ikke" in problem.text.en
    assert codes(asked, declared("a", values={"a": {"nej": "0", "ja": "1", "ved-ikke": None}})) == []
    assert codes(asked, declared("a", values={"a": {"nej": "0", "ja": "1"}})) == [("score-number", "a")]


def test_values_cover_a_whole_range_and_nothing_else():
    asked = form(integer("a", 1, 3))
    whole = {"1": "0", "2": "1", "3": "2"}
    assert codes(asked, declared("a", values={"a": whole})) == []
    assert codes(asked, declared("a", values={"a": {"1": "0", "3": "2"}})) == [("score-number", "a")]
    assert codes(asked, declared("a", values={"a": {**whole, "4": "3", "x": "1"}})) == [("score-values", "a")]
    assert codes(form(number("a")), declared("a", values={"a": {"0": "1", "10": "2"}})) == [("score-number", "a")]


def test_yes_and_no_count_by_values():
    asked = form({"linkId": "a", "type": "boolean"})
    assert codes(asked, declared("a", values={"a": {"true": "1", "false": "0"}})) == []
    assert codes(asked, declared("a", values={"a": {"true": "1"}})) == [("score-number", "a")]


def test_an_item_is_reversed_on_a_scale_it_has():
    assert codes(form(integer("a", 0, None)), declared("a", reversed=["a"])) == [("score-ends", "a")]
    assert codes(form(integer("a")), declared("a", reversed=["a"])) == []
    assert codes(form(choice("a", x=0, y=4)), declared("a", reversed=["a"])) == []


@pytest.mark.parametrize(
    ("declaration", "is_inside"),
    [
        ({"scale": {"low": "0", "high": "30"}}, True),
        ({"scale": {"low": "0", "high": "29"}}, False),
        ({"scale": {"low": "1", "high": "30"}}, False),
        ({"method": "mean", "scale": {"low": "0", "high": "10"}}, True),
        ({"method": "mean", "scale": {"low": "0", "high": "9"}}, False),
        ({"factor": "-1", "scale": {"low": "-30", "high": "0"}}, True),
        ({"factor": "-1", "scale": {"low": "-29", "high": "0"}}, False),
        ({"factor": "10", "divisor": "3", "scale": {"low": "0", "high": "100"}}, True),
        ({"offset": "1", "scale": {"low": "0", "high": "30"}}, False),
        ({"factor": "100", "divisor": "30", "offset": "5", "scale": {"low": "5", "high": "105"}}, True),
        ({"factor": "100", "divisor": "30", "offset": "5", "scale": {"low": "5", "high": "104"}}, False),
        ({"missing": {"rule": "half", "prorated": True}, "scale": {"low": "0", "high": "30"}}, True),
        ({"missing": {"rule": "half", "prorated": True}, "scale": {"low": "0", "high": "29"}}, False),
        ({"added": [{"add": "2", "operator": ">", "value": "0"}], "scale": {"low": "0", "high": "32"}}, True),
        ({"added": [{"add": "2", "operator": ">", "value": "0"}], "scale": {"low": "0", "high": "31"}}, False),
        ({"added": [{"add": "-2", "operator": "=", "value": "0"}], "scale": {"low": "0", "high": "30"}}, False),
        ({"added": [{"add": "0.5", "operator": ">", "value": "0"}], "scale": {"low": "0", "high": "30"}}, False),
        ({"added": [{"add": "0.5", "operator": ">", "value": "0"}], "scale": {"low": "0.5", "high": "31"}}, False),
    ],
)
def test_a_score_stays_on_its_scale_whatever_is_answered(declaration, is_inside):
    asked = form(integer("a"), integer("b"), integer("c"))
    assert codes(asked, declared("a", "b", "c", **declaration)) == ([] if is_inside else [("score-scale", "a")])


def test_the_scale_holds_sums_of_fewer_items_too():
    asked = form(integer("a", -2, 4), integer("b", 1, 4))
    half = {"rule": "half"}
    assert codes(asked, declared("a", "b", missing=half, scale={"low": "-2", "high": "8"})) == []
    assert codes(asked, declared("a", "b", missing=half, scale={"low": "-1", "high": "8"})) == [("score-scale", "a")]
    assert codes(asked, declared("a", "b", missing=half, scale={"low": "-2", "high": "7"})) == [("score-scale", "a")]
    small = form(choice("a", x="0.5", y="1"), choice("b", x="0.5", y="1"))
    assert codes(small, declared("a", "b", missing=half, scale={"low": "0.5", "high": "2"})) == []
    assert codes(small, declared("a", "b", missing=half, scale={"low": "1", "high": "2"})) == [("score-scale", "a")]
    assert codes(small, declared("a", "b", missing=half, scale={"low": "0", "high": "1"})) == [("score-scale", "a")]
    below = form(integer("a", -5, -1), integer("b", -5, -1))
    assert codes(below, declared("a", "b", missing=half, scale={"low": "-10", "high": "-1"})) == []
    assert codes(below, declared("a", "b", missing=half, scale={"low": "-10", "high": "-2"})) == [("score-scale", "a")]


def test_a_question_without_bounds_is_left_to_the_scale():
    assert codes(form(number("a", None, None)), declared("a")) == []


def test_a_table_has_every_sum_there_can_be():
    asked = form(integer("a", 0, 1), integer("b", 0, 1))
    table = {"0": "10", "1": "20", "2": "30"}
    assert codes(asked, declared("a", "b", table=table)) == []
    assert codes(asked, declared("a", "b", table=table, scale={"low": "0", "high": "29"})) == [("score-scale", "a")]
    assert codes(asked, declared("a", "b", table=table, scale={"low": "11", "high": "30"})) == [("score-scale", "a")]
    assert codes(asked, declared("a", "b", table={**table, "-1": "-5", "3": "999"})) == []
    [problem] = view_problems(read_view(view(declared("a", "b", table={"0": "10", "1": "20"}))), asked)
    assert (problem.code, problem.text.en) == (
        "score-table",
        "the score score has nothing in its table for the sum 2",
    )


def test_a_table_has_nothing_for_a_broken_number():
    asked = form(choice("a", x="0", y="0.5"))
    assert codes(asked, declared("a", table={"0": "10", "1": "20"})) == [("score-table", "a")]


def directed(direction, *items):
    return {"items": [{"item": each["linkId"], "direction": direction} for each in items]}


def test_a_better_answer_never_gives_a_worse_light():
    wrong = integer("a", rules=[("green", ("<=", 3)), ("yellow", (">=", 4), ("<=", 5)), ("green", (">=", 6))])
    asked = form(wrong)
    [problem] = view_problems(read_view(view(**directed("high-is-worse", wrong))), asked)
    assert (problem.code, problem.link_id) == ("direction-light", "a")
    assert problem.text.en == "the answer 5 is better than 10, but gives a worse light: yellow instead of green"
    assert problem.text.da == "Svaret 5 er bedre end 10, men giver et værre lys: gul i stedet for grøn."
    assert codes(asked, **directed("high-is-better", wrong)) == [("direction-light", "a")]
    assert codes(asked, items=["a"]) == []  # weight and sleep are best in the middle: no direction, no rule


def test_an_answer_without_a_light_among_lights_is_found_too():
    gap = integer("a", rules=[("green", ("<=", 3)), ("yellow", (">=", 5), ("<=", 6)), ("red", (">=", 7))])
    assert codes(form(gap), **directed("high-is-worse", gap)) == []  # 4 is not assessed, between green and yellow
    gap = integer("a", rules=[("green", ("<=", 3)), ("yellow", (">=", 4), ("<=", 5)), ("red", (">=", 7))])
    assert codes(form(gap), **directed("high-is-worse", gap)) == [("direction-light", "a")]


def test_between_two_decimals_there_are_others_unless_a_step_or_places_say_no():
    rules = [("yellow", ("<=", Decimal(3))), ("red", (">=", Decimal(4)))]
    between = number("a", rules=rules)
    assert codes(form(between), **directed("high-is-worse", between)) == [("direction-light", "a")]
    whole = {**between, "extension": [*between["extension"], {"url": PLACES, "valueInteger": 0}]}
    assert codes(form(whole), **directed("high-is-worse", whole)) == []
    stepped = {**between, "extension": [*between["extension"], {"url": STEP, "valueDecimal": Decimal("0.5")}]}
    assert codes(form(stepped), **directed("high-is-worse", stepped)) == [("direction-light", "a")]


def with_extension(item, url, **value):
    return {**item, "extension": [*item["extension"], {"url": url, **value}]}


def test_one_decimal_place_leaves_tenths_between():
    rules = [("yellow", ("<=", Decimal(3))), ("red", (">=", Decimal("3.1")))]
    tenths = with_extension(number("a", rules=rules), PLACES, valueInteger=1)
    assert codes(form(tenths), **directed("high-is-worse", tenths)) == []
    rules = [("yellow", ("<=", Decimal(3))), ("red", (">=", Decimal("3.2")))]
    tenths = with_extension(number("a", rules=rules), PLACES, valueInteger=1)
    assert codes(form(tenths), **directed("high-is-worse", tenths)) == [("direction-light", "a")]


def test_steps_begin_at_the_smallest_answer_and_at_0_when_there_is_none():
    odd = with_extension(integer("a", 1, 5), WHOLE_STEP, valueInteger=2)
    assert codes(form(odd), declared("a", values={"a": {"1": "0", "3": "1", "5": "2"}})) == []
    assert codes(form(odd), declared("a", values={"a": {"1": "0", "5": "2"}})) == [("score-number", "a")]
    rules = [("yellow", ("<=", 2)), ("red", (">=", 4))]
    even = with_extension(integer("a", None, 8, rules=rules), WHOLE_STEP, valueInteger=2)
    assert codes(form(even), **directed("high-is-worse", even)) == []


def test_without_bounds_there_are_answers_beyond_the_limits():
    above = number("a", None, None, rules=[("green", ("<=", Decimal(5))), ("red", (">", Decimal(5)))])
    below = number("a", None, None, rules=[("green", (">=", Decimal(5))), ("red", ("<", Decimal(5)))])
    assert codes(form(above), **directed("high-is-worse", above)) == []
    assert codes(form(above), **directed("high-is-better", above)) == [("direction-light", "a")]
    assert codes(form(below), **directed("high-is-worse", below)) == [("direction-light", "a")]


WHOLE_STEP = "http://hl7.org/fhir/StructureDefinition/questionnaire-sliderStepValue"
PLACES = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces"
STEP = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-sliderStepValueDecimal"


def test_a_quantity_is_held_against_its_rules_in_their_unit():
    kilos = {"value": Decimal(100), "code": "kg", "unit": "kg"}
    light = {**kilos, "value": Decimal(50)}
    item = question("a", "quantity", [], rules=[("red", (">", kilos)), ("yellow", (">=", light), ("<=", kilos))])
    assert codes(form(item), **directed("high-is-worse", item)) == []
    assert codes(form(item), **directed("high-is-better", item)) == [("direction-light", "a")]


def coded(ordinals, rules):
    return {**choice("a", **ordinals), **question("a", "choice", [], rules=rules)}


def test_options_are_ordered_by_their_ordinals():
    lights = [("green", ("=", "x")), ("yellow", ("=", "y")), ("red", ("=", "z"))]
    rising, mixed = coded({"x": 0, "y": 1, "z": 2}, lights), coded({"x": 0, "y": 2, "z": 1}, lights)
    assert codes(form(rising), **directed("high-is-worse", rising)) == []
    assert codes(form(rising), **directed("high-is-better", rising)) == [("direction-light", "a")]
    assert codes(form(mixed), **directed("high-is-worse", mixed)) == [("direction-light", "a")]


def test_options_that_are_equally_good_may_differ_but_are_held_against_the_worse():
    lights = [("yellow", ("=", "x")), ("green", ("=", "y")), ("red", ("=", "z"))]
    equal = coded({"x": 1, "y": 1}, lights[:2])
    assert codes(form(equal), **directed("high-is-better", equal)) == []
    mixed = coded({"x": 0, "y": 1, "z": 1}, lights)
    assert codes(form(mixed), **directed("high-is-better", mixed)) == [("direction-light", "a")]


def test_a_direction_asks_for_an_order():
    unordered, text = choice("a", x=None, y=None), {"linkId": "b", "type": "text"}
    assert codes(form(unordered, text), **directed("high-is-better", unordered, text)) == [
        ("direction-order", "a"),
        ("direction-order", "b"),
    ]
    plain = integer("c")
    assert codes(form(plain), **directed("high-is-better", plain)) == []
    assert codes(form(plain), **directed("high-is-better", integer("x"))) == [("view-question", "x")]


def test_rules_on_options_without_an_order_are_told_of_once():
    item = {**choice("a", x=None, y=None), **question("a", "choice", [], rules=[("red", ("=", "x"))])}
    assert codes(form(item), **directed("high-is-better", item)) == [("direction-order", "a")]


def test_a_rule_on_not_answering_has_no_say_in_which_answer_is_better():
    item = integer("a", rules=[("green", ("<=", 5)), ("red", (">=", 6)), ("yellow", ("exists", False))])
    assert codes(form(item), **directed("high-is-worse", item)) == []


@pytest.mark.parametrize(
    ("item", "operator", "value", "can_be_met"),
    [
        (integer("a", 0, 3), ">", 0, True),
        (integer("a", 0, 3), ">", 3, False),
        (integer("a", 0, 3), "=", 2, True),
        (integer("a", 0, 3), "=", "ja", False),
        (number("a", "0", "1"), ">", "0.5", True),
        (number("a", "0", "1"), "<", "0", False),
        (choice("a", nej=0, ja=1), "=", "ja", True),
        (choice("a", nej=0, ja=1), "!=", "nej", True),
        (choice("a", nej=0, ja=1), "=", "JA", False),
        (choice("a", nej=0, ja=1), ">", 0, False),  # codes have no order: the rule would never apply
        ({"linkId": "a", "type": "boolean"}, "=", True, True),
        ({"linkId": "a", "type": "boolean"}, "=", "ja", False),
        ({"linkId": "a", "type": "string"}, "=", "ja", True),  # cannot be known
    ],
)
def test_an_acute_rule_that_no_answer_meets_is_told(item, operator, value, can_be_met):
    acute = [{**ACUTE, "item": "a", "operator": operator, "value": value}]
    assert codes(form(item), acute=acute) == ([] if can_be_met else [("acute-never", "a")])


LIMITS = st.integers(-2, 12)
RULES = st.lists(
    st.tuples(st.sampled_from(["red", "yellow", "green"]), st.sampled_from([">", "<", ">=", "<=", "="]), LIMITS),
    min_size=1,
    max_size=4,
)


@every(RULES, st.integers(0, 4), st.integers(5, 10), st.booleans())
def test_a_direction_is_judged_as_if_every_whole_number_were_tried(rules, low, high, is_high_better):
    """The check looks at limits and between them; trying all answers says the same."""
    item = integer("a", low, high, rules=[(light, (operator, limit)) for light, operator, limit in rules])
    meets = {">": int.__gt__, "<": int.__lt__, ">=": int.__ge__, "<=": int.__le__, "=": int.__eq__}
    severities = [
        worst(Light(light) for light, operator, limit in rules if meets[operator](answer, limit)).severity
        for answer in range(low, high + 1)
    ]
    best_last = severities if is_high_better else severities[::-1]
    found = codes(form(item), **directed("high-is-better" if is_high_better else "high-is-worse", item))
    assert bool(found) is (best_last != sorted(best_last, reverse=True))


def weighed(*units):
    extensions = [{"url": ehealth.UNIT_OPTION, "valueCoding": {"code": each}} for each in units]
    return form({"linkId": "a", "type": "quantity", "text": "Hvad vejer du?", "extension": extensions})


@pytest.mark.parametrize(("units", "problems"), [(("kg",), []), (("kg", "g"), ["units"] * 2), ((), ["units"] * 2)])
def test_what_is_counted_by_number_alone_is_answered_in_one_unit(units, problems):
    acute = {**ACUTE, "item": "a", "operator": ">=", "value": 300}
    assert [code for code, _ in codes(weighed(*units), declared("a"), acute=[acute])] == problems


def banded(*bands, **more):
    lights = ("green", "yellow", "red")
    made = [{"low": low, "high": high, "light": light} for (low, high), light in zip(bands, lights, strict=False)]
    scale = {"low": bands[0][0], "high": bands[-1][1]}
    return declared("a", "b", bands=made, scale=scale, direction="high-is-worse", **more)


@pytest.mark.parametrize(
    ("score", "problems"),
    [
        (banded(("0", "6"), ("7", "20")), []),
        (banded(("0", "3"), ("4", "10"), method="mean"), ["score-gap"]),
        (banded(("0", "3"), ("3.01", "10"), method="mean"), []),
        (banded(("0", "3.4"), ("3.5", "10"), method="mean"), []),  # 3, 3.5, 4: a mean of two whole numbers
        (banded(("0", "3.4"), ("3.6", "10"), method="mean"), ["score-gap"]),
        (
            banded(("0", "3.4"), ("3.6", "10"), method="mean", missing={"rule": "at-least", "answered": 1}),
            ["score-gap"],
        ),
        (banded(("0", "3.4"), ("3.5", "10"), method="mean", decimals=1), []),
        (banded(("0", "3"), ("4", "10"), divisor="2"), ["score-gap"]),
        (banded(("0", "3"), ("4", "10"), factor="0.5"), ["score-gap"]),
    ],
)
def test_between_two_bands_there_is_no_score(score, problems):
    """A mean of 3.5 lies between 0 to 3 and 4 to 10: it would have the worse light, and nobody would know why."""
    assert [code for code, _ in codes(form(integer("a"), integer("b")), score)] == problems

"""An instrument is bound where it fits exactly, and nowhere else; everything that does not fit is told at once."""

from decimal import Decimal

import pytest

from kommunalpro.pro.acute import acute_hits
from kommunalpro.pro.binding import BindingError, ByCode, ByGroup, bind
from kommunalpro.pro.scoring import score_value
from kommunalpro.pro.view import ViewError, read_view
from kommunalpro.pro.view_check import view_problems
from tests.unit.pro.instruments import SOURCE, instrument
from tests.unit.pro.scores import choice, declared, form, given, integer, number, option, view

GROUP = ByGroup("g")
ACUTE = {"id": "akut", "item": "2", "operator": ">", "value": 0, "source": SOURCE}


def group(*items, **more):
    return {"linkId": "g", "type": "group", "item": list(items), **more}


def known(item, code, system="urn:kendt"):
    return {**item, "code": [{"system": system, "code": code}]}


def refused(asked, *, by=GROUP, order=None, **more):
    with pytest.raises(BindingError) as told:
        bind(instrument(**more), asked, by=by, order=order)
    assert all(problem.text.da and problem.text.en != problem.text.da for problem in told.value.problems)
    return [(problem.code, problem.link_id) for problem in told.value.problems]


def test_questions_are_found_by_their_position_in_a_group():
    intro = {"linkId": "intro", "type": "display", "text": "Læs dette"}
    inner = {"linkId": "inner", "type": "group", "item": [integer("b", 0, 2), integer("vas", 0, 10)]}
    asked = form(integer("elsewhere", 0, 2), group(intro, integer("a", 0, 2), inner))
    bound = bind(instrument(), asked, by=GROUP)
    assert bound.items == {1: "a", 2: "b", 3: "vas"}
    assert score_value(bound.scores[0], asked, given(a=1, b=2, vas=9)) == 3


def test_what_is_asked_about_an_answer_is_no_item():
    asked = form(group({**integer("a", 0, 2), "item": [{"linkId": "why", "type": "text"}]}, integer("b", 0, 2)))
    assert bind(instrument(), asked, by=GROUP).items == {1: "a", 2: "b"}


def test_questions_are_found_by_code_wherever_they_stand():
    asked = form(known(integer("b", 0, 2), "p2"), group(known(integer("a", 0, 2), "p1"), integer("x")))
    assert bind(instrument(), asked, by=ByCode("urn:kendt")).items == {1: "a", 2: "b"}
    assert bind(instrument(), asked, by=ByCode("urn:kendt", ("p2", "p1"))).items == {1: "b", 2: "a"}


def test_an_optional_item_can_be_found_by_code_too():
    codes = ("p1", "p2", "p3")
    asked = form(*(known(integer(c, 0, high), c) for c, high in zip(codes, (2, 2, 10), strict=True)))
    assert bind(instrument(), asked, by=ByCode("urn:kendt", codes)).items == {1: "p1", 2: "p2", 3: "p3"}


def test_options_count_by_their_ordinals_in_whatever_order_they_stand():
    asked = form(group(choice("a", x=2, y=0, z=1), choice("b", z=0, y=1, x=2)))
    bound = bind(instrument(), asked, by=GROUP)
    assert score_value(bound.scores[0], asked, given(a="x", b="z")) == 2
    assert bound.content["scores"][0]["values"] == {"a": {"x": 2, "y": 0, "z": 1}, "b": {"z": 0, "y": 1, "x": 2}}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("lowest-first", 0),
        ("highest-first", 4),
        ({1: "lowest-first", 2: "highest-first"}, 2),
        ({1: "highest-first", 2: "lowest-first"}, 2),
    ],
)
def test_options_without_ordinals_count_as_whoever_binds_says(order, expected):
    asked = form(group(choice("a", x=None, y=None, z=None), choice("b", x=None, y=None, z=None)))
    bound = bind(instrument(), asked, by=GROUP, order=order)
    assert score_value(bound.scores[0], asked, given(a="x", b="x")) == expected


def test_an_order_that_is_misspelt_is_not_taken_for_the_other():
    asked = form(group(choice("a", x=None, y=None, z=None), choice("b", x=None, y=None, z=None)))
    with pytest.raises(KeyError):
        bind(instrument(), asked, by=GROUP, order="lowest_first")


def test_reversal_weights_and_the_rest_go_with_the_binding():
    weights = {"0": "0", "1": "0.25", "2": "2"}
    score = declared(
        "1", "2", id="proeve", scale={"low": "0", "high": "5"}, values={"1": weights}, reversed=["2"],
        added=[{"add": "1", "operator": ">", "value": "1"}], direction="high-is-better", source=SOURCE,
    )  # fmt: skip
    for asked, answers in (
        (form(group(choice("a", x=0, y=1, z=2), integer("b", 0, 2))), given(a="y", b=0)),
        (form(group(integer("a", 0, 2), choice("b", x=0, y=1, z=2))), given(a=1, b="x")),
    ):
        [bound] = bind(instrument(scores=[score]), asked, by=GROUP).scores
        assert score_value(bound, asked, answers) == Decimal("3.25")
        assert (bound.direction, bound.source, bound.reversed) == ("high-is-better", SOURCE, {"b"})


def test_what_is_bound_is_part_of_a_view_that_fits():
    asked = form(group(choice("a", x=0, y=1, z=2), integer("b", 0, 2)))
    content = bind(instrument(), asked, by=GROUP).content
    read = read_view(view(*content["scores"], instruments=content["instruments"]))
    assert read.instruments == ("proeve-2|1.0",)
    assert view_problems(read, asked) == []


@pytest.mark.parametrize(
    ("item", "acute", "met", "not_met"),
    [
        (integer("b", 0, 2), ACUTE, (1, 2), (0,)),
        (choice("b", nej=0, lidt=1, meget=2), ACUTE, ("lidt", "meget"), ("nej",)),
        (choice("b", meget=2, lidt=1, nej=0), ACUTE, ("lidt", "meget"), ("nej",)),
        (choice("b", nej=0, lidt=1, meget=2), {**ACUTE, "value": 1}, ("meget",), ("nej", "lidt")),
        (choice("b", nej=0, lidt=1, meget=2), {**ACUTE, "operator": ">=", "value": 0}, ("nej", "lidt", "meget"), ()),
    ],
)
def test_an_acute_rule_holds_for_codes_as_for_numbers_once_its_words_are_written(item, acute, met, not_met):
    asked = form(group(integer("a", 0, 2), item))
    content = bind(instrument(acute=[acute]), asked, by=GROUP).content
    with pytest.raises(ViewError, match="'text' is a required property"):
        read_view(view(*content["scores"], acute=content["acute"]))
    words = [{**rule, "text": {"da": "Ring 112"}} for rule in content["acute"]]
    read = read_view(view(*content["scores"], acute=words))
    assert view_problems(read, asked) == []
    for answer in (*met, *not_met):
        assert len(acute_hits(asked, read, given(b=answer))) == (answer in met)
    assert acute_hits(asked, read, given(a=1)) == ()


# What is refused.


@pytest.mark.parametrize("by", [ByGroup("x"), ByGroup("a")])
def test_a_group_that_is_none(by):
    assert refused(form(integer("a", 0, 2)), by=by) == [("bind-group", by.link_id)]


@pytest.mark.parametrize("count", [1, 4])
def test_another_number_of_questions(count):
    assert refused(form(group(*(integer(f"q{n}", 0, 2) for n in range(count))))) == [("bind-count", "g")]


def test_codes_that_nobody_knows_are_of_another_number_or_are_not_there():
    asked = form(known(integer("a", 0, 2), "p1"))
    assert refused(asked, by=ByCode("urn:anden")) == [("bind-codes", "–")]
    assert refused(asked, by=ByCode("urn:kendt", ("p1",))) == [("bind-count", "–")]
    assert refused(asked, by=ByCode("urn:kendt")) == [("bind-not-found", "–")]
    assert refused(asked, by=ByCode("urn:anden", ("p1", "p2"))) == [("bind-not-found", "–")] * 2


def test_a_code_that_two_questions_have_or_that_is_given_twice():
    both = form(*(known(integer(each, 0, 2), "p1") for each in "ab"), known(integer("c", 0, 2), "p2"))
    assert refused(both, by=ByCode("urn:kendt")) == [("bind-several", "a")]
    one = form(known(integer("a", 0, 2), "p1"))
    assert refused(one, by=ByCode("urn:kendt", ("p1", "p1"))) == [("bind-twice", "a")]


def test_the_older_scoring_that_goes_the_other_way():
    """HL7's own example of PHQ-9 once counted 0, 1, 2, 4; the Oxford scores were once counted from 1 to 5."""
    wrong = form(group(choice("a", x=1, y=2, z=3), choice("b", x=0, y=1, z=3)))
    assert refused(wrong) == [("bind-numbers", "a"), ("bind-numbers", "b")]


def test_options_that_say_the_opposite_of_whoever_binds():
    asked = form(group(choice("a", x=0, y=1, z=2), choice("b", x=2, y=1, z=0)))
    assert refused(asked, order="lowest-first") == [("bind-contradicted", "b")]
    assert bind(instrument(), asked, by=GROUP, order={1: "lowest-first", 2: "highest-first"}).items == {1: "a", 2: "b"}


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (choice("a", x=0, y=1), "bind-options"),
        (choice("a", x=0, y=1, z=2, **{"ved-ikke": None}), "bind-options"),
        (choice("a", x=None, y=None, z=None), "bind-order"),
        (choice("a", x=0, y=None, z=2), "bind-some"),
        (choice("a", x=0, y=1, z=1), "bind-numbers"),
        (choice("a", x="0", y="0.5", z="2"), "bind-numbers"),
        (integer("a", 1, 3), "bind-range"),
        (integer("a", 0, None), "bind-range"),
        (number("a", "0", "2"), "bind-type"),
        ({"linkId": "a", "type": "boolean"}, "bind-type"),
        ({**choice("a", x=0, y=1, z=2), "type": "open-choice"}, "bind-type"),
        ({**integer("a", 0, 2), "repeats": True}, "bind-repeats"),
    ],
)
def test_a_question_that_does_not_fit(item, problem):
    assert refused(form(group(item, integer("b", 0, 2)))) == [(problem, "a")]


def test_a_step_that_leaves_numbers_out():
    step = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-sliderStepValue", "valueInteger": 2}
    stepped = {**integer("a", 0, 2), "extension": [*integer("a", 0, 2)["extension"], step]}
    assert refused(form(group(stepped, integer("b", 0, 2)))) == [("bind-step", "a")]


def test_two_options_with_one_code_from_two_systems():
    options = [option(code, n) for n, code in enumerate("xxz")]
    options[1]["valueCoding"]["system"] = "urn:anden"
    alike = {"linkId": "a", "type": "choice", "answerOption": options}
    assert refused(form(group(alike, integer("b", 0, 2)))) == [("bind-alike", "a")]


def test_a_repeating_group():
    assert refused(form(group(integer("a", 0, 2), integer("b", 0, 2), repeats=True))) == [
        ("bind-repeats", "a"),
        ("bind-repeats", "b"),
    ]


def told(asked, **more):
    with pytest.raises(BindingError) as refused:
        bind(instrument(), asked, **{"by": GROUP, **more})
    return refused.value.problems


def test_a_problem_says_where_it_is_and_what_to_mend():
    first, second = told(form(group(integer("a", 1, 3), integer("b", None, 2))))
    assert first.text.da == "Spørgsmål 1: svarene skal gå fra 0 til 2, men går fra 1 til 3."
    assert second.text.en == "Item 2: answers must go from 0 to 2, but go from – to 2."
    assert first.expression == "Questionnaire.descendants().where(linkId='a')"
    [unknown] = told(form(integer("a")), by=ByCode("urn:anden"))
    assert (unknown.expression, unknown.text.en) == ("Questionnaire", "The instrument knows no codes in urn:anden.")

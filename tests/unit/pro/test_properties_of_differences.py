"""What holds of the differences between any two versions of a questionnaire."""

from decimal import Decimal
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from kommunalpro.pro.difference import Difference, Verdict, differences
from kommunalpro.pro.difference_found import merged
from kommunalpro.pro.difference_pair import steady
from kommunalpro.pro.form import Form, FormError, Item, Option, compile_form
from kommunalpro.pro.light import Light
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.triage import Assessment, assess
from kommunalpro.pro.view import AcuteRule, Topic, View
from tests.spec import forms, views
from tests.unit.pro.test_properties_of_questionnaires import VALUE_SETS, items
from tests.unit.pro.written import forms as written

thoroughly = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINES = ("a: integer; from 0 to 7", "b: integer; from 0 to 7", "c: choice; of x=0/y=1/z=2", "d: boolean")
ANY, ALL, RULE = "; if a > 3 or c = x", "; if a > 3 and c = x", "; yellow = yes"
CHOICES = {
    "a": ("", "; required", "; text Andet", "; red >= 3", "; red >= 7; green < 7", "; red >= 7; green < 3"),
    "b": ("", "; if a > 3", "; if a exists yes", "; red >= 3", "; if a > 3; red >= 3", "; red < 3"),
    "c": ("", "; if b >= 3", "; red = x", "; if b < 3; green = y", "; red exists no"),
    "d": ("", "; if c = x", ANY, f"{ANY}{RULE}", f"{ALL}{RULE}", f"; if c = x{RULE}"),
    "score": ("sum of a, b", "sum of a, -b", "mean of a, b", "sum of a, c", "sum of b, a", "sum of c, b"),
    "more": ("", "; times 2", "; plus 1", "; by 2; times 4", "; times 20; by 10", "; decimals 0", "; added 5 when > 3"),
    "bands": ("; scale 0 to 40", "; red 0 to 40", "; green 0 to 10; red 11 to 40", "; green 0 to 3; red 4 to 40"),
    "topics": ("a", "a, b", "b, a", "a, b; s", "c, d; s"),
    "acute": ("", "\nacute k: a >= 7", "\nacute k: a >= 3", "\nacute k: c = x", "\nacute k: d = yes"),
}
"""What may be said of a questionnaire and its View, part by part."""
VERSIONS = tuple({part: choices[number] for part, choices in CHOICES.items()} for number in (1, 3, -1))
ANSWERS = tuple(
    ", ".join(f"{link_id}: {value}" for link_id, value in zip("abcd", values, strict=True) if value)
    for values in product(("", "0", "3", "7"), ("", "0", "3"), ("", "x", "y"), ("", "yes"))
)


def version(parts: dict[str, str]) -> tuple[Form, View]:
    score = f"score s: {parts['score']}{parts['more']}{parts['bands']}"
    text = "\n".join(f"{line}{parts[line[0]]}" for line in LINES)
    return forms.form(text), views.view(f"{score}\ntopic t: {parts['topics']}{parts['acute']}")


def verdicts(found: Difference) -> dict[str, Verdict]:
    return {id: each.verdict for those in (found.answers, found.scores) for id, each in those.items()}


def are_none(found: Difference) -> bool:
    return found.changes == () and found.rescored == () and set(verdicts(found).values()) <= {Verdict.COMPARABLE}


@thoroughly
@given(st.data())
def test_a_questionnaire_does_not_differ_from_itself(data: st.DataObject) -> None:
    asked = data.draw(written())
    assert are_none(differences(asked, asked))


@thoroughly
@given(st.lists(items(), min_size=1, max_size=3), VALUE_SETS)
def test_nor_does_any_questionnaire_from_what_is_read_of_it_again(asked: list[Any], value_set: dict[str, Any]) -> None:
    contained = [{"resourceType": "ValueSet", "id": "v", "status": "active", **value_set}]
    questionnaire = {"resourceType": "Questionnaire", "status": "active", "item": asked, "contained": contained}
    try:
        both = compile_form(questionnaire), compile_form(questionnaire)
    except FormError:
        return
    assert are_none(differences(*both))


@thoroughly
@given(written(), written())
def test_what_is_added_one_way_is_removed_the_other(before: Form, after: Form) -> None:
    """All else is told both ways."""
    pairs = (("added", "removed"), ("option-added", "option-removed"))
    turned = {**dict(pairs), **{removed: added for added, removed in pairs}}
    there = [(each.about, each.code) for each in differences(before, after).changes]
    back = [(each.about, turned.get(each.code, each.code)) for each in differences(after, before).changes]
    assert sorted(there) == sorted(back)


@thoroughly
@given(written(), written())
def test_comparing_is_the_same_both_ways(before: Form, after: Form) -> None:
    there, back = differences(before, after), differences(after, before)
    assert verdicts(there) == verdicts(back)
    assert all({*there.answers[id].reasons} == {*back.answers[id].reasons} for id in there.answers)


@thoroughly
@given(written(), written())
def test_what_is_not_comparable_says_why(before: Form, after: Form) -> None:
    found = differences(before, after)
    assert all(bool(each.reasons) is (each.verdict is not Verdict.COMPARABLE) for each in found.answers.values())
    assert all(each.text.da and each.text.en for each in found.changes)


@thoroughly
@given(written(), written())
def test_changes_stand_in_the_order_of_the_later_questionnaire(before: Form, after: Form) -> None:
    order = {link_id: number for number, link_id in enumerate(after.places)}
    places = [order[each.about] for each in differences(before, after).citizen if each.about in order]
    assert places == sorted(places)


@pytest.mark.parametrize("part", CHOICES)
@pytest.mark.parametrize("number", range(len(VERSIONS)))
def test_what_is_not_said_to_come_out_differently_does_not(number: int, part: str) -> None:
    """Whatever one part is changed to, the engine itself is the judge: it assesses the same answers by both."""
    asked, view = version(VERSIONS[number])
    then = [assessed(asked, view, text) for text in ANSWERS]
    for choice in CHOICES[part]:
        other, reading = version({**VERSIONS[number], part: choice})
        found = differences(asked, other, view, reading)
        told = {each.about for each in found.light}
        for before, text in zip(then, ANSWERS, strict=True):
            after = assessed(other, reading, text)
            assert found.rescored or numbers(before) == numbers(after), (choice, text)
            assert told or (before.light, lights(before)) == (after.light, lights(after)), (choice, text)
            assert "k" in told or {each.id for each in before.acute} == {each.id for each in after.acute}
            assert {link_id for link_id, _ in findings(before) ^ findings(after)} <= told, (choice, text)


def assessed(asked: Form, view: View, text: str) -> Assessment:
    return assess(asked, view, forms.answers(asked, text), questionnaire="urn:q", view_reference=None)


def numbers(assessment: Assessment) -> dict[str, Decimal | None]:
    return {id: each.value for id, each in assessment.scores.items()}


def lights(assessment: Assessment) -> list[Light]:
    return [each.light for each in assessment.topics]


def findings(assessment: Assessment) -> set[tuple[str, Light]]:
    return {(each.link_id, each.light) for each in assessment.findings}


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_merging_keeps_the_later_order_and_loses_nothing(before: list[int], after: list[int]) -> None:
    found = list(merged(before, after))
    assert [each for each in found if each in after] == after
    assert sorted(found) == sorted({*before, *after})
    gone = [each for each in before if each not in after]
    assert sorted(each for each in found if each not in after) == sorted(gone)


@given(st.permutations(range(7)))
def test_what_stands_still_keeps_its_order_whichever_order_came_first(places: list[int]) -> None:
    still = [place for place, is_still in zip(places, steady(places), strict=True) if is_still]
    assert all(one < other for one, other in pairwise(still))
    back = [places.index(number) for number in range(7)]
    assert sorted(still) == [number for number, is_still in enumerate(steady(back)) if is_still]


def test_a_field_that_comes_to_be_must_be_given_a_thought() -> None:
    """Everything that is known of an item, option, score, topic, rule or View is compared, or left out on purpose."""
    assert {each.name for each in fields(Item)} == words(ITEM)
    assert {each.name for each in fields(Option)} == words(OPTION)
    assert set(ScoreDefinition.__dataclass_fields__) == words(SCORE)
    assert set(View.__dataclass_fields__) == words(VIEW)
    assert set(Topic.__dataclass_fields__) == words("id title items scores fsiii")
    assert set(AcuteRule.__dataclass_fields__) == words("id item operator value text source")


ITEM = """
link_id type text kinds short_text help_text help_xhtml xhtml codes required repeats hidden is_read_later read_only
is_copyright min_occurs max_occurs min_value max_value step max_length max_decimal_places pattern unit unit_text units
control options chosen initial images feedback enable_when enable_any enable_expression calculated_expression
initial_expression rules items is_group is_display is_question has_instances is_conditional scale
"""
"""`kinds` and `chosen` follow from the type and the options, and the last six from the rest."""
OPTION = "value text xhtml ordinal is_exclusive is_initial images"
SCORE = """
id title method items reversed factor offset scale direction at_least bands source values added table divisor decimals
is_prorated minimal_change
"""
"""`source` says who has found it."""
VIEW = "identifier version level title scores topics directions priorities acute instruments"
"""What a View is called, whose it is and what is talked about first decide no light."""


def words(text: str) -> set[str]:
    return set(text.split())

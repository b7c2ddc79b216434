"""What holds of every light: in the questionnaires that are shipped, and in any questionnaire."""

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.enablement import enabled_paths
from kommunalpro.pro.form import Form, Item, compile_form
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.triage import Assessment, assess
from kommunalpro.pro.view import View, read_view
from tests.spec.forms import answers, form
from tests.spec.views import assessed
from tests.unit.definitions.folders import FOLDERS, read

thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
shipped = pytest.mark.parametrize("folder", FOLDERS)


@cache
def definition(folder: str) -> tuple[Form, View]:
    return compile_form(read(folder, "questionnaire.json")), read_view(read(folder, "view.json"))


def assessment(folder: str, given: Answers) -> Assessment:
    asked, view = definition(folder)
    return assess(asked, view, given, questionnaire="urn:q", view_reference=None)


def possible(item: Item) -> tuple[Json, ...]:
    """Give every answer to a question on a scale or with options; of others one."""
    if item.options:
        return tuple(option.value for option in item.options)
    if item.type == "integer":
        return tuple({"valueInteger": number} for number in range(item.min_value, item.max_value + 1))
    return ({"valueString": "Det går"},)


@st.composite
def responses(draw: st.DrawFn, folder: str) -> dict[str, tuple[Json, ...]]:
    """Answer some questions of a shipped questionnaire, those that are not asked too."""
    asked, _ = definition(folder)
    chosen = {item.link_id: draw(st.none() | st.sampled_from(possible(item))) for item in asked.questions()}
    return {link_id: (answer,) for link_id, answer in chosen.items() if answer is not None}


def from_worst_to_best(folder: str, link_id: str) -> tuple[Json, ...]:
    asked, view = definition(folder)
    scale = possible(asked.item(link_id))
    return scale if view.directions[link_id] == "high-is-better" else scale[::-1]


DIRECTED = [
    (folder, link_id)
    for folder in FOLDERS
    for link_id in definition(folder)[1].directions
    if definition(folder)[0].item(link_id).rules
]


def test_there_are_directed_questions_with_rules_in_every_shipped_view():
    assert {folder for folder, _ in DIRECTED} == set(FOLDERS)
    assert len(DIRECTED) > 15


@pytest.mark.parametrize(("folder", "link_id"), DIRECTED)
def test_a_better_answer_never_gives_a_worse_light(folder, link_id):
    """Of every answer there is."""
    asked, _ = definition(folder)
    lights = []
    for answer in from_worst_to_best(folder, link_id):
        met = [Light(rule.light) for rule in asked.item(link_id).rules if rule.is_met_by(answer)]
        lights.append(worst(met))
    assert all(better.severity <= worse.severity for worse, better in pairwise(lights))


@shipped
def test_a_better_score_never_gives_a_worse_light(folder):
    for score in definition(folder)[1].scores:
        steps = [score.scale.low + (score.scale.high - score.scale.low) * number / 200 for number in range(201)]
        ordered = steps if score.direction == "high-is-better" else steps[::-1]
        lights = [score.light_of(value) for value in ordered]
        assert all(better.severity <= worse.severity for worse, better in pairwise(lights))


@shipped
@thoroughly
@given(st.data())
def test_a_worse_answer_never_makes_the_whole_light_better(folder: str, data: st.DataObject) -> None:
    """To any one question with a direction and rules, whatever else is answered, and whatever it opens or closes."""
    given_answers = data.draw(responses(folder))
    link_id = data.draw(st.sampled_from([link_id for name, link_id in DIRECTED if name == folder]))
    scale = from_worst_to_best(folder, link_id)
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(scale) - 1)] * 2)))
    worse = assessment(folder, {**given_answers, link_id: (scale[low],)})
    better = assessment(folder, {**given_answers, link_id: (scale[high],)})
    assert worse.light.severity >= better.light.severity


def hangs_on(asked: Form, link_id: str) -> bool:
    return any(each.question == link_id for place in asked.places.values() for each in place.item.enable_when)


@shipped
@thoroughly
@given(st.data())
def test_leaving_an_answer_out_makes_nothing_green_and_hides_no_red(folder: str, data: st.DataObject) -> None:
    """Of a question with rules on which no other hangs."""
    asked, view = definition(folder)
    ruled = [item.link_id for item in asked.questions() if item.rules and not hangs_on(asked, item.link_id)]
    given_answers = data.draw(responses(folder))
    link_id = data.draw(st.sampled_from(ruled))
    left_out = {path: each for path, each in given_answers.items() if path != link_id}
    if link_id not in enabled_paths(asked, left_out):
        return
    before, after = assessment(folder, given_answers), assessment(folder, left_out)
    elsewhere = [each.light for each in before.findings if each.link_id != link_id]
    assert after.light is not Light.GREEN
    assert after.light.severity >= worst(elsewhere).severity or worst(elsewhere) is Light.GREEN
    for topic in after.topics:
        if link_id in next(each.items for each in view.topics if each.id == topic.id):
            assert topic.light is not Light.GREEN


RULES = "; red >= 7; yellow >= 4 and <= 6; green <= 3"


@thoroughly
@given(st.lists(st.none() | st.integers(0, 10), min_size=1, max_size=6))
def test_one_more_question_without_an_answer_is_the_same_as_not_assessed(numbers: list[Any]) -> None:
    """It never turns a topic green, and never hides a yellow or a red."""
    text = "\n".join(f"q{number}: integer{RULES}" for number in range(len(numbers)))
    said = ", ".join(f"q{number}: {value}" for number, value in enumerate(numbers) if value is not None)
    names = ", ".join(f"q{number}" for number in range(len(numbers)))
    few = assessed(form(text), f"topic t: {names}", said)
    more = assessed(form(f"{text}\nmore: integer{RULES}"), f"topic t: {names}, more", said)
    assert more.topics[0].light is worst((few.topics[0].light, Light.NOT_ASSESSED))
    assert more.light is worst((few.light, Light.NOT_ASSESSED))


@thoroughly
@given(st.dictionaries(st.sampled_from(("a", "b", "c")), st.integers(0, 10)))
def test_the_whole_is_the_worst_of_topics_that_hold_everything(numbers: dict[str, int]) -> None:
    text = f"a: integer{RULES}\nb: integer{RULES}; if a > 5\nc: integer{RULES}"
    asked = form(text)
    said = ", ".join(f"{name}: {value}" for name, value in numbers.items())
    assert answers(asked, said).keys() == numbers.keys()
    found = assessed(asked, "topic one: a, b\ntopic two: c", said)
    assert found.light is worst(topic.light for topic in found.topics)

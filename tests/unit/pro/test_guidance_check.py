"""Guidance is held against its questionnaire and its Views before it is published: what never applies is told."""

import pytest

from kommunalpro.pro.form import compile_form
from kommunalpro.pro.guidance import read_guidance
from kommunalpro.pro.guidance_check import guidance_problems
from kommunalpro.pro.view import read_view
from tests.spec.forms import form
from tests.spec.views import view
from tests.unit.definitions.folders import FOLDERS, ROOT, read

ASKED = form(
    "pain: integer; from 0 to 10\nwhere: choice; of knee/back\nother: open-choice; of knee/back\nwords: text\n"
    "weight: quantity\nmore: group\n  sleep: boolean"
)
VIEW = view("score total: sum of pain; high is worse; red 0 to 10\ntopic body: pain, where; total")
TEXT = {"da": "Tal om det", "en": "Talk about it"}


def advice(*conditions, topic="body"):
    return {
        "id": "a",
        "topic": topic,
        "lights": ["red"],
        "conditions": list(conditions),
        "title": TEXT,
        "text": TEXT,
        "source": "egen",
    }


def guidance(*entries, offers=()):
    head = {"schemaVersion": 1, "identifier": "g", "version": "1.0", "level": "national", "title": TEXT}
    return read_guidance({**head, "advice": list(entries), "offers": list(offers)})


def found(*conditions, views=(VIEW,), **more):
    return [
        (each.code, each.link_id) for each in guidance_problems(guidance(advice(*conditions, **more)), ASKED, views)
    ]


def answered(item, operator, value):
    return {"item": item, "operator": operator, "value": value}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_guidance_that_ships_fits(folder):
    asked, views = compile_form(read(folder, "questionnaire.json")), [read_view(read(folder, "view.json"))]
    names = [path.name for path in (ROOT / folder).glob("guidance*.json")]
    assert names
    for name in names:
        assert guidance_problems(read_guidance(read(folder, name)), asked, views) == []


@pytest.mark.parametrize(
    "condition",
    [
        answered("pain", ">=", 7),
        answered("pain", "exists", False),
        answered("where", "=", "knee"),
        answered("other", "=", "elbow"),
        answered("words", "=", "ja"),
        answered("sleep", "!=", True),
        {"score": "total", "operator": ">", "value": 3},
    ],
)
def test_what_some_answer_can_meet_is_taken(condition):
    assert found(condition) == []


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (answered("pian", ">=", 7), "guidance-question"),
        (answered("more", "exists", True), "guidance-question"),
        (answered("pain", ">", 10), "guidance-never"),
        (answered("weight", ">", 10), "units"),
        (answered("where", "=", "elbow"), "guidance-never"),
        ({"score": "all", "operator": ">", "value": 3}, "guidance-score"),
    ],
)
def test_what_no_answer_can_meet_is_told(condition, code):
    assert [each for each, _ in found(condition)] == [code]


def test_a_topic_that_no_view_has_is_told_in_both_languages_with_its_place():
    entry = {"id": "hold", "topics": ["body", "mind"], "lights": ["red"], "title": TEXT, "text": TEXT}
    [problem] = guidance_problems(guidance(offers=[entry]), ASKED, [VIEW])
    assert problem.text.da == "Emnet mind i hold findes ikke i visningen."
    assert problem.expression == "ActionGuidance.offers.hold"
    assert str(problem) == "mind: no View has the topic mind of hold"


def test_everything_is_told_at_once():
    wrong = answered("pian", "=", 1), {"score": "all", "operator": ">", "value": 3}
    assert [code for code, _ in found(*wrong, topic="mind")] == [
        "guidance-topic",
        "guidance-question",
        "guidance-score",
    ]


def test_where_there_is_no_view_yet_topics_and_scores_are_held_against_none():
    assert found({"score": "all", "operator": ">", "value": 3}, topic="mind", views=()) == []

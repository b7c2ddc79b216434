"""Views and guidance in definitions/ fit the questionnaires they belong to."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.definitions.folders import FOLDERS, questions, read

every_folder = pytest.mark.parametrize("folder", FOLDERS)
LIGHTS = {"red", "yellow", "green", "not-assessed"}


def topic_items(topic: dict[str, Any]) -> list[str]:
    return [entry if isinstance(entry, str) else entry["item"] for entry in topic["items"]]


@every_folder
def test_the_topics_are_the_groups_and_hold_every_question_once(folder: str) -> None:
    view, groups = read(folder, "view.json"), read(folder, "questionnaire.json")["item"]
    assert [topic["id"] for topic in view["topics"]] == [group["linkId"] for group in groups]
    for topic, group in zip(view["topics"], groups, strict=True):
        assert sorted(topic_items(topic)) == sorted(
            each["linkId"] for each in group["item"] if each["type"] != "display"
        )


@every_folder
def test_what_the_citizen_can_choose_to_talk_about_is_the_topics(folder: str) -> None:
    view = read(folder, "view.json")
    asked = questions(folder)[view["priorities"]["item"]]
    options = [option["valueCoding"]["code"] for option in asked["answerOption"]]
    assert options == [topic["id"] for topic in view["topics"]]


@every_folder
def test_the_bands_of_a_score_cover_its_scale_without_gap_or_overlap(folder: str) -> None:
    for score in read(folder, "view.json")["scores"]:
        bands = sorted(score["bands"], key=lambda band: Decimal(band["low"]))
        assert bands[0]["low"] == score["scale"]["low"]
        assert bands[-1]["high"] == score["scale"]["high"]
        for lower, higher in itertools.pairwise(bands):
            assert Decimal(higher["low"]) == Decimal(lower["high"]) + 1
        assert "ingen national grænse" in score["source"]


@every_folder
def test_every_score_belongs_to_a_topic(folder: str) -> None:
    view = read(folder, "view.json")
    assert {score["id"] for score in view["scores"]} == {each for topic in view["topics"] for each in topic["scores"]}


@every_folder
def test_every_topic_has_advice_for_every_light(folder: str) -> None:
    told = {(each["topic"], light) for each in read(folder, "guidance.json")["advice"] for light in each["lights"]}
    assert told == {(topic["id"], light) for topic in read(folder, "view.json")["topics"] for light in LIGHTS}


@every_folder
@pytest.mark.parametrize("name", ["guidance.json", "guidance-local.json"])
def test_advice_is_in_danish_and_english_names_its_source_and_asks_for_questions_that_exist(
    folder: str, name: str
) -> None:
    advice = read(folder, name)["advice"]
    assert len({each["id"] for each in advice}) == len(advice)
    for each in advice:
        assert each["title"]["da"]
        assert each["title"]["en"]
        assert each["text"]["da"]
        assert each["text"]["en"]
        assert each["source"]
        for condition in each.get("conditions", []):
            asked = questions(folder)[condition["item"]]
            if asked["type"] == "choice":
                assert condition["value"] in [option["valueCoding"]["code"] for option in asked["answerOption"]]


@every_folder
def test_what_the_organisation_replaces_is_in_the_shared_guidance(folder: str) -> None:
    shared = {each["id"] for each in read(folder, "guidance.json")["advice"]}
    assert set(read(folder, "guidance-local.json")["replaces"]) <= shared


@every_folder
def test_offers_belong_to_topics_and_promise_no_real_place(folder: str) -> None:
    topics = {topic["id"] for topic in read(folder, "view.json")["topics"]}
    for offer in read(folder, "offers.json")["offers"]:
        assert offer["topics"]
        assert set(offer["topics"]) <= topics
        assert offer["contact"].endswith(".example")
        assert offer.get("startsInDays", 1) > 0


@every_folder
def test_the_plan_holds_the_activity_and_the_activity_the_questionnaire(folder: str) -> None:
    assert [each["resource"] for each in read(folder, "activity.json")["relatedArtifact"]] == [
        "urn:definition:questionnaire"
    ]
    assert [each["definitionCanonical"] for each in read(folder, "plan.json")["action"]] == ["urn:definition:activity"]

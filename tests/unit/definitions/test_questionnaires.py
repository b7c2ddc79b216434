"""What every questionnaire in definitions/ keeps, whoever writes it."""

import operator
from collections.abc import Iterator
from typing import Any

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.structure import validate
from tests.unit.definitions.folders import FOLDERS, items, questions, read

every_folder = pytest.mark.parametrize("folder", FOLDERS)
OPERATORS = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
SIZES = {"hverdagen-med-kronisk-sygdom": (10, range(34, 45)), "opfoelgning": (5, range(11, 15))}


@every_folder
@pytest.mark.parametrize("name", ["questionnaire.json", "activity.json", "plan.json"])
def test_a_definition_is_valid_r4(folder: str, name: str) -> None:
    assert [str(issue) for issue in validate(read(folder, name))] == []


@every_folder
def test_link_ids_are_unique_and_safe_in_paths_and_form_fields(folder: str) -> None:
    links = [item["linkId"] for item in items(folder)]
    assert len(links) == len(set(links))
    assert all(link.replace("-", "").isalnum() and link.isascii() for link in links)


@every_folder
def test_a_questionnaire_has_the_topics_and_the_length_it_promises(folder: str) -> None:
    topics, length = SIZES[folder]
    assert len(read(folder, "questionnaire.json")["item"]) == topics
    assert len(questions(folder)) in length


def strings(element: Any, path: str = "") -> Iterator[tuple[str, str | None, str | None]]:
    """Every Danish text that a person reads (path, Danish, English)."""
    if isinstance(element, list):
        for number, each in enumerate(element):
            yield from strings(each, f"{path}[{number}]")
    elif isinstance(element, dict):
        for key in ("text", "title", "description", "display"):
            if isinstance(element.get(key), str) and element.get("system", "").startswith(("http://kommunalpro", "")):
                yield f"{path}.{key}", element[key], _english(element.get(f"_{key}"))
        if element.get("url") == "text" or str(element.get("url", "")).endswith(("-shortText", "-title", "-usage")):
            yield f"{path}.valueString", element.get("valueString"), _english(element.get("_valueString"))
        for key, value in element.items():
            if not key.startswith("_"):
                yield from strings(value, f"{path}.{key}")


def _english(sibling: dict[str, Any] | None) -> str | None:
    translation = extension(sibling or {}, ehealth.TRANSLATION)
    if translation is None or extension_value(translation, "lang") != "en":
        return None
    content = extension_value(translation, "content")
    return content if isinstance(content, str) else None


@every_folder
def test_every_text_is_there_in_danish_and_english(folder: str) -> None:
    ours = {key: value for key, value in read(folder, "questionnaire.json").items() if key != "extension"}
    ours["extension"] = [
        each for each in read(folder, "questionnaire.json")["extension"] if each["url"] != ehealth.QUESTIONNAIRE_TYPE
    ]
    missing = [path for path, danish, english in strings(ours) if not danish or not english]
    assert missing == []


@every_folder
def test_every_question_has_our_code_a_short_text_and_a_control_that_fut_knows(folder: str) -> None:
    for link, question in questions(folder).items():
        assert question["code"][0]["system"] == "http://kommunalpro.dk/fhir/CodeSystem/hverdagen", link
        assert extension_value(question, ehealth.QUESTIONNAIRE_SHORT_TEXT), link
        control = extension_value(question, ehealth.ITEM_CONTROL)
        assert control is None or control["coding"][0]["code"] in {"slider", "radio-button", "check-box", "drop-down"}


@every_folder
def test_a_condition_points_to_an_earlier_question_and_an_answer_it_can_have(folder: str) -> None:
    seen: dict[str, dict[str, Any]] = {}
    for item in items(folder):
        conditions = item.get("enableWhen", [])
        assert len(conditions) < 2 or item["enableBehavior"] in ("all", "any")
        for condition in conditions:
            asked = seen[condition["question"]]
            if "answerCoding" in condition:
                assert condition["answerCoding"]["code"] in codes(asked)
            else:
                assert asked["type"] == "integer"
        seen[item["linkId"]] = item


def codes(question: dict[str, Any]) -> list[str]:
    return [option["valueCoding"]["code"] for option in question["answerOption"]]


def possible_answers(question: dict[str, Any]) -> list[int | str]:
    if question["type"] == "choice":
        return list(codes(question))
    assert question["type"] == "integer"
    low, high = extension_value(question, ehealth.MIN_VALUE), extension_value(question, ehealth.MAX_VALUE)
    return list(range(low, high + 1))


def hits(rule: dict[str, Any], answer: int | str) -> bool:
    def holds(condition: dict[str, Any]) -> bool:
        value = extension_value(condition, "value")
        expected = value["code"] if isinstance(value, dict) else value
        return bool(OPERATORS[extension_value(condition, "operator")](answer, expected))

    return all(holds(each) for each in extensions(rule, ehealth.ANSWER_CONDITION))


@every_folder
def test_every_possible_answer_to_a_ruled_question_hits_exactly_one_rule(folder: str) -> None:
    ruled = {
        link: list(extensions(question, ehealth.ANSWER_SIGNIFICANCE)) for link, question in questions(folder).items()
    }
    wrong = [
        (link, answer)
        for link, rules in ruled.items()
        if rules
        for answer in possible_answers(questions(folder)[link])
        if sum(hits(rule, answer) for rule in rules) != 1
    ]
    assert wrong == []


@every_folder
def test_declining_to_answer_is_never_green(folder: str) -> None:
    for question in questions(folder).values():
        for rule in extensions(question, ehealth.ANSWER_SIGNIFICANCE):
            if hits(rule, "ved-ikke") if question["type"] == "choice" else False:
                assert extension_value(rule, "significance")["code"] == "yellow"


@every_folder
def test_a_multiple_choice_has_no_rule_and_a_required_question_always_has_an_honest_answer(folder: str) -> None:
    for link, question in questions(folder).items():
        assert not (question["repeats"] and extension(question, ehealth.ANSWER_SIGNIFICANCE)), link
        assert not (question["required"] and question.get("enableWhen")), link
        assert not (question["required"] and question["type"] == "text"), link


def test_the_follow_up_asks_the_same_questions_with_the_same_codes_and_rules() -> None:
    main, follow_up = questions("hverdagen-med-kronisk-sygdom"), questions("opfoelgning")
    for link in main.keys() & follow_up.keys() - {"samtale-emner"}:
        assert {**follow_up[link], "enableWhen": None} == {**main[link], "enableWhen": None}
    assert len(main.keys() & follow_up.keys()) >= 10

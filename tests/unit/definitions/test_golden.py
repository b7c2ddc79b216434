"""The golden cases: what a person worked out by hand is what the engine finds."""

from decimal import Decimal

import pytest

from kommunalpro.pro.form import compile_form
from kommunalpro.pro.response import check_answers
from kommunalpro.pro.triage import assess
from kommunalpro.pro.view import read_view
from tests.unit.definitions.folders import GOLDEN, read

every_case = pytest.mark.parametrize("case", GOLDEN)


def parts(case: str) -> tuple[str, dict]:
    folder, name = case.split("/")
    return folder, read(folder, f"golden/{name}.json")


@every_case
def test_the_answers_can_be_submitted(case: str) -> None:
    folder, golden = parts(case)
    form = compile_form(read(folder, "questionnaire.json"))
    answers = {path: tuple(given) for path, given in golden["answers"].items()}
    assert check_answers(form, answers, strictness="submit") == ()


@every_case
def test_the_engine_finds_the_lights_and_scores_that_a_person_worked_out(case: str) -> None:
    folder, golden = parts(case)
    form, view = compile_form(read(folder, "questionnaire.json")), read_view(read(folder, "view.json"))
    answers = {path: tuple(given) for path, given in golden["answers"].items()}
    found = assess(form, view, answers, questionnaire="https://example.org/fhir/Questionnaire/1", view_reference=None)
    assert {topic.id: topic.light.code for topic in found.topics} == golden["expected"]["topics"]
    expected = {key: None if value is None else Decimal(value) for key, value in golden["expected"]["scores"].items()}
    assert {key: score.value for key, score in found.scores.items()} == expected
    assert found.light.code == golden["expected"]["light"]

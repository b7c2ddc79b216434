"""Specifications as tables that people can read, in the tests and in docs/reference/engine.md alike.

    @table('''
        answer | rule  | light
        7      | >= 7  | red
        –      | >= 7  | not assessed
    ''')
    def test_a_question_has_the_light_of_the_rule_that_its_answer_meets(answer, rule, light): ...

Every row is a test, its cells are text. The chapters of the manual are the modules, in the order of `CHAPTERS`; a
chapter's introduction is its docstring, a heading the name of a test, and what stands before a table its docstring.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

CHAPTERS = (
    "what_is_asked",
    "what_repeats",
    "what_an_answer_may_be",
    "what_is_missing",
    "scores",
    "lights_of_a_question",
    "lights_of_a_topic",
    "the_whole_light",
    "acute_answers",
    "guidance",
    "the_record",
    "what_changes_between_versions",
    "answers_over_time",
    "questionnaires_that_are_refused",
    "limits_that_are_refused",
    "conditions_that_are_refused",
    "responses_that_are_refused",
    "views_and_guidance_that_are_refused",
)


@dataclass(frozen=True)
class Table:
    """A table as it is printed. `form`: the questionnaire that its rows are about; empty: each row has its own."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    form: str = ""


def table(text: str, *, form: str = "") -> Callable[[Any], Any]:
    """Run a test for each row; the columns are its arguments, in small letters with underscores between words."""
    lines = [line for line in text.splitlines() if line.strip()]
    columns, *rows = (tuple(cell.strip() for cell in line.split(" | ")) for line in lines)
    assert all(len(row) == len(columns) for row in rows), [row for row in rows if len(row) != len(columns)]
    assert len(set(rows)) == len(rows), "a row stands there twice"
    names = [re.sub(r"\W+", "_", column.lower()) for column in columns]

    def specify(test: Any) -> Any:
        test.table = Table(columns, tuple(rows), form)
        return pytest.mark.parametrize(names, rows, ids=[_id(row) for row in rows])(test)

    return specify


def _id(row: tuple[str, ...]) -> str:
    return ", ".join(row).encode("ascii", "replace").decode()[:70]


def yes(value: object) -> str:
    """Say whether, as tables do."""
    return "yes" if value else "no"

"""Questionnaires, answers and JSON as Hypothesis makes them up: small, of every shape, and readable when they fail."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from kommunalpro.pro.form import Form, Item
from tests.spec.forms import answer, form

TYPES = ("boolean", "integer", "choice; of x/y/z", "string")
VALUES = {
    "boolean": ("yes", "no"),
    "integer": ("0", "3", "7"),
    "choice": ("x", "y", "z"),
    "string": ("A", "B"),
}
SIGNS = {"boolean": ("=", "!="), "integer": ("=", "!=", ">", "<="), "choice": ("=", "!="), "string": ("=", "!=")}


@st.composite
def forms(draw: st.DrawFn, most: int = 9) -> Form:
    """Make a questionnaire: groups and questions inside each other, some repeating, some hanging on earlier ones."""
    return form(draw(texts(most)))


@st.composite
def texts(draw: st.DrawFn, most: int = 9) -> str:
    """Write a questionnaire, as tests/spec/forms.py reads it."""
    lines: list[str] = []
    asked: dict[str, str] = {}
    depth, may_hold = 0, False
    for number in range(draw(st.integers(1, most))):
        depth = draw(st.integers(0, min(depth + int(may_hold), 3)))
        type = draw(st.sampled_from(("group", *TYPES)))
        parts = [type] + ["repeats"] * draw(st.booleans()) + ["required"] * draw(st.booleans())
        if asked and draw(st.booleans()):
            joined = draw(st.sampled_from((" and ", " or ")))
            parts.append(f"if {joined.join(draw(_condition(asked)) for _ in range(draw(st.integers(1, 2))))}")
        lines.append(f"{'  ' * depth}q{number}: " + "; ".join(parts))
        may_hold = True
        if type != "group":
            asked[f"q{number}"] = type.split(";")[0]
    return "\n".join(lines)


@st.composite
def _condition(draw: st.DrawFn, asked: dict[str, str]) -> str:
    question = draw(st.sampled_from(sorted(asked)))
    type = asked[question]
    if draw(st.booleans()):
        return f"{question} exists {draw(st.sampled_from(('yes', 'no')))}"
    return f"{question} {draw(st.sampled_from(SIGNS[type]))} {draw(st.sampled_from(VALUES[type]))}"


@st.composite
def answers_to(draw: st.DrawFn, asked: Form) -> dict[str, tuple[Any, ...]]:
    """Answer some of the questions, in some instances, whether they are asked or not."""
    given: dict[str, tuple[Any, ...]] = {}
    _answer(draw, asked.items, "", given)
    order = draw(st.permutations(list(given)))
    return {path: given[path] for path in order}


def _answer(draw: st.DrawFn, items: tuple[Item, ...], prefix: str, given: dict[str, tuple[Any, ...]]) -> None:
    for item in items:
        path = prefix + item.link_id
        count = draw(st.integers(0, 2 if item.repeats else 1)) if item.is_question else 0
        if count:
            values = draw(st.lists(st.sampled_from(VALUES[item.type]), min_size=count, max_size=count))
            given[path] = tuple(answer(item.type, value) for value in values)
        if item.has_instances:
            numbers = range(count) if item.is_question else draw(st.sets(st.integers(0, 3), max_size=2))
            for number in sorted(numbers):
                _answer(draw, item.items, f"{path}[{number}]/", given)
        else:
            _answer(draw, item.items, prefix, given)


KINDS = (
    "Integer",
    "Decimal",
    "Boolean",
    "String",
    "Coding",
    "Date",
    "DateTime",
    "Time",
    "Quantity",
    "Uri",
    "Reference",
)
NAMES = (
    "resourceType",
    "linkId",
    "item",
    "answer",
    "status",
    "value",
    "code",
    "system",
    "unit",
    "reference",
    "extension",
)
KEYS = st.sampled_from((*NAMES, *(f"value{kind}" for kind in KINDS), "valueAttachment", "x"))
WORDS = st.sampled_from(("q0", "q1", "g", "x", "urn:spec", "QuestionnaireResponse", "completed", "2026", "10:00:00"))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.sampled_from((Decimal("1e308"), Decimal("1e-308"), Decimal("1e999999"), 10**40, "9999-12-31T23:59:60Z"))
    | WORDS
    | st.text(max_size=5)
)


def json(leaves: int = 12) -> st.SearchStrategy[Any]:
    """Make anything that JSON, read with decimals, can hold, with the names that we look for."""
    return st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=leaves
    )


def objects(leaves: int = 8) -> st.SearchStrategy[dict[str, Any]]:
    """Make a JSON object of anything."""
    return st.dictionaries(KEYS, json(leaves), max_size=4)

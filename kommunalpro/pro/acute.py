"""Acute rules: answers that may not wait, such as thoughts of suicide. The citizen reads at once what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import Condition, kind_and_value
from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.enablement import enabled_answers
from kommunalpro.pro.form import Form
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import AcuteRule, View


@dataclass(frozen=True, slots=True)
class AcuteHit:
    """An acute rule that was met. `text` is the editor's, for the citizen."""

    id: str
    path: str
    text: Text


def acute_hits(form: Form, view: View, answers: Answers) -> tuple[AcuteHit, ...]:
    """Give the acute rules that the answers meet, in any instance, on what is asked."""
    if not view.acute:
        return ()
    counted = enabled_answers(form, answers)
    return tuple(hit for rule in view.acute for hit in _hits(rule, counted))


def _hits(rule: AcuteRule, answers: Answers) -> Iterator[AcuteHit]:
    for path, given in answers.items():
        if path.rsplit("/", 1)[-1] == rule.item and holds(rule.operator, rule.value, given):
            yield AcuteHit(rule.id, path, rule.text)


def holds(operator: str, value: Any, answers: tuple[Json, ...]) -> bool:
    """Tell whether answers meet a condition as View and ActionGuidance write them: `value` a number, code or yes/no."""
    if operator == "exists":
        return bool(answers) is bool(value)
    if operator == "!=":
        return bool(answers) and not any(holds("=", value, (answer,)) for answer in answers)
    return any(_as_condition(operator, value, answer).meets(answer) for answer in answers)


def _as_condition(operator: str, value: Any, answer: Json) -> Condition:
    """Read the value as what the answer is, so that they can be compared."""
    kind, given = kind_and_value(answer)
    if kind == "Coding":
        return Condition(operator, "Coding", {"code": str(value)})
    if kind == "Quantity" and is_decimal(value):
        return Condition(operator, "Quantity", {**given, "value": decimal(value)})
    if kind in ("Integer", "Decimal") and is_decimal(value):
        return Condition(operator, "Decimal", decimal(value))
    return Condition(operator, kind if type(value) is type(given) else "", value)

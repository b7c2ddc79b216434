"""Acute rules: answers that may not wait, such as thoughts of suicide. The citizen reads at once what to do."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers, by_question
from kommunalpro.pro.condition import Condition, kind_and_value
from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.enablement import enabled_answers
from kommunalpro.pro.form import Form
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import AcuteRule, View


class AcuteHit(Struct, frozen=True):
    """An acute rule that was met. `text` is the editor's, for the citizen."""

    id: str
    path: str
    text: Text


def acute_hits(form: Form, view: View, answers: Answers) -> tuple[AcuteHit, ...]:
    """Give the acute rules that the answers meet, in any instance, on what is asked."""
    return hits_among(view, enabled_answers(form, answers)) if view.acute else ()


def hits_among(view: View, counted: Answers) -> tuple[AcuteHit, ...]:
    """Give the acute rules that are met by answers that count (`enabled_answers`)."""
    if not view.acute:
        return ()
    given = by_question(counted, {rule.item for rule in view.acute})
    return tuple(
        AcuteHit(rule.id, path, rule.text)
        for rule in view.acute
        for path, answers in given.get(rule.item, ())
        if holds(rule.operator, rule.value, answers)
    )


def covers(rule: AcuteRule, other: AcuteRule) -> bool:
    """Tell whether whatever meets `other` meets this rule too, as 9 or more covers 10 or more.

    False also where it cannot be told from the two alone.
    """
    if rule.item != other.item:
        return False
    if (rule.operator, rule.value) == (other.operator, other.value):
        return True
    if not is_decimal(other.value):
        return False
    way = other.operator[0]
    is_same_way = way == rule.operator[0] and way in ("<", ">")
    at_its_bound = ({"valueDecimal": decimal(other.value)},)
    return (is_same_way or way == "=") and holds(rule.operator, rule.value, at_its_bound)


def holds(operator: str, value: Any, answers: Sequence[Json]) -> bool:
    """Tell whether answers meet a condition as View and ActionGuidance write them: `value` a number, code or yes/no."""
    if operator == "exists":
        return bool(answers) is bool(value)
    if operator == "!=":
        return bool(answers) and not any(holds("=", value, (answer,)) for answer in answers)
    for answer in answers:
        kind, given = kind_and_value(answer)
        if kind == "Coding":
            is_met = operator == "=" and isinstance(given, dict) and given.get("code") == str(value)
        else:
            is_met = _as_condition(operator, value, kind, given).accepts(kind, given)
        if is_met:
            return True
    return False


def _as_condition(operator: str, value: Any, kind: str, given: Any) -> Condition:
    """Read the value as what the answer is, so that they can be compared."""
    if kind == "Quantity" and is_decimal(value) and isinstance(given, dict):
        return Condition(operator, "Quantity", {**given, "value": decimal(value)})
    if kind in ("Integer", "Decimal") and is_decimal(value):
        return Condition(operator, "Decimal", decimal(value))
    return Condition(operator, kind if type(value) is type(given) else "", value)

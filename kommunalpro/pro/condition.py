"""Comparing an answer with a value: what conditions, rules of lights, advice and acute rules are made of.

Source: R4 `Questionnaire.item.enableWhen` and its operators; FUT's answerCondition (`fut.md` 2.1) uses the same.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.json import Json

OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
ORDERING = (">", "<", ">=", "<=")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
ORDERED_KINDS = ("Integer", "Decimal", "Quantity", "Date", "DateTime", "Time")
_NUMBERS = ("Integer", "Decimal")
_TEXTS = ("String", "Uri")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `kind` is FHIR's type of the value: `Integer` for `valueInteger`, `Coding`, `Boolean`."""

    operator: str
    kind: str
    value: Any

    def holds(self, answers: Sequence[Json]) -> bool:
        """Tell whether the answers to a question meet the condition.

        With several answers one is enough, except for `!=`: no answer may be equal (R4), so that it holds too when
        nothing is answered.
        """
        if self.operator == "exists":
            return bool(answers) is self.value
        if self.operator == "!=":
            return not any(self._compares("=", answer) for answer in answers)
        return any(self._compares(self.operator, answer) for answer in answers)

    def meets(self, answer: Json) -> bool:
        """Tell whether this one answer meets the condition."""
        return self.holds((answer,))

    def _compares(self, sign: str, answer: Json) -> bool:
        kind, value = kind_and_value(answer)
        if kind == "Coding" and self.kind == "Coding":
            return sign == "=" and same_coding(value, self.value)
        if kind in _NUMBERS and self.kind in _NUMBERS:
            return _COMPARE[sign](Decimal(value), Decimal(self.value))
        if kind == "Quantity" and self.kind == "Quantity":
            return _same_unit(value, self.value) and _COMPARE[sign](
                Decimal(value["value"]), Decimal(self.value["value"])
            )
        if kind in ("Date", "DateTime") and self.kind in ("Date", "DateTime"):
            return _compare_moments(sign, value, self.value)
        if kind == self.kind or (kind in _TEXTS and self.kind in _TEXTS):
            return _COMPARE[sign](value, self.value)
        return False


def kind_and_value(answer: Json) -> tuple[str, Any]:
    """Give an answer's FHIR type and value: `("Integer", 8)`; `("", None)` when it has none."""
    return next(((key[5:], answer[key]) for key in answer if key.startswith("value")), ("", None))


def same_coding(one: Json, other: Json) -> bool:
    """Tell whether two codings mean the same; a system that one of them leaves out is not held against it."""
    systems = (one.get("system"), other.get("system"))
    return one.get("code") == other.get("code") and (None in systems or systems[0] == systems[1])


def _same_unit(one: Json, other: Json) -> bool:
    return (one.get("code") or one.get("unit")) == (other.get("code") or other.get("unit"))


def _compare_moments(sign: str, one: str, other: str) -> bool:
    """Compare partial dates as the stretches of time they are: 2026 is before 2027-01-01, and after no day in it."""
    first, second = parse_interval(one, UTC), parse_interval(other, UTC)
    return {
        "=": first == second,
        ">": first.start >= second.end,
        "<": first.end <= second.start,
        ">=": first.start >= second.start,
        "<=": first.end <= second.end,
    }[sign]

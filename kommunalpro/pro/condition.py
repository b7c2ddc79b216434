"""Comparing an answer with a value: what conditions, rules of lights, advice and acute rules are made of.

Source: R4 `Questionnaire.item.enableWhen` and its operators; FUT's answerCondition (`fut.md` 2.1) uses the same.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.structure.primitives import PRIMITIVES

OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
ORDERING = (">", "<", ">=", "<=")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
ORDERED_KINDS = ("Integer", "Decimal", "Quantity", "Date", "DateTime", "Time")
NUMBERS = ("Integer", "Decimal")

is_number = PRIMITIVES["decimal"].test
"""Tells whether JSON is a number that can be counted with. Whole numbers and decimals compare without conversion."""

_TEXTS = ("String", "Uri")
_DICTS = ("Coding", "Quantity", "Reference")
_MOMENTS = {"Date": "date", "DateTime": "dateTime"}
_KINDS = {f"value{kind}": kind for kind in (*ORDERED_KINDS, *_TEXTS, *_DICTS, "Boolean", "Code")}
"""What the most common values are called: a look-up is quicker than taking the name apart."""
VALUE_NAMES = frozenset(_KINDS)


class Condition(Struct, frozen=True):
    """One comparison. `kind` is FHIR's type of the value: `Integer` for `valueInteger`, `Coding`, `Boolean`."""

    operator: str
    kind: str
    value: Any

    def holds(self, answers: Sequence[Json]) -> bool:
        """Tell whether the answers to a question meet the condition.

        With several answers one is enough, except for `!=`: no answer may be equal (R4), so that it holds too when
        nothing is answered.
        """
        sign = self.operator
        if sign == "exists":
            return bool(answers) is self.value
        must_all = sign == "!="
        for answer in answers:
            kind, value = kind_and_value(answer)
            if self._compares("=" if must_all else sign, kind, value):
                return not must_all
        return must_all

    def meets(self, answer: Json) -> bool:
        """Tell whether this one answer meets the condition."""
        return self.accepts(*kind_and_value(answer))

    def accepts(self, kind: str, value: Any) -> bool:
        """Tell whether one answer, by its type and value, meets the condition."""
        if self.operator == "exists":
            return self.value is True
        if self.operator == "!=":
            return not self._compares("=", kind, value)
        return self._compares(self.operator, kind, value)

    def _compares(self, sign: str, kind: str, value: Any) -> bool:
        """Compare one answer; what is no value of its type, or cannot be compared with this one, never holds."""
        own = self.kind
        if kind in NUMBERS:
            is_alike = own in NUMBERS and (type(value) is int or is_number(value))
        elif kind in _DICTS:
            return kind == own and isinstance(value, dict) and self._compares_parts(sign, kind, value)
        elif kind in _MOMENTS and own in _MOMENTS:
            is_moment = _is_moment(kind, value) and _is_moment(own, self.value)
            return is_moment and _compare_moments(sign, value, self.value)
        else:
            is_alike = type(value) is type(self.value) and (kind == own or (kind in _TEXTS and own in _TEXTS))
        if is_alike and kind == "Time":
            return COMPARE[sign](clock(value), clock(self.value))
        return is_alike and COMPARE[sign](value, self.value)

    def _compares_parts(self, sign: str, kind: str, value: Json) -> bool:
        if kind == "Coding":
            return sign == "=" and same_coding(value, self.value)
        if kind == "Reference":
            return sign == "=" and value.get("reference") == self.value.get("reference")
        if not (is_number(value.get("value")) and _same_unit(value, self.value)):
            return False
        number, bound = Decimal(value["value"]), Decimal(self.value["value"])
        comparator = value.get("comparator")
        return _surely(sign, comparator, number, bound) if comparator else COMPARE[sign](number, bound)


def kind_and_value(answer: Json) -> tuple[str, Any]:
    """Give an answer's FHIR type and value: `("Integer", 8)`; `("", None)` when it has none."""
    for key in answer:
        if key in _KINDS:
            return _KINDS[key], answer[key]
        if key.startswith("value"):
            return key[5:], answer[key]
    return "", None


def value_alone(answer: Json) -> Json:
    """Give an answer's value as FHIR writes it, without what else is said of it (id, extensions)."""
    if len(answer) == 1:
        return answer
    return {name: each for name, each in answer.items() if name.removeprefix("_").startswith("value")}


def clock(value: str) -> str:
    """Give a time of day as it is compared: 10:00:00 and 10:00:00.000 are the same."""
    return value.rstrip("0").rstrip(".") if "." in value else value


def number_of(kind: str, value: Any) -> Decimal | None:
    """Give the number that a value is, of a quantity its amount; None: it is none, or only a bound such as `< 5`."""
    if kind == "Quantity":
        value = value.get("value") if isinstance(value, dict) and not value.get("comparator") else None
    elif kind not in NUMBERS:
        return None
    return Decimal(value) if type(value) is int or is_number(value) else None


def _surely(sign: str, comparator: str, number: Decimal, bound: Decimal) -> bool:
    """Tell whether every amount that an answer such as `> 5` may be compares so; what is not sure does not hold."""
    if comparator not in ORDERING or sign[0] != comparator[0]:
        return False
    is_beyond = number > bound if sign[0] == ">" else number < bound
    return is_beyond or (number == bound and (len(comparator) == 1 or len(sign) == 2))


def same_coding(one: Json, other: Json) -> bool:
    """Tell whether two codings mean the same; a system that one of them leaves out is not held against it."""
    if one.get("code") != other.get("code"):
        return False
    system, others = one.get("system"), other.get("system")
    return system is None or others is None or system == others


def _same_unit(one: Json, other: Json) -> bool:
    return (one.get("code") or one.get("unit")) == (other.get("code") or other.get("unit"))


def _is_moment(kind: str, value: Any) -> bool:
    """Tell whether a value can be compared as a time: a View's may be any text."""
    return PRIMITIVES[_MOMENTS[kind]].test(value)


def _compare_moments(sign: str, one: str, other: str) -> bool:
    """Compare partial dates as the stretches of time they are: 2026 is before 2027-01-01, and after no day in it."""
    first, second = parse_interval(one), parse_interval(other)
    return {
        "=": first == second,
        ">": first.start >= second.end,
        "<": first.end <= second.start,
        ">=": first.start >= second.start,
        "<=": first.end <= second.end,
    }[sign]

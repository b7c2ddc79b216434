"""An expression on an item: what it sees of the answers, whether it holds, what it gives as an answer.

Nothing here knows how expressions are evaluated: the library for it is read only when a questionnaire has one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.excerpt import Branch, Run, Source, excerpt
from kommunalpro.pro.item import VALUE_KINDS, Item
from kommunalpro.pro.problems import ExpressionError
from kommunalpro.pro.values import faults

if TYPE_CHECKING:
    from kommunalpro.pro.expression import Expression

CALCULATED_TYPES = ("decimal", "integer", "boolean", "string", "text")
"""The types of item that can be calculated."""
_ROUNDING = Context(prec=1000)


@dataclass(frozen=True, slots=True, eq=False)
class ItemExpression:
    """An expression and the questions whose answers it looks at. It sees those, where they count, and no others."""

    questions: tuple[str, ...]
    branches: tuple[Branch, ...]
    evaluate: Callable[[Json, Run], list[Any]]

    def holds(self, here: str, source: Source) -> bool:
        """Tell whether it is true as seen from the instance `here`; nothing is not true.

        Raises:
            ExpressionError: it cannot be evaluated, or is neither true nor false.

        Source: SDC 4.0, enableWhenExpression: empty is false; anything but a boolean is an error.
        """
        run = Run()
        return truth(self.evaluate(excerpt(self.branches, here, source, run), run))

    def answer(self, item: Item, here: str, source: Source) -> tuple[Json, ...]:
        """Give what it comes to as the answer to a question; nothing: it cannot be computed from these answers.

        Raises:
            ExpressionError: it cannot be evaluated, or the result cannot be an answer to this question.
        """
        run = Run()
        return answer_of(item, self.evaluate(excerpt(self.branches, here, source, run), run))


@dataclass(frozen=True, slots=True, eq=False)
class Expressions:
    """Those of a questionnaire, by linkId: when an item is asked, how it is computed, what it begins with."""

    enabling: Mapping[str, ItemExpression] = field(default_factory=dict)
    calculating: Mapping[str, ItemExpression] = field(default_factory=dict)
    initial: Mapping[str, "Expression"] = field(default_factory=dict)


def truth(values: list[Any]) -> bool:
    """Read the result of a condition.

    Raises:
        ExpressionError: it is neither true nor false.
    """
    if len(values) > 1:
        raise ExpressionError("expression-several")
    if values and not isinstance(values[0], bool):
        raise ExpressionError("expression-kind", kind=type(values[0]).__name__)
    return bool(values and values[0])


def answer_of(item: Item, values: list[Any]) -> tuple[Json, ...]:
    """Make an answer of the result of an expression. A number is rounded as the question says, half up, else not.

    Raises:
        ExpressionError: there are several values, or it cannot be an answer to this question.
    """
    if len(values) > 1:
        raise ExpressionError("expression-several")
    if not values:
        return ()
    answers = (_answer(item, values[0]),)
    for fault in faults(item, answers):
        raise ExpressionError("expression-value", why=fault.text)
    return answers


def _answer(item: Item, value: Any) -> Json:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if item.type == "decimal" and is_number:
        return {"valueDecimal": _rounded(item, Decimal(value))}
    if item.type == "integer" and is_number and value == Decimal(value).to_integral_value():
        return {"valueInteger": int(value)}
    if item.type == "open-choice" and isinstance(value, str):
        return {"valueString": value}
    kind = "Decimal" if item.type == "integer" and is_number else VALUE_KINDS[item.type][0]
    return {f"value{kind}": value}


def _rounded(item: Item, value: Decimal) -> Decimal:
    if item.max_decimal_places is None:
        return value
    unit = Decimal(1).scaleb(-item.max_decimal_places)
    return value if value == value.quantize(unit, context=_ROUNDING) else value.quantize(unit, ROUND_HALF_UP, _ROUNDING)

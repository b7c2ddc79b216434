"""The operators that expressions are evaluated with, instead of fhirpathpy's own.

Its own divide integers in floats, take true for 1, and drop equal answers from `|` in silence. These compute in
`Decimal` and refuse what does not belong together. Each takes the context first, then its two sides.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from fhirpathpy.engine.nodes import ResourceNode, TypeInfo

from kommunalpro.pro.expression_values import (
    EXACT,
    GIVEN,
    Of,
    Scope,
    Values,
    data_of,
    is_same,
    kind_of,
    number_in,
    on_trial,
    one_of,
    truth_of,
)
from kommunalpro.pro.problems import ExpressionError


def both(compute: Callable[[Any, Any], Any]) -> Callable[[Scope, Values, Values], Values]:
    """Make an operator of two single values: with nothing on one side there is nothing."""

    def operator(scope: Scope, left: Values, right: Values) -> Values:
        if not left or not right:
            return []
        found = compute(one_of(left), one_of(right))
        return [] if found is None else [found]

    return operator


def numeric(compute: Callable[[Decimal, Decimal], Any]) -> Callable[[Scope, Values, Values], Values]:
    """Make an operator of two numbers."""
    return both(lambda left, right: compute(number_in(left), number_in(right)))


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    """Divide: exactly where it comes out even, else to 28 digits; by 0 there is nothing."""
    return GIVEN.divide(left, right) if right else None


def union(scope: Scope, left: Values, right: Values) -> Values:
    """Put two collections together without what is there twice; of a number that would be an answer lost."""
    found: dict[Any, Any] = {}
    scope.run.step(len(left) + len(right))
    for each in (*left, *right):
        value = data_of(each)
        key = id(value) if isinstance(value, Mapping) else (isinstance(value, bool), value)
        if key in found and not isinstance(value, str | bool | Mapping):
            raise ExpressionError("expression-duplicate")
        found.setdefault(key, each)
    return list(found.values())


def is_in(scope: Scope, left: Values, right: Values) -> Values:
    """Tell whether a value is among others."""
    scope.run.step(len(right))
    return [any(is_same(one_of(left), each) for each in right)] if left else []


def single(scope: Scope, values: Values) -> Values:
    """Give the only one there is."""
    if values:
        one_of(values)
    return values


def of_type(scope: Scope, values: Values, type: TypeInfo) -> Values:
    """Keep what is of a type."""
    name = type.name.lower()
    return [value for value in values if _type_name(value).lower() == name]


def cast(scope: Scope, values: Values, type: TypeInfo) -> Values:
    """Give the only one there is, if it is of a type."""
    return of_type(scope, single(scope, values), type)


def _type_name(value: Any) -> str:
    path = value.path if isinstance(value, ResourceNode) else None
    return path if path and "." not in path else kind_of(data_of(value))


def logical(
    stops_at: bool | None, compute: Callable[[bool | None, bool | None], bool | None], *, negates: bool = False
) -> Callable[[Scope, Of, Of], Values]:
    """Make `and` and its like, in three values. What the left side has decided, the right side is not asked about.

    A criterion such as `linkId = 'a' and answer.value > 3` would otherwise compare the answers of all questions.
    """

    def operator(scope: Scope, left: Of, right: Of) -> Values:
        here = scope["$this"]
        with scope.inner():
            one = truth_of(left(here))
            if one is not None and one is stops_at:
                on_trial(scope, lambda: right(here))
                return [one is not negates]
            found = compute(one, truth_of(right(here)))
        return [] if found is None else [found]

    return operator


def _and(one: bool | None, other: bool | None) -> bool | None:
    return False if other is False else None if None in (one, other) else True


def _or(one: bool | None, other: bool | None) -> bool | None:
    return True if other else None if None in (one, other) else False


def _xor(one: bool | None, other: bool | None) -> bool | None:
    return None if None in (one, other) else one is not other


def _implies(one: bool | None, other: bool | None) -> bool | None:
    return True if other else None if None in (one, other) else False


_TWO_VALUES = {2: ["Any", "Any"]}
_TWO_SIDES = {2: ["Expr", "Expr"]}


def _operators() -> Iterator[tuple[str, dict[str, Any]]]:
    values: dict[str, Callable[..., Any]] = {
        "+": numeric(EXACT.add),
        "-": numeric(EXACT.subtract),
        "*": numeric(EXACT.multiply),
        "/": numeric(divide),
        "div": numeric(lambda left, right: EXACT.divide_int(left, right) if right else None),
        "mod": numeric(lambda left, right: EXACT.remainder(left, right) if right else None),
        "<": numeric(lambda left, right: left < right),
        "<=": numeric(lambda left, right: left <= right),
        ">": numeric(lambda left, right: left > right),
        ">=": numeric(lambda left, right: left >= right),
        "=": both(is_same),
        "!=": both(lambda left, right: not is_same(left, right)),
        "|": union,
        "inOp": is_in,
        "containsOp": lambda scope, left, right: is_in(scope, right, left),
    }
    sides: dict[str, Callable[..., Any]] = {
        "and": logical(False, _and),
        "or": logical(True, _or),
        "xor": logical(None, _xor),
        "implies": logical(False, _implies, negates=True),
    }
    yield from ((name, {"fn": fn, "arity": _TWO_VALUES}) for name, fn in values.items())
    yield from ((name, {"fn": fn, "arity": _TWO_SIDES}) for name, fn in sides.items())
    yield "asOp", {"fn": cast, "arity": {2: ["Any", "TypeSpecifier"]}}


OPERATORS = dict(_operators())
"""Name, as the library calls it → what it calls."""

"""The functions that expressions are evaluated with, instead of fhirpathpy's own.

Its own take no `sum()` of answers and 0 for the sum of none, round half to even, call anything true that is there,
evaluate each criterion twice, and lose `$this` after it. These compute in `Decimal`, refuse what does not belong
together, and give nothing for the sum of nothing. Each takes the context first, then the collection it is called on.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from fhirpathpy.engine.nodes import ResourceNode

from kommunalpro.pro.excerpt import ROOT, Element
from kommunalpro.pro.expression_operators import OPERATORS, cast, of_type, single
from kommunalpro.pro.expression_values import (
    EXACT,
    GIVEN,
    Of,
    Scope,
    Values,
    comparable,
    data_of,
    kind_of,
    number_in,
    on_trial,
    one_of,
    truth_of,
)
from kommunalpro.pro.problems import ExpressionError
from kommunalpro.pro.reading import DEEPEST

_WHOLE, _NUMBER = re.compile(r"[+-]?\d{1,30}"), re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
WITH_LINK_ID = "with linkId"
"""No name that an expression can say."""
_PATHS = {"item": f"{ROOT}.item", "answer": f"{ROOT}.item.answer"}


def _of_each(scope: Scope, values: Values, of: Of, *, is_criterion: bool = False) -> list[tuple[Any, Values]]:
    with scope.inner(is_criterion=is_criterion):
        scope.run.step(len(values))
        return [(value, of(value)) for value in values]


# --- Functions on collections


def where(scope: Scope, values: Values, criterion: Of) -> Values:
    """Keep what meets a criterion."""
    return [value for value, found in _of_each(scope, values, criterion, is_criterion=True) if truth_of(found)]


def with_link_id(scope: Scope, values: Values, names: Values) -> Values:
    """Keep the items of some names: `where(linkId in names)`."""
    scope.run.step(len(values) + len(names))
    wanted = set(names)
    return [
        value for value in values if isinstance(element := data_of(value), dict) and element.get("linkId") in wanted
    ]


def exists(scope: Scope, values: Values, criterion: Of | None = None) -> bool:
    """Tell whether there is anything, that meets the criterion."""
    return bool(values if criterion is None else where(scope, values, criterion))


def every(scope: Scope, values: Values, criterion: Of) -> bool:
    """Tell whether everything meets a criterion."""
    return all(truth_of(found) or False for _, found in _of_each(scope, values, criterion, is_criterion=True))


def select(scope: Scope, values: Values, of: Of) -> Values:
    """Give what an expression makes of each."""
    made = [each for _, found in _of_each(scope, values, of) for each in found]
    scope.run.step(len(made))
    return made


def repeat(scope: Scope, values: Values, of: Of) -> Values:
    """Give what an expression makes of each, of those again, and so on. Nothing is dropped for being equal.

    A response is not deeper than its questionnaire may be: what goes on for longer does not end.
    """
    found: Values = []
    for _ in range(2 * DEEPEST):
        values = select(scope, values, of)
        found += values
    if values:
        raise ExpressionError("expression-steps")
    return found


def aggregate(scope: Scope, values: Values, of: Of, start: Values | None = None) -> Values:
    """Fold a collection. Of nothing it makes nothing, whatever it starts with: no sum is ever 0 for want of answers."""
    if not values:
        return []
    with scope.inner():
        scope.run.step(len(values))
        total = start or []
        for value in values:
            scope["$total"] = total
            total = of(value)
    return total


def iif(scope: Scope, values: Values, criterion: Of, then: Of, otherwise: Of | None = None) -> Values:
    """Choose; a criterion that comes to nothing takes the other side, as FHIRPath says, so 0 may come of no answer.

    On trial the other side is looked at too, but may fail: it is there for other answers.
    """
    with scope.inner():
        is_met = truth_of(criterion(values))
        chosen, other = (then, otherwise) if is_met else (otherwise, then)
        if other is not None:
            on_trial(scope, lambda: other(values))
        return chosen(values) if chosen is not None else []


def combine(scope: Scope, values: Values, others: Of) -> Values:
    """Put two collections together."""
    with scope.inner():
        found = others(scope["$this"])
    scope.run.step(len(values) + len(found))
    return [*values, *found]


def negated(scope: Scope, values: Values) -> Values:
    """Turn true to false."""
    value = truth_of(values)
    return [] if value is None else [not value]


def truths(test: Callable[[Iterable[bool]], bool], wanted: bool) -> Callable[[Scope, Values], bool]:
    """Make `allTrue` and its like."""
    return lambda scope, values: test([truth_of([value]) is wanted for value in values])


def below(scope: Scope, values: Values) -> Values:
    """Give all items, answers and their parts that are inside; bare values by themselves nobody can tell apart."""
    found: Values = []
    level = values
    while level:
        level = [child for each in level for child in _children(data_of(each))]
        scope.run.step(len(level))
        found += level
    return found


def _children(element: Any) -> Iterator[ResourceNode]:
    for name, value in element.items() if isinstance(element, dict) else ():
        path = _PATHS.get(name) or name.removeprefix("value")
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, Element) and name != "extension":
                yield ResourceNode.create_node(each, path)


# --- Numbers


def ordinal(scope: Scope, values: Values) -> Values:
    """Give the numbers of the chosen options; an option without one has none, as where one need not answer."""
    return [number for value in values if (number := _ordinal(data_of(value))) is not None]


def _ordinal(value: Any) -> Decimal | None:
    if not isinstance(value, Element) or not value.is_answer:
        raise ExpressionError("expression-kind", kind=kind_of(value))
    value.note_read()
    if not value.is_scored:
        raise ExpressionError("expression-no-ordinal", question=value.link_id)
    return value.ordinal


def folded(fold: Callable[[list[Decimal]], Decimal]) -> Callable[[Scope, Values], Values]:
    """Make `sum` and its like: of no numbers there is no sum."""
    return lambda scope, values: [fold([number_in(value) for value in values])] if values else []


def rounded(rounding: str) -> Callable[[Scope, Values], Values]:
    """Make `floor` and its like."""
    return lambda scope, values: [number_in(one_of(values)).to_integral_value(rounding)] if values else []


def round_half_up(scope: Scope, values: Values, digits: int = 0) -> Values:
    """Round to some decimals, halves away from 0: the "traditional" rounding of FHIRPath, and HAPI's."""
    if not values:
        return []
    return [number_in(one_of(values)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)]


def absolute(scope: Scope, values: Values) -> Values:
    """Give a number without its sign."""
    return [EXACT.abs(number_in(one_of(values)))] if values else []


def to_integer(scope: Scope, values: Values) -> Values:
    """Read a whole number; nothing where there is none."""
    value = one_of(values) if values else None
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return [int(value)]
    if isinstance(value, int):
        return [int(value)]
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return [int(value)]
    return []


def to_decimal(scope: Scope, values: Values) -> Values:
    """Read a number; nothing where there is none."""
    value = one_of(values) if values else None
    if isinstance(value, int | Decimal) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return [Decimal(value)]
    return []


def to_string(scope: Scope, values: Values) -> Values:
    """Write a value."""
    if not values:
        return []
    value = comparable(one_of(values))
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [value if isinstance(value, str) else f"{value:f}"]


def _functions() -> Iterator[tuple[str, dict[str, Any]]]:
    bare: dict[str, Callable[..., Any]] = {
        "not": negated,
        "single": single,
        "descendants": below,
        "allTrue": truths(all, True),
        "anyTrue": truths(any, True),
        "allFalse": truths(all, False),
        "anyFalse": truths(any, False),
        "ordinal": ordinal,
        "weight": ordinal,
        "sum": folded(lambda numbers: sum(numbers, Decimal(0))),
        "min": folded(min),
        "max": folded(max),
        "avg": folded(lambda numbers: GIVEN.divide(sum(numbers, Decimal(0)), Decimal(len(numbers)))),
        "abs": absolute,
        "ceiling": rounded(ROUND_CEILING),
        "floor": rounded(ROUND_FLOOR),
        "truncate": rounded(ROUND_DOWN),
        "toInteger": to_integer,
        "toDecimal": to_decimal,
        "toString": to_string,
    }
    of_each: dict[str, Callable[..., Any]] = {"where": where, "all": every, "select": select, "repeat": repeat}
    yield from ((name, {"fn": fn}) for name, fn in bare.items())
    yield from ((name, {"fn": fn, "arity": {1: ["Expr"]}}) for name, fn in of_each.items())
    yield WITH_LINK_ID, {"fn": with_link_id, "arity": {1: ["Any"]}}
    yield "combine", {"fn": combine, "arity": {1: ["Expr"]}}
    yield "exists", {"fn": exists, "arity": {0: [], 1: ["Expr"]}}
    yield "iif", {"fn": iif, "arity": {2: ["Expr"] * 2, 3: ["Expr"] * 3}}
    yield "aggregate", {"fn": aggregate, "arity": {1: ["Expr"], 2: ["Expr", "Any"]}}
    yield "round", {"fn": round_half_up, "arity": {0: [], 1: ["Number"]}}
    yield "ofType", {"fn": of_type, "arity": {1: ["TypeSpecifier"]}}
    yield "as", {"fn": cast, "arity": {1: ["TypeSpecifier"]}}


TABLE: dict[str, dict[str, Any]] = {**OPERATORS, **dict(_functions())}
"""Name → what the library calls. Its own are `empty`, `count`, `first`, `last`, `tail`, `skip`, `take`, `extension`."""

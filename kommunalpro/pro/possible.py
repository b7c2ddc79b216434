"""What can be answered to a question: every option, or enough numbers to meet every rule.

Between two limits nothing changes for a rule, so that the limits, a number between each two, and one beyond the
outermost stand for all numbers.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import number_of
from kommunalpro.pro.item import Item

NUMERIC = ("integer", "decimal", "quantity")


def possible_answers(item: Item, limits: Iterable[Decimal] = ()) -> tuple[Json, ...] | None:
    """Give answers that stand for all there can be, numbers from low to high; None: they cannot be listed.

    `limits` are the numbers at which something changes, beside those of the question's own rules.
    """
    if item.options:
        return tuple(option.value for option in item.options)
    if item.type == "boolean":
        return ({"valueBoolean": False}, {"valueBoolean": True})
    if item.type not in NUMERIC:
        return None
    numbers = sorted(set(_numbers(item, {*limits, *_own_limits(item)})))
    return tuple(_answer(item, number) for number in numbers)


def _own_limits(item: Item) -> Iterator[Decimal]:
    for rule in item.rules:
        for condition in rule.conditions:
            number = number_of(condition.kind, condition.value)
            if number is not None:
                yield number


def _numbers(item: Item, limits: set[Decimal]) -> Iterator[Decimal]:
    low, high = _bound(item.min_value), _bound(item.max_value)
    points = sorted(limits | {bound for bound in (low, high) if bound is not None} or {Decimal(0)})
    points = [points[0] - 1, *points, points[-1] + 1]
    points += [(lower + higher) / 2 for lower, higher in pairwise(points)]
    grid = spacing(item)
    if grid is not None:
        start, roundings = low or Decimal(0), (ROUND_FLOOR, ROUND_CEILING)
        steps = {((point - start) / grid).to_integral_value(rounding) for point in points for rounding in roundings}
        points = [start + step * grid for step in steps]
    for point in points:
        if (low is None or point >= low) and (high is None or point <= high):
            yield point


def spacing(item: Item) -> Decimal | None:
    """Give how far answers lie from each other; None: as close as one likes."""
    if item.step is not None:
        return item.step
    if item.type == "integer":
        return Decimal(1)
    return None if item.max_decimal_places is None else Decimal(1).scaleb(-item.max_decimal_places)


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _answer(item: Item, number: Decimal) -> Json:
    if item.type == "integer":
        return {"valueInteger": int(number)}
    if item.type == "decimal":
        return {"valueDecimal": number}
    return {"valueQuantity": {**_unit(item), "value": number}}


def _unit(item: Item) -> Json:
    """Give the unit that the rules on a quantity are written in; else the first that can be chosen."""
    values = [condition.value for rule in item.rules for condition in rule.conditions if condition.kind == "Quantity"]
    return {key: value for key, value in (values or [*item.units, {}])[0].items() if key in ("unit", "system", "code")}

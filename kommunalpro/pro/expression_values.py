"""What expressions are evaluated with: the library's context, counted, and values that are what they are taken for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Context, Decimal
from typing import Any, TypeAlias

from fhirpathpy.engine.nodes import ResourceNode

from kommunalpro.pro.excerpt import Run
from kommunalpro.pro.problems import ExpressionError

EXACT = Context(prec=1000)
"""Digits for sums and products of what FHIR JSON may hold: nothing is rounded."""
GIVEN = Context(prec=28)
"""Digits of a number that has no end, such as a third."""

Values: TypeAlias = list[Any]
Of: TypeAlias = Callable[[Any], Values]
"""An expression of one element: a criterion, a projection."""


class Scope(dict[str, Any]):
    """The library's context. It is asked for one of these with every step of an evaluation, and counts them."""

    __slots__ = ("run",)

    def __init__(self, content: Mapping[str, Any], run: Run) -> None:
        super().__init__(content)
        self.run = run

    def __getitem__(self, key: str) -> Any:
        if key in ("model", "userInvocationTable"):
            self.run.step()
        return super().__getitem__(key)

    @contextmanager
    def inner(self, *, is_criterion: bool = False) -> Iterator[None]:
        """Give `$this` and `$total` their values back afterwards."""
        before = {name: self.get(name, []) for name in ("$this", "$total")}
        self.run.within += is_criterion
        try:
            yield
        finally:
            self.run.within -= is_criterion
            self.update(before)


def data_of(node: Any) -> Any:
    """Give the JSON value behind a node."""
    return node.data if isinstance(node, ResourceNode) else node


def one_of(values: Values) -> Any:
    """Give the only value; more than one would be a choice that nobody made."""
    if len(values) > 1:
        raise ExpressionError("expression-several")
    return data_of(values[0])


def number_in(value: Any) -> Decimal:
    """Give a number; true is none."""
    value = data_of(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ExpressionError("expression-kind", kind=kind_of(value))
    return Decimal(value)


def truth_of(values: Values) -> bool | None:
    """Give a truth; None: there is none."""
    if not values:
        return None
    value = one_of(values)
    if not isinstance(value, bool):
        raise ExpressionError("expression-kind", kind=kind_of(value))
    return value


def kind_of(value: Any) -> str:
    """Name a value's type."""
    if isinstance(value, Mapping):
        return "Coding" if "code" in value else "BackboneElement"
    return {bool: "boolean", str: "string", int: "integer", Decimal: "decimal"}.get(type(value), type(value).__name__)


def comparable(value: Any) -> Any:
    """Give what two values are compared by; a coding is compared by its code, in so many words."""
    if isinstance(value, Mapping) or value is None:
        raise ExpressionError("expression-kind", kind=kind_of(value))
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, which only values of one type can be."""
    one, other = comparable(data_of(one)), comparable(data_of(other))
    if type(one) is not type(other) and not (isinstance(one, Decimal) and isinstance(other, Decimal)):
        raise ExpressionError("expression-kind", kind=kind_of(other))
    return bool(one == other)


def on_trial(scope: Scope, side: Callable[[], object]) -> None:
    """Look at a side that was not chosen, on trial alone; there it may fail: it is for other answers."""
    if scope.run.is_trial and not scope.run.within:
        try:
            side()
        except ExpressionError as wrong:
            if wrong.code == "expression-steps":
                raise

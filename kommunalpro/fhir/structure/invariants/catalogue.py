"""What an invariant is, and how one is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Holds: TypeAlias = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Invariant:
    """One invariant of R4, by its key, with what to tell people and developers when it does not hold.

    `is_of_names`: it depends on which elements there are, not on what they hold.
    """

    key: str
    danish: str
    english: str
    holds: Holds
    is_of_names: bool = False


class Catalogue(dict[str, tuple[Invariant, ...]]):
    """Invariants by the type or nested element they hold for."""

    def rule(
        self, key: str, context: str, danish: str, english: str, *, is_of_names: bool = False
    ) -> Callable[[Holds], Holds]:
        """Write down the decorated function as an invariant of a context (`Quantity`, `Questionnaire.item`)."""

        def write(holds: Holds) -> Holds:
            self[context] = (*self.get(context, ()), Invariant(key, danish, english, holds, is_of_names))
            return holds

        return write

    def requires(self, key: str, context: str, name: str, other: str) -> None:
        """Write down that one element cannot be there without another."""
        danish, english = f"”{name}” kræver også ”{other}”.", f"{name} requires {other}"
        self.rule(key, context, danish, english, is_of_names=True)(lambda value: name not in value or other in value)

    def excludes(self, key: str, context: str, name: str, other: str) -> None:
        """Write down that two elements cannot be there together."""
        danish, english = f"”{name}” og ”{other}” må ikke stå sammen.", f"{name} and {other} exclude each other"
        self.rule(key, context, danish, english, is_of_names=True)(
            lambda value: name not in value or other not in value
        )

    def any_of(self, key: str, context: str, *names: str) -> None:
        """Write down that at least one of some elements must be there."""
        danish = " eller ".join(f"”{name}”" for name in names)
        english = f"one of {', '.join(names)} must exist"
        self.rule(key, context, f"{danish} skal være der.", english, is_of_names=True)(
            lambda value: any(name in value for name in names)
        )


def choice(value: Mapping[str, Any], name: str) -> Any:
    """Give the value of a choice element, whatever its type; None means that it is not there."""
    return next(
        (found for key, found in value.items() if key.startswith(name) and key[len(name) : len(name) + 1].isupper()),
        None,
    )


def is_distinct(values: list[Any]) -> bool:
    """Tell whether no value occurs twice."""
    return len(set(values)) == len(values)

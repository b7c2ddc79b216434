"""One walk through one resource: where we are, and what was found wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import MOST_ISSUES, Issue
from kommunalpro.fhir.structure.primitives import Primitive

Path: TypeAlias = tuple["Path | None", str, int | None]
"""Where we are: what we are inside, the element's name, its place in an array. Rendered only when there is an issue."""

Named: TypeAlias = Sequence[tuple[Path, str]]
"""Where each reference stands that is to no contained resource, and its address as it was written."""

_NAME = re.compile(r"_?[A-Za-z][A-Za-z]{0,63}")
_JSON_TYPES: dict[type, tuple[str, str]] = {
    str: ("en tekst", "a string"),
    bool: ("ja eller nej (true eller false)", "true or false"),
    int: ("et tal", "a number"),
}


class TooMany(Exception):
    """There are so many issues already that reading on helps nobody."""


def render(path: Path) -> str:
    """Write a path as FHIRPath: `QuestionnaireResponse.item[0].answer[1].value`."""
    parts: list[str] = []
    step: Path | None = path
    while step is not None:
        step, name, index = step
        parts.append(name if index is None else f"{name}[{index}]")
    return ".".join(reversed(parts))


def at(path: Path, name: str, index: int | None = None) -> Path:
    """Go into an element."""
    return (path, name, index)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a plain value"


@dataclass(slots=True)
class Walk:
    """What one walk has found.

    `local` holds the references to contained resources: where they stand, to what, and to which types they may be.
    `named` are the references to all else; `numbered` are the identifiers, of what it is, names or holds.
    `uncoded` are the codings without a system or a code, which R4 lets be.
    """

    issues: list[Issue] = field(default_factory=list)
    local: list[tuple[Path, str, frozenset[str]]] = field(default_factory=list)
    named: list[tuple[Path, str]] = field(default_factory=list)
    numbered: list[tuple[Path, Json]] = field(default_factory=list)
    uncoded: list[Path] = field(default_factory=list)

    @property
    def noted(self) -> int:
        """How much was noted so far."""
        return len(self.issues) + len(self.local) + len(self.named) + len(self.numbered) + len(self.uncoded)

    def add(self, path: Path, code: str, danish: str, english: str) -> None:
        """Note an issue.

        Raises:
            TooMany: it was one too many.
        """
        self.issues.append(Issue(danish, english, render(path), code))
        if len(self.issues) >= MOST_ISSUES:
            raise TooMany

    def unknown(self, path: Path, name: Any) -> None:
        """Note a property that the type does not have; what cannot be a name is not told: it may be anything."""
        if isinstance(name, str) and _NAME.fullmatch(name):
            self.add(at(path, name), "structure", f"Feltet ”{name}” findes ikke her.", f"Unknown element {name}")
        else:
            self.add(
                path, "structure", "Her er et felt, som ikke findes.", "Unknown element with a name that no element has"
            )

    def missing(self, path: Path, name: str) -> None:
        """Note a mandatory element that is not there."""
        self.add(at(path, name), "required", f"Feltet ”{name}” mangler.", f"Missing element {name} (minimum 1)")

    def twice(self, path: Path, name: str) -> None:
        """Note a choice that was made twice."""
        self.add(at(path, name), "structure", f"Feltet ”{name}” må kun have én værdi.", f"More than one of {name}[x]")

    def refuse_object(self, value: Any, path: Path) -> None:
        """Note a value that is no object with something in it."""
        self._not(value, path, "et objekt med indhold", "an object")

    def is_array(self, value: Any, path: Path) -> bool:
        """Tell whether a value is an array with something in it, and note it when it is not."""
        if type(value) is list and value:
            return True
        self._not(value, path, "en liste med indhold", "an array")
        return False

    def _not(self, value: Any, path: Path, danish: str, english: str) -> None:
        kind = _kind(value)
        wrong = " with something in it: FHIR forbids empty ones" if kind == english else f", not {kind}"
        self.add(path, "structure", f"Her skal stå {danish}.", f"Must be {english}{wrong}")

    def refuse(self, value: Any, primitive: Primitive, path: Path) -> None:
        """Note a value that is not of a primitive type. The value itself is not repeated: it may be a person's."""
        if value is None:
            self.add(path, "structure", "Feltet må ikke være null.", "null is not allowed; leave the element out")
        elif isinstance(value, dict | list):
            english = f"Must be a single {primitive.name}, not {_kind(value)}"
            self.add(path, "structure", "Her skal stå én enkelt værdi.", english)
        elif not isinstance(value, primitive.json_types) or (type(value) is bool and bool not in primitive.json_types):
            danish, english = _JSON_TYPES[primitive.json_types[0]]
            self.add(path, "structure", f"Her skal stå {danish}.", f"{primitive.name} must be {english} in JSON")
        else:
            self.add(path, "value", f"Her skal stå {primitive.danish}.", f"Not {primitive.english} ({primitive.name})")

    def bad_code(self, path: Path, value_set: str) -> None:
        """Note a code outside a required value set."""
        self.add(
            path, "code-invalid", "Koden kan ikke bruges her.", f"Not a code of the required value set {value_set}"
        )

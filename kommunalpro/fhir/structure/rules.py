"""The closures that a type's rules are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kommunalpro.fhir.structure import tables
from kommunalpro.fhir.structure.primitives import Primitive
from kommunalpro.fhir.structure.walk import Path, Walk, at

Value: TypeAlias = Any
Test: TypeAlias = Callable[[Value], bool]
"""Tells whether a primitive value will do."""
Check: TypeAlias = Callable[[Value, Path, Walk], None]
"""Checks one value that stands at a path."""
Rule: TypeAlias = Callable[[Value, dict[str, Any], Path, Walk], None]
"""Checks one property: its value, the object it sits in, where that object stands."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a type by its JSON name, and its rule; whoever is in haste may go by what the rule is made of.

    `test`: of a single primitive. `check`: of an object, or of each in an array, at the element's `name`.
    """

    rule: Rule
    name: str = ""
    test: Test | None = None
    check: Check | None = None
    is_array: bool = False


def plain(name: str, test: Test, refuse: Check) -> Property:
    """Give a single primitive."""

    def rule(child: Value, _: dict[str, Any], path: Path, walk: Walk) -> None:
        if not test(child):
            refuse(child, (path, name, None), walk)

    return Property(rule, name, test)


def one(name: str, check: Check) -> Property:
    """Give an element that occurs once."""
    return Property(lambda child, _, path, walk: check(child, (path, name, None), walk), name, check=check)


def each(name: str, check: Check) -> Property:
    """Give an element that JSON writes as an array."""

    def rule(child: Value, _: dict[str, Any], path: Path, walk: Walk) -> None:
        if type(child) is list and child:
            for index, value in enumerate(child):
                check(value, (path, name, index), walk)
        else:
            walk.is_array(child, at(path, name))

    return Property(rule, name, check=check, is_array=True)


def primitive_check(primitive: Primitive, value_set: str | None) -> tuple[Test, Check]:
    """Give the test of a primitive element, and what explains its failure."""
    if value_set is None:
        return primitive.test, lambda value, path, walk: walk.refuse(value, primitive, path)
    codes = tables.codes(value_set)

    def refuse(value: Value, path: Path, walk: Walk) -> None:
        if primitive.test(value):
            walk.bad_code(path, value_set)
        else:
            walk.refuse(value, primitive, path)

    return (lambda value: type(value) is str and value in codes), refuse


def each_primitive(name: str, test: Test, refuse: Check) -> Property:
    """Give an array of primitives, where null stands for a value that has only an id or extensions."""

    def rule(child: Value, parent: dict[str, Any], path: Path, walk: Walk) -> None:
        if not walk.is_array(child, at(path, name)):
            return
        siblings = parent.get("_" + name)
        for index, value in enumerate(child):
            if not test(value) and not (value is None and _has(siblings, index)):
                refuse(value, (path, name, index), walk)

    return Property(rule)


def each_sibling(name: str, element: Check) -> Property:
    """Give the `_name` of an array: ids and extensions, each at the index of its value; null where none is."""

    def rule(child: Value, parent: dict[str, Any], path: Path, walk: Walk) -> None:
        if not walk.is_array(child, at(path, name)):
            return
        values = parent.get(name)
        if isinstance(values, list) and len(values) != len(child):
            walk.add(
                at(path, name),
                "structure",
                "Værdier og udvidelser passer ikke sammen.",
                f"{name} and _{name} differ in length",
            )
        if child.count(None) == len(child) and all(_has(values, index) for index in range(len(child))):
            walk.add(at(path, name), "structure", "Feltet må ikke være null.", f"_{name} holds nothing; leave it out")
        for index, value in enumerate(child):
            if value is not None:
                element(value, (path, name, index), walk)
            elif not _has(values, index):
                walk.add(
                    (path, name, index),
                    "structure",
                    "Feltet må ikke være null.",
                    f"_{name} is null where {name} has no value",
                )

    return Property(rule)


def _has(siblings: Value, index: int) -> bool:
    """Tell whether the other array has something at an index."""
    return isinstance(siblings, list) and index < len(siblings) and siblings[index] is not None


def numbered(check: Check) -> Check:
    """Give the check of an Identifier, which the walk notes."""

    def rule(value: Value, path: Path, walk: Walk) -> None:
        check(value, path, walk)
        walk.numbered.append((path, value))

    return rule


def bound(check: Check, value_set: str) -> Check:
    """Give the check of a CodeableConcept of which a coding must be in the value set."""
    codings = tables.codings(value_set)

    def rule(value: Value, path: Path, walk: Walk) -> None:
        found = len(walk.issues)
        check(value, path, walk)
        if len(walk.issues) == found:
            given = {(coding.get("system"), coding.get("code")) for coding in value.get("coding", ())}
            if given.isdisjoint(codings):
                walk.bad_code(path, value_set)

    return rule

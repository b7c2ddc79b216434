"""Compiles the tables to closures, type by type, each when it is first met.

A check takes the value, where it stands and the walk. Primitive elements, which are most of a resource, cost one lookup
and one test; only what fails is explained.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from kommunalpro.fhir.structure import contained, tables
from kommunalpro.fhir.structure.invariants import INVARIANTS
from kommunalpro.fhir.structure.primitives import PRIMITIVES, Primitive
from kommunalpro.fhir.structure.references import reference_check
from kommunalpro.fhir.structure.rules import (
    Check,
    Rule,
    Test,
    Value,
    bound,
    each,
    each_primitive,
    each_sibling,
    one,
    primitive_check,
)
from kommunalpro.fhir.structure.walk import Path, Walk, at


class TypeRules:
    """What is known of the properties of one type, by their JSON name."""

    def __init__(self, type_name: str) -> None:
        self.tests: dict[str, Test] = {}
        self.explanations: dict[str, Rule] = {}
        self.rules: dict[str, Rule] = {}
        self.required: frozenset[str] = frozenset()
        self.choices: list[tuple[str, frozenset[str], bool]] = []
        for element in tables.elements(type_name):
            self._add(element)
        self.invariants = tuple(each for name in tables.lineage(type_name) for each in INVARIANTS.get(name, ()))

    def _add(self, element: tables.Element) -> None:
        names = element.json_names()
        if element.is_choice:
            with_siblings = frozenset(names) | {"_" + name for name in names}
            self.choices.append((element.path_name, with_siblings, element.minimum > 0))
        elif element.minimum:
            self.required |= {element.name}
        for name, code in names.items():
            if code in PRIMITIVES:
                self._add_primitive(element, name, PRIMITIVES[code])
            else:
                make = each if element.is_array else one
                self.rules[name] = make(element.path_name, _complex_check(code, element.value_set))

    def _add_primitive(self, element: tables.Element, name: str, primitive: Primitive) -> None:
        test, refuse = primitive_check(primitive, element.value_set)
        if element.is_array:
            self.rules[name] = each_primitive(name, test, refuse)
            self.rules["_" + name] = each_sibling(name, type_check("Element"))
        else:
            self.tests[name] = test
            self.explanations[name] = one(element.path_name, refuse)
            self.rules["_" + name] = one(element.path_name, type_check("Element"))


def _complex_check(code: str, value_set: str | None) -> Check:
    if code == "Resource":
        return check_resource
    if code.startswith("Reference"):
        return reference_check(code, type_check("Reference"))
    check = type_check(code.removeprefix("#"))
    return bound(check, value_set) if value_set else check


@cache
def type_check(type_name: str) -> Check:
    """Give the check of a complex type or nested element; its rules are made at its first call: types are circular."""

    def check(value: Value, path: Path, walk: Walk) -> None:
        if type(value) is dict and value:
            check_object(value, _type_rules(type_name), path, walk)
        else:
            walk.is_object(value, path)

    return check


@cache
def _type_rules(type_name: str) -> TypeRules:
    return TypeRules(type_name)


@cache
def _resource_rules(resource_type: str) -> TypeRules:
    rules = TypeRules(resource_type)
    rules.tests["resourceType"] = lambda value: True
    if "contained" in rules.rules:
        rules.rules["contained"] = each("contained", _check_contained)
    return rules


def check_object(value: dict[str, Any], rules: TypeRules, path: Path, walk: Walk) -> None:
    """Check an object by the rules of its type; invariants only when all below holds, so that they may trust it."""
    found = len(walk.issues)
    tests, others = rules.tests, rules.rules
    for name, child in value.items():
        test = tests.get(name)
        if test is not None:
            if not test(child):
                rules.explanations[name](child, value, path, walk)
        else:
            rule = others.get(name)
            if rule is not None:
                rule(child, value, path, walk)
            else:
                walk.unknown(path, name)
    if not value.keys() >= rules.required:
        _check_required(value, rules, path, walk)
    if rules.choices:
        _check_choices(value, rules, path, walk)
    if rules.invariants and len(walk.issues) == found:
        for invariant in rules.invariants:
            if not invariant.holds(value):
                walk.add(path, "invariant", invariant.danish, f"{invariant.key}: {invariant.english}")


def _check_required(value: Mapping[str, Any], rules: TypeRules, path: Path, walk: Walk) -> None:
    for name in sorted(rules.required):
        if name not in value and "_" + name not in value:
            walk.missing(path, name)


def _check_choices(value: Mapping[str, Any], rules: TypeRules, path: Path, walk: Walk) -> None:
    for name, keys, is_required in rules.choices:
        made = value.keys() & keys
        if len(made) > 1 and len({each.removeprefix("_") for each in made}) > 1:
            walk.twice(path, name)
        elif is_required and not made:
            walk.missing(path, name)


def check_resource(value: Value, path: Path, walk: Walk) -> None:
    """Check a resource by itself, in a Bundle's entry or in Parameters: a world of its own for `#` references."""
    outer, walk.local = walk.local, []
    found = len(walk.issues)
    _check_any_resource(value, path, walk)
    if isinstance(value, dict):
        contained.check_local(value, walk)
        if "contained" in value and len(walk.issues) == found:
            contained.check_use(value, path, walk)
    walk.local = outer


def _check_any_resource(value: Value, path: Path, walk: Walk) -> None:
    if not walk.is_object(value, path):
        return
    resource_type = value.get("resourceType")
    if resource_type is None:
        walk.missing(path, "resourceType")
    elif not isinstance(resource_type, str) or resource_type not in tables.known_resource_types():
        walk.add(at(path, "resourceType"), "value", "Typen findes ikke i FHIR R4.", "Not a resource type of R4")
    elif resource_type not in tables.resource_types():
        walk.add(
            path,
            "not-supported",
            f"{resource_type} kan ikke bruges her.",
            f"No tables for {resource_type} on this server",
        )
    else:
        check_object(value, _resource_rules(resource_type), path, walk)


def _check_contained(value: Value, path: Path, walk: Walk) -> None:
    """Check a contained resource, which shares the world of `#` references with the one it is in."""
    _check_any_resource(value, path, walk)
    if isinstance(value, dict):
        contained.check_as_contained(value, path, walk)

"""Compiles the tables to closures: a resource type and all it reaches, when it is first met.

A check takes the value, where it stands and the walk. Primitive elements, which are most of a resource, cost one lookup
and one test; only what fails is explained.
"""

from collections.abc import Callable
from threading import RLock

from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.structure import contained, tables
from kommunalpro.fhir.structure.invariants import INVARIANTS, Invariant
from kommunalpro.fhir.structure.primitives import PRIMITIVES, Primitive
from kommunalpro.fhir.structure.references import reference_check
from kommunalpro.fhir.structure.rules import (
    Check,
    Property,
    Value,
    bound,
    each,
    each_primitive,
    each_sibling,
    numbered,
    one,
    plain,
    primitive_check,
)
from kommunalpro.fhir.structure.shapes import Way, way_through
from kommunalpro.fhir.structure.walk import Path, Walk, at

MOST_KEPT = 200
"""Shapes that are remembered as right for each type: more than real resources have, and never without end."""
_WHOLE = {"Coding": frozenset({"system", "code"})}
"""Type → what an element of it has where it says all that a rule of a dialect may ask for."""


class TypeRules:
    """What is known of the properties of one type, by their JSON name. Filled after the checks that use it are made."""

    def __init__(self) -> None:
        self.properties: dict[str, Property] = {}
        self.required: set[str] = set()
        self.choices: list[tuple[str, frozenset[str], bool]] = []
        self.invariants: list[Invariant] = []
        self.of_names: list[Invariant] = []
        self.whole: frozenset[str] = frozenset()

    def fill(self, type_name: str, check_of: Callable[[str], Check]) -> None:
        """Take in the elements and invariants of a type."""
        self.whole = _WHOLE.get(type_name, self.whole)
        for element in tables.elements(type_name):
            names = element.json_names()
            if element.is_choice:
                with_siblings = frozenset(names) | {"_" + name for name in names}
                self.choices.append((element.path_name, with_siblings, element.minimum > 0))
            elif element.minimum:
                self.required.add(element.name)
            for name, code in names.items():
                if code in PRIMITIVES:
                    self._add_primitive(element, name, PRIMITIVES[code], check_of("Element"))
                else:
                    make = each if element.is_array else one
                    self.properties[name] = make(element.path_name, _complex_check(code, element.value_set, check_of))
        for name in tables.lineage(type_name):
            for invariant in INVARIANTS.get(name, ()):
                (self.of_names if invariant.is_of_names else self.invariants).append(invariant)

    def _add_primitive(self, element: tables.Element, name: str, primitive: Primitive, sibling: Check) -> None:
        test, refuse = primitive_check(primitive, element.value_set)
        if element.is_array:
            self.properties[name] = each_primitive(name, test, refuse)
            self.properties["_" + name] = each_sibling(name, sibling)
        else:
            self.properties[name] = plain(element.path_name, test, refuse)
            self.properties["_" + name] = one(element.path_name, sibling)


def _complex_check(code: str, value_set: str | None, check_of: Callable[[str], Check]) -> Check:
    if code == "Resource":
        return check_resource
    if code.startswith("Reference"):
        return reference_check(code, check_of("Reference"))
    check = check_of(code.removeprefix("#"))
    if code == "Identifier":
        return numbered(check)
    return bound(check, value_set) if value_set else check


def object_check(rules: TypeRules) -> Check:
    """Give the check of an object by its type; invariants only when all below holds, so that they may trust it.

    What depends on nothing but which properties there are is looked at once for each such shape.
    """
    invariants = rules.invariants
    ways: dict[tuple[str, ...], Way] = {}
    way_of = ways.get

    def check(value: Value, path: Path, walk: Walk) -> None:
        way = way_of(tuple(value)) if type(value) is dict else None
        if way is not None and not invariants and way(value, path, walk):
            return  # as nearly all do, so that nothing else is asked before
        if type(value) is not dict or not value:
            if type(value) is Lasting:
                _check_lasting(value, check, path, walk)
            else:
                walk.refuse_object(value, path)
            return
        found = len(walk.issues)
        if way is None or not way(value, path, walk):
            _check_each(value, rules, path, walk)
        if way is None:
            _check_names(value, rules, path, walk, found)
            if not rules.whole <= value.keys():
                walk.uncoded.append(path)  # each time, so it gets no way of its own
            elif len(walk.issues) == found and len(ways) < MOST_KEPT:
                ways[tuple(value)] = way_through([rules.properties[name] for name in value])
        if invariants and len(walk.issues) == found:
            _check_invariants(value, invariants, path, walk)

    return check


def _check_lasting(value: Lasting, check: Check, path: Path, walk: Walk) -> None:
    """Check it once; again only if something was noted of it, which belongs to the place where it stands."""
    if check not in value.known:
        noted = walk.noted
        check(dict(value), path, walk)
        if walk.noted == noted:
            value.known.add(check)


def _check_each(value: Value, rules: TypeRules, path: Path, walk: Walk) -> None:
    """Check each property by itself."""
    property_of = rules.properties.get
    for name, child in value.items():
        known = property_of(name)
        if known is not None:
            known.rule(child, value, path, walk)
        else:
            walk.unknown(path, name)


def _check_names(value: Value, rules: TypeRules, path: Path, walk: Walk, found: int) -> None:
    """Check what must be there, and what may not be there together."""
    _check_required(value, rules, path, walk)
    for choice in rules.choices:
        _check_choice(value, choice, path, walk)
    if len(walk.issues) == found:
        _check_invariants(value, rules.of_names, path, walk)


def _check_required(value: Value, rules: TypeRules, path: Path, walk: Walk) -> None:
    for name in sorted(rules.required):
        if name not in value and "_" + name not in value:
            walk.missing(path, name)


def _check_choice(value: Value, choice: tuple[str, frozenset[str], bool], path: Path, walk: Walk) -> None:
    name, keys, is_required = choice
    made = keys.intersection(value)
    if len(made) > 1 and len({each.removeprefix("_") for each in made}) > 1:
        walk.twice(path, name)
    elif is_required and not made:
        walk.missing(path, name)


def _check_invariants(value: Value, invariants: list[Invariant], path: Path, walk: Walk) -> None:
    for invariant in invariants:
        if not invariant.holds(value):
            walk.add(path, "invariant", invariant.danish, f"{invariant.key}: {invariant.english}")


class Compiler:
    """The checks made so far. A resource type is given only when all it reaches is there; threads may ask at once."""

    def __init__(self) -> None:
        self._resources: dict[str, Check] = {}
        self._types: dict[str, Check] = {}
        self._lock = RLock()

    def resource(self, resource_type: str) -> Check:
        """Give the check of a resource type that has tables."""
        check = self._resources.get(resource_type)
        if check is None:
            with self._lock:
                check = self._resources[resource_type] = self._compile_resource(resource_type)
        return check

    def _compile_resource(self, resource_type: str) -> Check:
        """Compile into a copy, kept only when whole: a resource nested at the edge of recursion may break this off."""
        types = dict(self._types)

        def check_of(type_name: str) -> Check:
            if type_name not in types:  # Known before it is filled: types reach themselves.
                rules = TypeRules()
                types[type_name] = object_check(rules)
                rules.fill(type_name, check_of)
            return types[type_name]

        rules = TypeRules()
        rules.fill(resource_type, check_of)
        rules.properties["resourceType"] = Property(lambda *_: None, test=lambda value: True)
        if "contained" in rules.properties:
            rules.properties["contained"] = each("contained", _check_contained)
        self._types = types
        return object_check(rules)


_COMPILER = Compiler()


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
    if type(value) is not dict or not value:
        walk.refuse_object(value, path)
        return
    resource_type = value.get("resourceType")
    if resource_type is None:
        walk.missing(path, "resourceType")
    elif not isinstance(resource_type, str) or resource_type not in tables.known_resource_types():
        walk.add(at(path, "resourceType"), "value", "Typen findes ikke i FHIR R4.", "Not a resource type of R4")
    elif resource_type not in tables.resource_types():
        english = f"No tables for {resource_type} on this server"
        walk.add(path, "not-supported", f"{resource_type} kan ikke bruges her.", english)
    else:
        _COMPILER.resource(resource_type)(value, path, walk)


def _check_contained(value: Value, path: Path, walk: Walk) -> None:
    """Check a contained resource, which shares the world of `#` references with the one it is in."""
    _check_any_resource(value, path, walk)
    if isinstance(value, dict):
        contained.check_as_contained(value, path, walk)

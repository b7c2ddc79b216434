"""Every element of every type, and each way in which it can be wrong."""

from typing import Any

import pytest

from kommunalpro.fhir.structure import gone_through, resource_types, validate
from kommunalpro.fhir.structure.primitives import PRIMITIVES
from kommunalpro.fhir.structure.walk import render
from tests.unit.fhir.instances import Place, build, minimal, owner_with, places

SEEN: set[str] = set()
PLACES = {name: list(places(name, SEEN)) for name in ("Patient", *sorted(resource_types() - {"Patient"}))}
TYPES = pytest.mark.parametrize("resource_type", PLACES)


def found(resource: dict[str, Any]) -> set[tuple[str | None, str | None]]:
    return {(issue.expression, issue.code) for issue in validate(resource)}


def problems(place: Place, value: Any) -> set[tuple[str | None, str | None]]:
    return found(build(place, {**owner_with(place), place.name: value}))


def at(place: Place, suffix: str = "") -> str:
    return f"{place.parent_expression}.{place.element.path_name}{suffix}"


def in_array(place: Place, value: Any) -> tuple[Any, str]:
    """Give a single bad value as the element's JSON would have it, and where it then stands."""
    return ([value], at(place, "[0]")) if place.element.is_array else (value, at(place))


@TYPES
def test_the_smallest_instance_is_valid(resource_type):
    assert validate(minimal(resource_type)) == ()


@TYPES
def test_every_element_is_known(resource_type):
    for place in PLACES[resource_type]:
        problems = {issue for issue in found(build(place, owner_with(place))) if issue[1] != "invariant"}
        assert problems == set(), place


@TYPES
def test_what_it_refers_to_is_come_by_wherever_it_stands(resource_type):
    for place in PLACES[resource_type]:
        if not place.code.startswith("Reference"):
            continue
        address = f"https://fhir.example/{place.code[10:-1].partition(',')[0] or 'Basic'}/1"
        known_by = {"value": "1"}
        named, where = in_array(place, {"reference": address, "identifier": known_by})
        walk = gone_through(build(place, {**owner_with(place), place.name: named}))
        assert [(render(path), each) for path, each in walk.named] == [(where, address)], place
        assert (f"{where}.identifier", known_by) in [(render(path), each) for path, each in walk.numbered], place


@TYPES
def test_every_identifier_is_come_by(resource_type):
    for place in PLACES[resource_type]:
        if place.code == "Identifier":
            number, where = in_array(place, {"system": "urn:oid:1.2.3", "value": "1"})
            walk = gone_through(build(place, {**owner_with(place), place.name: number}))
            assert (where, {"system": "urn:oid:1.2.3", "value": "1"}) in [
                (render(path), each) for path, each in walk.numbered
            ], place


@TYPES
def test_an_unknown_neighbour_is_refused(resource_type):
    for place in PLACES[resource_type]:
        owner = {**owner_with(place), "ukendt": True}
        assert (f"{place.parent_expression}.ukendt", "structure") in found(build(place, owner)), place


@TYPES
def test_an_array_is_not_a_single_value_nor_the_other_way(resource_type):
    for place in PLACES[resource_type]:
        value = owner_with(place)[place.name]
        turned = value[0] if place.element.is_array else [value]
        assert (at(place), "structure") in problems(place, turned), place


@TYPES
def test_another_json_type_is_refused(resource_type):
    for place in PLACES[resource_type]:
        primitive = PRIMITIVES.get(place.code)
        wrong = "skov" if primitive is None or str not in primitive.json_types else 17
        value, expression = in_array(place, wrong)
        assert (expression, "structure") in problems(place, value), place


@TYPES
@pytest.mark.parametrize("nothing", [None, {}, []], ids=["null", "empty object", "empty array"])
def test_nothing_is_not_a_value(resource_type, nothing):
    for place in PLACES[resource_type]:
        value, expression = in_array(place, nothing)
        assert (expression, "structure") in problems(place, value), place
        assert (at(place), "structure") in problems(place, nothing), place


@TYPES
def test_a_mandatory_element_is_missed(resource_type):
    for place in PLACES[resource_type]:
        if place.element.minimum:
            owner = owner_with(place)
            del owner[place.name]
            assert (at(place), "required") in found(build(place, owner or {"id": "1"})), place


@TYPES
def test_a_code_outside_its_value_set_is_refused(resource_type):
    for place in PLACES[resource_type]:
        if place.element.value_set:
            wrong = "skov-og-eng" if place.code == "code" else {"text": "skov"}
            value, expression = in_array(place, wrong)
            assert (expression, "code-invalid") in problems(place, value), place


@TYPES
def test_a_choice_is_made_once(resource_type):
    for place in PLACES[resource_type]:
        if place.element.is_choice:
            other = next(name for name in place.element.json_names() if name != place.name)
            owner = {**owner_with(place), other: "skov"}
            assert (at(place), "structure") in found(build(place, owner)), place


@TYPES
def test_a_primitive_can_have_an_extension_of_its_own(resource_type):
    for place in PLACES[resource_type]:
        if place.code in PRIMITIVES:
            value, _ = in_array(place, {"extension": [{"url": "https://example.dk/e", "valueCode": "da"}]})
            owner = {**owner_with(place), "_" + place.name: value}
            problems = {issue for issue in found(build(place, owner)) if issue[1] != "invariant"}
            assert problems == set(), place

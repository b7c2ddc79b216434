"""The smallest valid instance of every type, made from the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.structure import tables
from kommunalpro.fhir.structure.primitives import PRIMITIVES

SAMPLES: dict[str, Any] = {
    "string": "Bøgeskov",
    "markdown": "**Bøgeskov**",
    "code": "da",
    "id": "skov-1",
    "internalId": "skov-1",
    "uri": "urn:oid:1.2.208.176.1.2",
    "url": "https://example.dk/skov",
    "canonical": "https://example.dk/fhir/Questionnaire/1|2",
    "oid": "urn:oid:1.2.208",
    "uuid": "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002",
    "date": "2026-11-23",
    "dateTime": "2026-11-23T10:00:00+01:00",
    "instant": "2026-11-23T10:00:00.000+01:00",
    "time": "10:00:00",
    "base64Binary": "U2tvdg==",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">Skov</div>',
    "integer": -3,
    "unsignedInt": 0,
    "positiveInt": 1,
    "decimal": Decimal("1.50"),
    "boolean": True,
}
# What an invariant asks for, so that the smallest instance holds.
ASKED_FOR: dict[str, dict[str, Any]] = {
    "Extension": {"valueString": "Skov"},
    "Organization": {"name": "Skovby Kommune"},
    "Expression": {"expression": "1"},
    "Consent": {"policyRule": {"text": "Sundhedsloven"}},
    "CapabilityStatement": {"rest": [{"mode": "server"}], "description": "Skov"},
    "Parameters.parameter": {"valueString": "Skov"},
    "Condition.stage": {"summary": {"text": "1"}},
    "Condition.evidence": {"code": [{"text": "1"}]},
    "Observation.referenceRange": {"text": "0-1"},
    "Patient.contact": {"name": {"text": "Eg"}},
    "Bundle.entry": {"resource": {"resourceType": "Basic", "code": {"text": "Skov"}}},
    "ValueSet.compose.include": {"system": "https://example.dk/cs"},
    "ValueSet.expansion.contains": {"system": "https://example.dk/cs", "code": "skov"},
    "DataRequirement.codeFilter": {"path": "code"},
    "DataRequirement.dateFilter": {"path": "date"},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
}
# The first code of these asks for more than the smallest instance has.
CODES = {
    "item-type": "string",
    "bundle-type": "collection",
    "concept-map-equivalence": "equal",
    "conceptmap-unmapped-mode": "provided",
    "capability-statement-kind": "requirements",
    "trigger-type": "data-added",
    "questionnaire-enable-operator": "=",
}


@dataclass(frozen=True)
class Place:
    """One element, reached from a resource: through which elements, and under which of its JSON names."""

    resource_type: str
    steps: tuple[tuple[str, tables.Element], ...]
    """(owner type, element) from the resource down to the element itself."""
    name: str
    code: str

    @property
    def element(self) -> tables.Element:
        return self.steps[-1][1]

    @property
    def parent_expression(self) -> str:
        names = [element.path_name + ("[0]" if element.is_array else "") for _, element in self.steps[:-1]]
        return ".".join([self.resource_type, *names])

    def __str__(self) -> str:
        return f"{self.parent_expression}.{self.name}"


def value_of(code: str, value_set: str | None = None) -> Any:
    """Make the smallest value of a type."""
    if code.startswith("Reference"):
        return {"display": "Skov"}
    if code == "Resource":
        return {**minimal("Basic"), "id": "skov-1"}
    if code not in PRIMITIVES:
        concept = code == "CodeableConcept" and value_set
        return {"coding": [_coding(value_set)]} if concept else minimal(code.removeprefix("#"))
    if value_set:
        return CODES.get(value_set, min(tables.codes(value_set)))
    return SAMPLES[code]


def _coding(value_set: str) -> dict[str, str]:
    system, code = min(tables.codings(value_set))
    return {"system": system, "code": code}


def minimal(type_name: str) -> dict[str, Any]:
    """Make the smallest valid instance of a resource, datatype or nested element."""
    instance: dict[str, Any] = {"resourceType": type_name} if type_name in tables.resource_types() else {}
    for element in tables.elements(type_name):
        if element.minimum:
            name, code = next(iter(element.json_names().items()))
            value = value_of(code, element.value_set)
            instance[name] = [value] * element.minimum if element.is_array else value
    instance |= ASKED_FOR.get(type_name, {})
    return instance or {"id": "skov-1"}


def build(place: Place, owner: dict[str, Any]) -> dict[str, Any]:
    """Put what holds the element at its place in the smallest resource."""
    for owner_type, element in reversed(place.steps[:-1]):
        name = next(iter(element.json_names()))
        outer = minimal(owner_type)
        for other in element.json_names():
            outer.pop(other, None)
        if owner_type == "Extension":
            outer = {"url": outer["url"]}
            name = next(other for other, code in element.json_names().items() if _reaches(code, place, element))
        outer[name] = [owner] if element.is_array else owner
        owner = outer
    return owner


def _reaches(code: str, place: Place, element: tables.Element) -> bool:
    following = place.steps[[step for _, step in place.steps].index(element) + 1][0]
    return code.removeprefix("#").partition("(")[0] == following


def owner_with(place: Place) -> dict[str, Any]:
    """Make what holds the element, with the element in it."""
    owner = minimal(place.steps[-1][0])
    for other in place.element.json_names():
        owner.pop(other, None)
    is_address = (place.steps[-1][0], place.name) == ("Reference", "reference")  # A string to R4's tables, and a URI.
    value = SAMPLES["uri"] if is_address else value_of(place.code, place.element.value_set)
    owner[place.name] = [value] if place.element.is_array else value
    return owner


def places(resource_type: str, seen: set[str]) -> Iterator[Place]:
    """Give every element of a resource type and of all it reaches; what is in `seen` was given before."""
    waiting: list[tuple[str, tuple[tuple[str, tables.Element], ...]]] = [(resource_type, ())]
    while waiting:
        type_name, steps = waiting.pop(0)
        for element in tables.elements(type_name):
            here = (*steps, (type_name, element))
            for name, code in element.json_names().items():
                yield Place(resource_type, here, name, code)
                inner = "Reference" if code.startswith("Reference") else code.removeprefix("#")
                may_go_in = (
                    inner not in PRIMITIVES
                    and inner != "Resource"
                    and (not element.is_choice or type_name == "Extension")
                )
                if may_go_in and inner not in seen:
                    seen.add(inner)
                    waiting.append((inner, here))

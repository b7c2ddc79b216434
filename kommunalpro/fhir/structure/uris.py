"""Where a resource names something by its address, and where it says something to people, by R4's types.

Addresses stand in references and wherever R4 has a uri, url, oid or canonical; texts wherever it has a string, markdown
or a narrative, but for strings that programs read.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.structure.tables import elements

_REFERENCE = "Reference.reference"
_NAMING = frozenset({"uri", "url", "uuid", "oid", "canonical", _REFERENCE})
READ = frozenset({"string", "markdown", "xhtml"})
"""The types of what people read."""
_NO_TEXT = frozenset(
    {
        _REFERENCE,
        "ActivityDefinition.dynamicValue.path",
        "ActivityDefinition.version",
        "CodeSystem.concept.property.valueString",
        "CodeSystem.version",
        "Coding.version",
        "ConceptMap.group.sourceVersion",
        "ConceptMap.group.targetVersion",
        "ConceptMap.version",
        "ContactPoint.value",
        "DataRequirement.codeFilter.path",
        "DataRequirement.codeFilter.searchParam",
        "DataRequirement.dateFilter.path",
        "DataRequirement.dateFilter.searchParam",
        "DataRequirement.mustSupport",
        "DataRequirement.sort.path",
        "Expression.expression",
        "Identifier.value",
        "ParameterDefinition.max",
        "PlanDefinition.action.dynamicValue.path",
        "PlanDefinition.version",
        "Questionnaire.item.enableWhen.question",
        "Questionnaire.item.linkId",
        "Questionnaire.version",
        "ValueSet.compose.include.filter.value",
        "ValueSet.compose.include.version",
        "ValueSet.expansion.contains.version",
        "ValueSet.expansion.parameter.valueString",
        "ValueSet.version",
    }
)
"""Strings of R4's that are addresses, identifiers, codes or formulas: of definitions, and of the data types.

Each is a type by itself.
"""
_LINKS = ('href="', 'src="')

Change = Callable[[str], str]


def with_uris(resource: Json, change: Change) -> dict[str, Any]:
    """Give a resource with `change` applied to each address in it, also to those that a narrative links to.

    Texts, codes and business identifiers are no addresses, whatever they look like (R4 http.html#trules). What is
    not R4 is left as it is: the check tells of it.
    """
    return dict(_changed(resource, str(resource.get("resourceType", "")), change, _NAMING))


def with_references(resource: Json, change: Change) -> dict[str, Any]:
    """Give a resource with `change` applied to the address of each reference in it, and to no other."""
    return dict(_changed(resource, str(resource.get("resourceType", "")), change, frozenset({_REFERENCE})))


def references(resource: Json) -> Iterator[tuple[str, str]]:
    """Give (FHIRPath, address) of each reference, however deep; what only looks like one is none (Expression)."""
    for path, each in elements_of(resource, "Reference"):
        if isinstance(address := each.get("reference"), str):
            yield f"{path}.reference", address


def elements_of(resource: Json, type: str) -> Iterator[tuple[str, Json]]:
    """Give (FHIRPath, element) of each element of this type of R4's, however deep, in contained resources too.

    What is no object where one should be is left out: the check tells of it.
    """
    found = all_of(resource, frozenset({type}))
    yield from ((path, each) for path, _, each in found if isinstance(each, dict))


def all_of(resource: Json, types: frozenset[str]) -> list[tuple[str, str, Any]]:
    """Give (FHIRPath, type, what stands there) of all that is of one of these types, however deep.

    Of `READ`, that is all that people read, with translations; a narrative with its marks.
    """
    found: list[tuple[str, str, Any]] = []
    itself = str(resource.get("resourceType", ""))
    _find(resource, itself, itself, types, found)
    return found


def _find(value: Any, type: str, path: str, wanted: frozenset[str], found: list[tuple[str, str, Any]]) -> None:
    if isinstance(value, list):
        for number, each in enumerate(value):
            _find(each, type, f"{path}[{number}]", wanted, found)
    elif isinstance(value, dict):
        here = _type_of(value, type)
        if here in wanted:
            found.append((path, here, value))
        names = _types(here)
        for name, each in value.items():
            if isinstance(each, dict | list) or names.get(name) in wanted:
                _find(each, names.get(name, ""), f"{path}.{name.removeprefix('_')}", wanted, found)
    elif isinstance(value, str) and type in wanted:
        found.append((path, type, value))


def _changed(value: Any, type: str, change: Change, naming: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_changed(each, type, change, naming) for each in value]
    if isinstance(value, str):
        if type == "xhtml" and "url" in naming:
            return _linked(value, change)
        return change(value) if type in naming else value
    if not isinstance(value, dict):
        return value
    names = _types(_type_of(value, type))
    return {name: _changed(each, names.get(name, ""), change, naming) for name, each in value.items()}


def _type_of(value: Json, type: str) -> str:
    """Give what an element is: of a resource within a resource, what it calls itself."""
    return str(value.get("resourceType", "")) if type in ("Resource", "DomainResource") else type


def _linked(narrative: str, change: Change) -> str:
    for link in _LINKS:
        first, *rest = narrative.split(link)
        parts = [each.partition('"') for each in rest]
        narrative = link.join([first, *(change(address) + quote + after for address, quote, after in parts)])
    return narrative


@cache
def _types(type: str) -> dict[str, str]:
    """Give the type of each JSON name that an element of this type can have; empty for what is not known."""
    try:
        known = elements(type)
    except KeyError:
        return {}
    found: dict[str, str] = {}
    for element in known:
        for name, word in element.json_names().items():
            found[name] = word.removeprefix("#").partition("(")[0]
            found[f"_{name}"] = "Element"
    return found | {name: place for name in found if (place := f"{type}.{name}") in _NO_TEXT}

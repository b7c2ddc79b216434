"""Invariants of the resources that define something: Questionnaire, ValueSet, CapabilityStatement."""

from collections.abc import Iterator, Mapping
from typing import Any

from kommunalpro.fhir.structure.invariants.catalogue import Catalogue, choice, is_distinct

DEFINITIONS = Catalogue()

# --- Questionnaire
_ITEM = "Questionnaire.item"
_WITH_OPTIONS = frozenset(
    {"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
)
_WITH_LENGTH = frozenset({"boolean", "decimal", "integer", "string", "text", "url", "open-choice"})


@DEFINITIONS.rule("que-2", "Questionnaire", "To spørgsmål har samme linkId.", "linkIds are not unique")
def _(questionnaire: Mapping[str, Any]) -> bool:
    return is_distinct([item.get("linkId") for item in _items(questionnaire)])


def _items(parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in parent.get("item", ()):
        yield item
        yield from _items(item)


@DEFINITIONS.rule(
    "que-1",
    _ITEM,
    "En gruppe skal have indhold, og en tekst kan ikke have det.",
    "a group has items, a display has none",
)
def _(item: Mapping[str, Any]) -> bool:
    return {"group": "item" in item, "display": "item" not in item}.get(item.get("type", ""), True)


@DEFINITIONS.rule("que-3", _ITEM, "En tekst kan ikke have en kode.", "a display has no code")
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") != "display" or "code" not in item


DEFINITIONS.excludes("que-4", _ITEM, "answerOption", "answerValueSet")


@DEFINITIONS.rule(
    "que-5",
    _ITEM,
    "Denne type spørgsmål kan ikke have svarmuligheder.",
    "this type has no answerOption or answerValueSet",
)
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") in _WITH_OPTIONS or ("answerOption" not in item and "answerValueSet" not in item)


@DEFINITIONS.rule("que-6", _ITEM, "En tekst kan ikke skulle besvares.", "a display has no required or repeats")
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") != "display" or ("required" not in item and "repeats" not in item)


@DEFINITIONS.rule(
    "que-7", _ITEM + ".enableWhen", "”exists” kræver ja eller nej som svar.", "operator exists requires answerBoolean"
)
def _(condition: Mapping[str, Any]) -> bool:
    return condition.get("operator") != "exists" or "answerBoolean" in condition or "_answerBoolean" in condition


@DEFINITIONS.rule(
    "que-8", _ITEM, "Grupper og tekster kan ikke have et svar på forhånd.", "a group or display has no initial"
)
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") not in {"group", "display"} or "initial" not in item


@DEFINITIONS.rule("que-9", _ITEM, "En tekst kan ikke være skrivebeskyttet.", "a display has no readOnly")
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") != "display" or "readOnly" not in item


@DEFINITIONS.rule("que-10", _ITEM, "Kun enkle svar kan have en længste længde.", "this type has no maxLength")
def _(item: Mapping[str, Any]) -> bool:
    return item.get("type") in _WITH_LENGTH or "maxLength" not in item


DEFINITIONS.excludes("que-11", _ITEM, "answerOption", "initial")


@DEFINITIONS.rule(
    "que-12",
    _ITEM,
    "Flere betingelser kræver, at ”enableBehavior” er valgt.",
    "more than one enableWhen requires enableBehavior",
)
def _(item: Mapping[str, Any]) -> bool:
    # R4's text says "more than one", its expression "> 2", a known fault; we take what others take by the expression.
    return len(item.get("enableWhen", ())) <= 2 or "enableBehavior" in item


@DEFINITIONS.rule(
    "que-13",
    _ITEM,
    "Flere svar på forhånd kræver, at spørgsmålet kan gentages.",
    "more than one initial requires repeats",
)
def _(item: Mapping[str, Any]) -> bool:
    return item.get("repeats") is True or len(item.get("initial", ())) <= 1


# --- Terminology
@DEFINITIONS.rule("csd-1", "CodeSystem", "To begreber har samme kode.", "codes are not unique")
def _(system: Mapping[str, Any]) -> bool:
    return is_distinct([concept.get("code") for concept in _concepts(system)])


def _concepts(parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for concept in parent.get("concept", ()):
        yield concept
        yield from _concepts(concept)


_INCLUDE = "ValueSet.compose.include"  # `exclude` is made of the same.
DEFINITIONS.any_of("vsd-1", _INCLUDE, "valueSet", "system")
DEFINITIONS.requires("vsd-2", _INCLUDE, "concept", "system")
DEFINITIONS.requires("vsd-2", _INCLUDE, "filter", "system")
DEFINITIONS.excludes("vsd-3", _INCLUDE, "concept", "filter")

_CONTAINS = "ValueSet.expansion.contains"
DEFINITIONS.any_of("vsd-6", _CONTAINS, "code", "display")
DEFINITIONS.requires("vsd-10", _CONTAINS, "code", "system")


@DEFINITIONS.rule("vsd-9", _CONTAINS, "En kode mangler.", "a concept without a code is abstract")
def _(concept: Mapping[str, Any]) -> bool:
    return "code" in concept or concept.get("abstract") is True


@DEFINITIONS.rule(
    "cmd-1",
    "ConceptMap.group.element.target",
    "En snævrere eller upræcis oversættelse skal forklares.",
    "comment is missing",
)
def _(target: Mapping[str, Any]) -> bool:
    return "comment" in target or target.get("equivalence") not in {"narrower", "inexact"}


@DEFINITIONS.rule(
    "cmd-2", "ConceptMap.group.unmapped", "En fast oversættelse kræver en kode.", "mode fixed requires code"
)
def _(unmapped: Mapping[str, Any]) -> bool:
    return unmapped.get("mode") != "fixed" or "code" in unmapped


@DEFINITIONS.rule(
    "cmd-3", "ConceptMap.group.unmapped", "En anden oversættelse kræver dens adresse.", "mode other-map requires url"
)
def _(unmapped: Mapping[str, Any]) -> bool:
    return unmapped.get("mode") != "other-map" or "url" in unmapped


# --- CapabilityStatement
_CAPABILITY = "CapabilityStatement"
DEFINITIONS.any_of("cpb-1", _CAPABILITY, "rest", "messaging", "document")
DEFINITIONS.any_of("cpb-2", _CAPABILITY, "description", "software", "implementation")


@DEFINITIONS.rule("cpb-14", _CAPABILITY, "En kørende server skal beskrives.", "kind instance requires implementation")
def _(statement: Mapping[str, Any]) -> bool:
    return statement.get("kind") != "instance" or "implementation" in statement


@DEFINITIONS.rule(
    "cpb-15",
    _CAPABILITY,
    "Et program beskrives som program.",
    "kind capability requires software, and no implementation",
)
def _(statement: Mapping[str, Any]) -> bool:
    return statement.get("kind") != "capability" or ("software" in statement and "implementation" not in statement)


@DEFINITIONS.rule(
    "cpb-16", _CAPABILITY, "Et krav beskriver ikke et program.", "kind requirements has no software or implementation"
)
def _(statement: Mapping[str, Any]) -> bool:
    return statement.get("kind") != "requirements" or (
        "software" not in statement and "implementation" not in statement
    )


@DEFINITIONS.rule("cpb-9", _CAPABILITY + ".rest", "En type står to gange.", "a resource type is listed twice")
def _(rest: Mapping[str, Any]) -> bool:
    return is_distinct([resource.get("type") for resource in rest.get("resource", ())])


@DEFINITIONS.rule(
    "cpb-12", _CAPABILITY + ".rest.resource", "En søgeparameter står to gange.", "a search parameter is listed twice"
)
def _(resource: Mapping[str, Any]) -> bool:
    return is_distinct([parameter.get("name") for parameter in resource.get("searchParam", ())])


# --- Goal and what carries values by name
@DEFINITIONS.rule("gol-1", "Goal.target", "Et mål med tal kræver, hvad der måles.", "detail requires measure")
def _(target: Mapping[str, Any]) -> bool:
    return choice(target, "detail") is None or "measure" in target

"""The value sets of a questionnaire: what can be chosen is put into it when it is published, and stays as it was.

A published questionnaire never changes (`fut.md` §0.5), and what it offers is part of it; the ValueSet that it names
may say something else tomorrow. So a questionnaire holds its ValueSets itself (contained), as every reader of it can
show them. Nothing in FUT says how: ours.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import terminology
from kommunalpro.fut.concepts import MEANS_MORE, Concept
from kommunalpro.fut.terminology import CannotTell, Terminology

MOST_CODES = 1000
"""A longer list is not put into a questionnaire, nor could anybody choose from it."""

_KEPT = ("url", "version", "name", "title", "status", "copyright", "compose", "expansion")
_SAID_OF_A_CODE = ("extension", "modifierExtension", "code", "display", "_display", "designation")


def with_value_sets(questionnaire: dict[str, Any], session: Session) -> dict[str, Any]:
    """Give a questionnaire with the ValueSets that it names by their canonical URL, which each item goes on to tell.

    One that is not here stays named; what is published is refused without it.
    """
    contained = list(questionnaire.get("contained", ()))
    taken = {each.get("id") for each in contained}
    places: dict[str, str] = {}
    terms = terminology(session)
    for url in dict.fromkeys(_named(questionnaire.get("item", ()))):
        found = _value_set(url, terms)
        if found is not None:
            id = next(each for number in range(1, len(taken) + 2) if (each := f"value-set-{number}") not in taken)
            taken.add(id)
            places[url] = f"#{id}"
            contained.append({"resourceType": "ValueSet", "id": id, **found})
    if not places:
        return questionnaire
    items = _each(questionnaire["item"], lambda item: _placed(item, places))
    return {**questionnaire, "contained": contained, "item": items}


def as_named(questionnaire: dict[str, Any]) -> dict[str, Any]:
    """Give a questionnaire that names its ValueSets again: a new version has what they say when it is published."""
    if "contained" not in questionnaire:
        return questionnaire
    items = _each(questionnaire.get("item", ()), _freed)
    freed = _places(questionnaire.get("item", ())) - _places(items)
    contained = [each for each in questionnaire["contained"] if f"#{each.get('id')}" not in freed]
    bare = {name: value for name, value in questionnaire.items() if name != "contained"}
    return {**bare, **({"contained": contained} if contained else {}), **({"item": items} if items else {})}


def _named(items: Any) -> Iterator[str]:
    return (url for url in _all(items) if not url.startswith("#"))


def _places(items: Any) -> set[str]:
    return {url for url in _all(items) if url.startswith("#")}


def _all(items: Any) -> Iterator[str]:
    for item in items:
        if "answerValueSet" in item:
            yield item["answerValueSet"]
        yield from _all(item.get("item", ()))


def _each(items: Any, change: Callable[[Json], Json]) -> list[Json]:
    return [change({**item, "item": _each(item["item"], change)} if "item" in item else item) for item in items]


def _placed(item: Json, places: Mapping[str, str]) -> Json:
    url = item.get("answerValueSet", "")
    if url not in places:
        return item
    told = item.get("_answerValueSet", {})
    names = [*told.get("extension", ()), {"url": ehealth.NAMED_VALUE_SET, "valueCanonical": url}]
    return {**item, "answerValueSet": places[url], "_answerValueSet": {**told, "extension": names}}


def _freed(item: Json) -> Json:
    told = item.get("_answerValueSet", {})
    named = extension_value(told, ehealth.NAMED_VALUE_SET)
    if not isinstance(named, str):
        return item
    others = [each for each in told["extension"] if each["url"] != ehealth.NAMED_VALUE_SET]
    bare = {name: value for name, value in item.items() if name != "_answerValueSet"}
    kept = {
        **{name: value for name, value in told.items() if name != "extension"},
        **({"extension": others} if others else {}),
    }
    return {**bare, "answerValueSet": named, **({"_answerValueSet": kept} if kept else {})}


def _value_set(canonical: str, terms: Terminology) -> dict[str, Any] | None:
    """Give what is kept of a ValueSet, with its codes told one by one; None: it is not here."""
    found = terms.find("ValueSet", canonical)
    if found is None:
        return None
    kept = {name: found[name] for name in (*MEANS_MORE, *_KEPT) if name in found}
    if "expansion" not in kept and not _is_listed(kept.get("compose", {})):
        kept["compose"] = _listed(found, terms)
    return kept


def _is_listed(compose: Json) -> bool:
    """Tell whether a ValueSet tells its own codes one by one."""
    includes = compose.get("include", ())
    own = all({"system", "concept"} <= each.keys() and "valueSet" not in each for each in includes)
    return own and "exclude" not in compose


def _listed(value_set: Json, terms: Terminology) -> Json:
    """Give what a ValueSet is put together of as its codes; as it is where they are not all here: refused later.

    Headings are not among them: they are nothing that anybody could choose.
    """
    compose: Json = value_set["compose"]
    try:
        found = [each for each in terms.expand(value_set).values() if not each.is_abstract]
    except CannotTell:
        return compose
    if not 0 < len(found) <= MOST_CODES:
        return compose
    includes = [
        {
            "system": system,
            **({"version": version} if version else {}),
            "concept": [_concept(each) for each in concepts],
        }
        for (system, version), concepts in groupby(found, key=lambda each: (each.system, each.version))
    ]
    return {"include": includes}


def _concept(concept: Concept) -> dict[str, Any]:
    """Give a code with the words that the ValueSet has for it, else its code system's."""
    said = {**concept.said, **concept.chosen}
    return {name: said[name] for name in _SAID_OF_A_CODE if name in said}

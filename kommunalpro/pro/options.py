"""What one may choose: answerOption, or a ValueSet that the questionnaire contains."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.images import read_images
from kommunalpro.pro.item import Option, identity_of
from kommunalpro.pro.markup import cleaned
from kommunalpro.pro.noting import NUMBER, Note, check_understood, typed
from kommunalpro.pro.text import Text, fhir_text, moment, number
from kommunalpro.pro.values import is_value

CHOICES = ("choice", "open-choice")
_KINDS = {
    **dict.fromkeys(CHOICES, ("Coding", "Integer", "Date", "Time", "String", "Reference")),
    "integer": ("Integer",),
    "date": ("Date",),
    "time": ("Time",),
    "string": ("String",),
    "text": ("String",),
}
"""Item type → the types of option it may have (R4, `answerOption.value[x]`)."""
_UNLISTED = ("filter", "valueSet")


def read_options(
    item: Json, resources: Mapping[str, Json], note: Note
) -> tuple[tuple[Option, ...], Mapping[Any, Option]]:
    """Give the options of an item in order, and by what identifies an answer that chooses them.

    `resources` holds the questionnaire's own by `#id`.
    """
    if "answerValueSet" in item:
        options = tuple(_from_value_set(item["answerValueSet"], resources, note))
    else:
        options = tuple(_option(each, resources, note) for each in item.get("answerOption", ()))
        if item["type"] == "choice" and not options:
            note("options-missing")
    chosen: dict[Any, Option] = {}
    for option in options:
        _check(option, chosen, item["type"], note)
    return options, chosen


def _option(option: Json, resources: Mapping[str, Json], note: Note) -> Option:
    ordinal = _ordinal(option, note)
    if ordinal is None and "valueCoding" in option:
        ordinal = _ordinal(option["valueCoding"], note)
    return Option(
        value={key: each for key, each in option.items() if key.startswith("value")},
        text=_text(option),
        ordinal=ordinal,
        is_exclusive=bool(typed(option, ehealth.OPTION_EXCLUSIVE, bool, note)),
        is_initial=bool(option.get("initialSelected")),
        images=read_images(option, resources, note),
        xhtml=_xhtml(option, note),
    )


def _xhtml(option: Json, note: Note) -> str | None:
    """Give the words of an option as markup, which stands on its value; of a coding also on its display."""
    coding = option.get("valueCoding")
    if coding is None:
        elements = [each for key, each in option.items() if key.startswith("_value")]
    elif "extension" in coding or "_display" in coding:
        elements = [coding, coding.get("_display", {})]
    else:
        return None
    found = [typed(each, ehealth.RENDERING_XHTML, str, note) for each in elements if "extension" in each]
    return cleaned(next(filter(None, found), None))


def _text(option: Json) -> Text:
    kind, value = kind_and_value(option)
    if kind == "Coding":
        shown = fhir_text(value, "display")
        return shown if shown.da else Text(str(value.get("code", "")))
    if kind == "Reference":
        shown = fhir_text(value, "display")
        return shown if shown.da else Text(str(value.get("reference", "")))
    if kind == "String":
        return fhir_text(option, "valueString")
    if isinstance(value, int | Decimal):
        return number(value)
    return moment(value) if kind in ("Date", "Time") and is_value(kind, value) else Text(str(value))


def _from_value_set(url: str, resources: Mapping[str, Json], note: Note) -> Iterator[Option]:
    """Read a ValueSet: its expansion, else the concepts that it lists.

    One that says more than it lists (a whole code system, a filter, another value set, an exception) is refused: what
    is offered would not be what its editor meant.
    """
    value_set = resources.get(url, {})
    if value_set.get("resourceType") != "ValueSet":
        note("value-set", url=url)
        return
    check_understood(value_set, note)
    if "expansion" in value_set:
        expansion = value_set["expansion"]
        check_understood(expansion, note)
        options = list(_expanded(expansion.get("contains", ()), note))
        is_whole = expansion.get("total", 0) <= len(options)
    else:
        compose = value_set.get("compose", {})
        includes = compose.get("include", ())
        for each in (compose, *includes):
            check_understood(each, note)
        listed = [(each.get("system"), concept) for each in includes for concept in each.get("concept", ())]
        for _, concept in listed:
            check_understood(concept, note)
        options = [_coded(system, concept, note) for system, concept in listed]
        is_whole = "exclude" not in compose and all(each.keys().isdisjoint(_UNLISTED) for each in includes)
        is_whole = is_whole and all(each.get("concept") for each in includes)
    if not options or not is_whole:
        note("value-set-listing", url=url)
    yield from options


def _expanded(contains: Any, note: Note) -> Iterator[Option]:
    for each in contains:
        check_understood(each, note)
        if not each.get("abstract"):
            yield _coded(each.get("system"), each, note)
        yield from _expanded(each.get("contains", ()), note)


def _coded(system: str | None, concept: Json, note: Note) -> Option:
    coding = {name: concept[name] for name in ("code", "display", "_display") if name in concept}
    text = _text({"valueCoding": coding})
    return Option(
        value={"valueCoding": {**({"system": system} if system else {}), **coding}},
        text=_designated(concept, text) if "designation" in concept else text,
        ordinal=_ordinal(concept, note),
    )


def _designated(concept: Json, text: Text) -> Text:
    """Give a concept's words in both languages, which a value set has as designations; the display's own come first.

    One with another use than to be displayed (a definition, an abbreviation) is none.
    """
    known = [each for each in concept["designation"] if each.get("use", {}).get("code", "display") == "display"]
    said = {str(each.get("language")).split("-")[0]: str(each.get("value", "")) for each in reversed(known)}
    danish, english = said.get("da"), said.get("en")
    if text.en:
        return text
    # A display beside a Danish designation is in another language, as most code systems' displays are.
    display = text.da if "display" in concept and danish else ""
    return Text(danish or text.da, english or display)


def _ordinal(element: Json, note: Note) -> Decimal | None:
    """Give the number of an option; None: it has none. R5 calls it itemWeight, and SDC 4.0 with it."""
    if "extension" not in element:
        return None
    found = (typed(element, url, NUMBER, note) for url in (ehealth.ORDINAL_VALUE, ehealth.ITEM_WEIGHT))
    return next((Decimal(number) for number in found if number is not None), None)


def _check(option: Option, chosen: dict[Any, Option], type: str, note: Note) -> None:
    """Take in an option by what identifies it, or note why no answer can be it."""
    kind, value = kind_and_value(option.value)
    identity = identity_of(option.value)
    if kind not in _KINDS.get(type, ()):
        note("option-kind")
    elif not is_value(kind, value):
        note("option-value")
    elif kind == "Coding" and not value.get("code"):
        note("option-code")
    elif identity in chosen:
        note("option-twice")
    else:
        chosen[identity] = option

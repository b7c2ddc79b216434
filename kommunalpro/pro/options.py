"""What one may choose: answerOption, or a ValueSet that the questionnaire contains."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.images import read_images
from kommunalpro.pro.item import Option, same_answer
from kommunalpro.pro.text import Text, fhir_text, number

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


class Note(Protocol):
    """Notes one problem of the item that is being read."""

    def __call__(self, code: str, **parts: int | str) -> None:
        """Note the problem of this code, with what its text names."""
        ...


def read_options(item: Json, contained: Mapping[str, Json], note: Note) -> tuple[Option, ...]:
    """Give the options of an item in order; `contained` holds the questionnaire's resources by `#id`."""
    if "answerValueSet" in item:
        options = tuple(_from_value_set(item["answerValueSet"], contained, note))
    else:
        options = tuple(_option(each, contained) for each in item.get("answerOption", ()))
    for number_, option in enumerate(options):
        _check(option, options[:number_], item["type"], note)
    if item["type"] == "choice" and not options and "answerValueSet" not in item:
        note("options-missing")
    return options


def _option(option: Json, contained: Mapping[str, Json]) -> Option:
    value = {key: each for key, each in option.items() if key.startswith("value")}
    ordinal = extension_value(option, ehealth.ORDINAL_VALUE)
    if ordinal is None and "valueCoding" in option:
        ordinal = extension_value(option["valueCoding"], ehealth.ORDINAL_VALUE)
    return Option(
        value=value,
        text=_text(option),
        ordinal=Decimal(ordinal) if ordinal is not None else None,
        is_exclusive=bool(extension_value(option, ehealth.OPTION_EXCLUSIVE)),
        is_initial=bool(option.get("initialSelected")),
        images=read_images(option, contained),
    )


def _text(option: Json) -> Text:
    kind, value = kind_and_value(option)
    if kind == "Coding":
        shown = fhir_text(value, "display")
        return shown if shown.da else Text(str(value.get("code", "")))
    if kind == "Reference":
        return Text(str(value.get("display") or value.get("reference", "")))
    if kind == "String":
        return fhir_text(option, "valueString")
    return number(value) if isinstance(value, int | Decimal) else Text(str(value))


def _from_value_set(url: str, contained: Mapping[str, Json], note: Note) -> Iterator[Option]:
    """Read a contained ValueSet: its expansion, else the concepts that it lists."""
    value_set = contained.get(url)
    if value_set is None:
        note("value-set", url=url)
        return
    yield from _expanded(value_set.get("expansion", {}).get("contains", ()))
    if "expansion" not in value_set:
        for include in value_set.get("compose", {}).get("include", ()):
            for concept in include.get("concept", ()):
                yield _coded(include.get("system"), concept)


def _expanded(contains: Any) -> Iterator[Option]:
    for each in contains:
        if not each.get("abstract"):
            yield _coded(each.get("system"), each)
        yield from _expanded(each.get("contains", ()))


def _coded(system: str | None, concept: Json) -> Option:
    coding = {name: concept[name] for name in ("code", "display", "_display") if name in concept}
    ordinal = extension_value(concept, ehealth.ORDINAL_VALUE)
    return Option(
        value={"valueCoding": {**({"system": system} if system else {}), **coding}},
        text=_text({"valueCoding": coding}),
        ordinal=Decimal(ordinal) if ordinal is not None else None,
    )


def _check(option: Option, earlier: tuple[Option, ...], type: str, note: Note) -> None:
    kind, value = kind_and_value(option.value)
    if kind not in _KINDS.get(type, ()):
        note("option-kind")
    elif kind == "Coding" and not value.get("code"):
        note("option-code")
    elif any(same_answer(option.value, each.value) for each in earlier):
        note("option-twice")

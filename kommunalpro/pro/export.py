"""A declared score as FHIRPath in the questionnaire itself, so that other systems compute the same number.

FUT's profile is ehealth-questionnaire-advanced: variables on the questionnaire, an item with calculatedExpression, and
ordinalValue on options. Only FHIRPath that every engine has is used, and `ordinal()`, which SDC adds.

Source: `fut.md` 1A; FHIRPath 2.0; SDC 3.0.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.possible import NUMERIC
from kommunalpro.pro.reading import FHIRPATH
from kommunalpro.pro.score_definition import Added, ScoreDefinition, Values
from kommunalpro.pro.score_fit import score_fit_problems
from kommunalpro.pro.scoring import answer_key, answer_value, ends

LONGEST_NAME = 64

Ordinals: TypeAlias = Mapping[str, Mapping[str, Decimal]]
"""linkId → code of an option → the ordinalValue it is to have."""


class ExportError(ValueError):
    """A score that cannot be written as FHIRPath for this questionnaire."""


@dataclass(frozen=True, slots=True)
class ExportedScore:
    """What a questionnaire gets: `variables` as extensions, `item` as its last item, `ordinals` on its options."""

    variables: tuple[Json, ...]
    item: Json
    ordinals: Ordinals


def export_score(definition: ScoreDefinition, form: Form) -> ExportedScore:
    """Write a score as FHIRPath.

    Raises:
        ExportError: it does not fit the questionnaire, or its item's linkId is taken.
    """
    problems = score_fit_problems(definition, form)
    if problems:
        raise ExportError("; ".join(str(problem) for problem in problems))
    link_id = f"score-{definition.id}"
    if link_id in form.places:
        raise ExportError(f"the linkId {link_id} is taken")
    return _Export(definition, form).exported(link_id)


def with_score(questionnaire: Json, exported: ExportedScore) -> dict[str, Any]:
    """Give a questionnaire with a score in it."""
    return {
        **questionnaire,
        "extension": [*questionnaire.get("extension", ()), *exported.variables],
        "item": [*_numbered(questionnaire.get("item", ()), exported.ordinals), exported.item],
    }


class _Export:
    def __init__(self, definition: ScoreDefinition, form: Form) -> None:
        self._definition, self._form = definition, form
        # FHIR allows letters, digits, - and . in the name of an expression, FHIRPath letters, digits and _ in %names.
        self._name = f"score{definition.id.replace('-', 'X')}"
        self._variables: dict[str, str] = {}
        self._ordinals: dict[str, Mapping[str, Decimal]] = {}

    def exported(self, link_id: str) -> ExportedScore:
        counted = self._variable("Items", _combined(list(self._parts())))
        expression = f"iif({counted}.count() >= {self._definition.at_least}, {self._value(counted)})"
        return ExportedScore(
            tuple(_expression(ehealth.VARIABLE, text, name) for name, text in self._variables.items()),
            self._item(link_id, expression),
            self._ordinals,
        )

    def _variable(self, part: str, text: str) -> str:
        """Name a part of the whole, so that no expression becomes large."""
        name = f"{self._name}{part}"
        if len(name) > LONGEST_NAME:
            raise ExportError(f"the id {self._definition.id} is too long")
        self._variables[name] = text
        return f"%{name}"

    def _parts(self) -> Iterator[str]:
        """Give the numbers of the items, those that are read in the same way together."""
        alike: dict[str, list[str]] = {}
        for link_id in self._definition.items:
            item, values = self._form.item(link_id), self._definition.values.get(link_id)
            read = self._read(item, values)
            if link_id in self._definition.reversed:
                both = ends(item, values) or ()
                read += f".select({_number(sum(both, Decimal(0)))} - $this)"
            alike.setdefault(read, []).append(link_id)
        for read, link_ids in alike.items():
            yield read if read.startswith("%") else _answers(*link_ids) + read

    def _read(self, item: Item, values: Values | None) -> str:
        """Give how the number of an answer is read: what follows the answers, or all of it, from a variable on."""
        own = {answer_key(option.value): answer_value(item, option.value) for option in item.options}
        is_coded = bool(own) and all("valueCoding" in option.value for option in item.options)
        if values is None or (own and own == values):
            return _own_number(item) if is_coded or not own else self._mapped(item, own)
        if is_coded and item.type == "choice" and not any(option.ordinal is not None for option in item.options):
            self._ordinals[item.link_id] = {code: number for code, number in values.items() if number is not None}
            return ".value.ordinal()"
        return self._mapped(item, values)

    def _mapped(self, item: Item, values: Values) -> str:
        """Look a number up by the answer."""
        answers = self._variable(f"Answer{len(self._variables)}", _answers(item.link_id) + _own_value(item))
        is_text = not item.options and item.type not in (*NUMERIC, "boolean")
        found = []
        for key, number in values.items():
            kind = next((next(iter(each.value)) for each in item.options if answer_key(each.value) == key), "")
            tested = "code" if kind == "valueCoding" else "$this"
            wanted = _text(key) if kind in ("valueCoding", "valueString") or is_text else key
            if number is not None:
                found.append(f"{answers}.where({tested} = {wanted}).select({_number(number)})")
        return self._variable(f"Values{len(self._variables)}", _combined(found))

    def _value(self, counted: str) -> str:
        """Give the number, when enough is answered: one division, last, as `scoring` does."""
        definition = self._definition
        total, parts = self._total(counted), [f"{counted}.count()"] if self._is_shared else []
        if definition.table is not None:
            found = (
                f"{total}.where($this = {_number(raw)}).select({_number(to)})" for raw, to in definition.table.items()
            )
            total = self._variable("Table", _combined(list(found)))
        if definition.divisor != 1:
            parts.append(_number(definition.divisor))
        value = total if definition.factor == 1 else f"{_number(definition.factor)} * {total}"
        if definition.offset != 0:
            value += f" + {' * '.join([_number(definition.offset), *parts])}"
        if parts:
            value = f"({value}) / ({' * '.join(parts)})"
        return value if definition.decimals is None else f"({value}).round({definition.decimals})"

    @property
    def _is_shared(self) -> bool:
        """Whether the total is divided by how many items are answered."""
        return self._definition.method == "mean" or self._definition.is_prorated

    def _total(self, counted: str) -> str:
        text = f"{counted}.aggregate($total + $this, 0)"
        if self._definition.is_prorated:
            text += f" * {len(self._definition.items)}"
        for each in self._definition.added:
            add = f"{_number(each.add)} * {counted}.count()" if self._is_shared else _number(each.add)
            text += f" + iif({_holds(counted, each)}, {add}, 0)"
        return self._variable("Total", text)

    def _item(self, link_id: str, expression: str) -> dict[str, Any]:
        definition = self._definition
        extensions = [
            _expression(ehealth.CALCULATED_EXPRESSION, expression),
            {"url": ehealth.USAGE_MODE, "valueCode": "display-non-empty"},
            {"url": ehealth.MIN_VALUE, "valueDecimal": definition.scale.low},
            {"url": ehealth.MAX_VALUE, "valueDecimal": definition.scale.high},
        ]
        if definition.decimals is not None:
            extensions.append({"url": ehealth.MAX_DECIMAL_PLACES, "valueInteger": definition.decimals})
        item = {"linkId": link_id, "type": "decimal", "text": definition.title.da, "readOnly": True}
        if definition.title.en:
            language = {"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": definition.title.en}
            item["_text"] = {"extension": [complex_extension(ehealth.TRANSLATION, *language)]}
        return {**item, "extension": extensions}


def _answers(*link_ids: str) -> str:
    names = [_text(each) for each in link_ids]
    test = f"linkId = {names[0]}" if len(names) == 1 else f"linkId in ({' | '.join(names)})"
    return f"%resource.descendants().where({test}).answer"


def _own_number(item: Item) -> str:
    """Give how the questionnaire's own number of an answer is read; of free words beside options there is none."""
    if not item.options:
        return _own_value(item)
    return ".ordinal()" if item.type == "open-choice" else ".value.ordinal()"


def _own_value(item: Item) -> str:
    return ".value.value" if item.type == "quantity" else ".value"


def _holds(counted: str, each: Added) -> str:
    if each.operator == "!=":
        return f"{counted}.where($this = {_number(each.value)}).empty()"
    return f"{counted}.where($this {each.operator} {_number(each.value)}).exists()"


def _combined(parts: list[str]) -> str:
    return parts[0] + "".join(f".combine({part})" for part in parts[1:])


def _number(number: Decimal) -> str:
    return f"{number:f}"


def _text(text: str) -> str:
    if "\\" in text:
        raise ExportError(f"{text!r} has a backslash, which engines read in different ways")
    return "'" + text.replace("'", "\\'") + "'"


def _expression(url: str, text: str, name: str | None = None) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return {"url": url, "valueExpression": {**named, "language": FHIRPATH, "expression": text}}


def _numbered(items: Iterable[Json], ordinals: Ordinals) -> Iterator[dict[str, Any]]:
    for item in items:
        changed = dict(item)
        if item.get("linkId") in ordinals:
            numbers = ordinals[item["linkId"]]
            changed["answerOption"] = [_with_ordinal(option, numbers) for option in item.get("answerOption", ())]
        if "item" in item:
            changed["item"] = list(_numbered(item["item"], ordinals))
        yield changed


def _with_ordinal(option: Json, numbers: Mapping[str, Decimal]) -> Json:
    number = numbers.get(option.get("valueCoding", {}).get("code", ""))
    if number is None:
        return option
    ordinal = {"url": ehealth.ORDINAL_VALUE, "valueDecimal": number}
    return {**option, "extension": [*option.get("extension", ()), ordinal]}

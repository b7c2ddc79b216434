"""Reading the items of a Questionnaire: FHIR's and FUT's JSON becomes `Item`, and all that is wrong is noted.

Source: R4 Questionnaire; `fut.md` 1A (ehealth-questionnaire) for FUT's extensions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import nh3
import re2

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import OPERATORS, Condition, kind_and_value
from kommunalpro.pro.images import read_images
from kommunalpro.pro.item import INFORMATION, VALUE_KINDS, EnableWhen, Feedback, Item, Rule
from kommunalpro.pro.noting import NUMBER, Extensions, Noting, typed
from kommunalpro.pro.options import read_options
from kommunalpro.pro.problems import Problems
from kommunalpro.pro.text import extension_text, fhir_text
from kommunalpro.pro.values import beginning, compiled, divides, is_value

DEEPEST = 50
MOST = 10_000
_EXPRESSIONS = {
    "enable_expression": ehealth.ENABLE_WHEN_EXPRESSION,
    "calculated_expression": ehealth.CALCULATED_EXPRESSION,
    "initial_expression": ehealth.INITIAL_EXPRESSION,
}
FHIRPATH = "text/fhirpath"
_TYPES = (*INFORMATION, *VALUE_KINDS)
_NOT_IN_LINK_IDS = frozenset("/[]")
"""What paths are put together with."""
_DISPLAY_ONLY = ("display", "display-non-empty")
_LIGHTS = ("red", "yellow", "green")
_BOUNDED = {
    "integer": ("Integer",),
    "decimal": ("Decimal",),
    "quantity": ("Decimal", "Quantity"),
    "date": ("Date",),
    "dateTime": ("DateTime",),
    "time": ("Time",),
}
"""Item type → what its bounds may be."""


def read_items(questionnaire: Json, problems: Problems) -> tuple[Item, ...]:
    """Read all items of a Questionnaire; what cannot be read is noted and left out."""
    for each in questionnaire.get("modifierExtension", ()):
        problems.add("", "Questionnaire", "modifier", url=str(each.get("url")))
    reader = _Reader({f"#{each.get('id')}": each for each in questionnaire.get("contained", ())}, problems, set())
    return tuple(reader.items(questionnaire.get("item", ()), "Questionnaire", 1))


@dataclass(frozen=True, slots=True)
class _Reader:
    contained: Mapping[str, Json]
    problems: Problems
    seen: set[str]

    def items(self, these: Any, where: str, depth: int) -> Iterator[Item]:
        if these and depth > DEEPEST:
            self.problems.add("", where, "depth", limit=DEEPEST)
            return
        for number, item in enumerate(these):
            if len(self.seen) >= MOST:
                self.problems.add("", where, "size", limit=MOST)
                return
            read = self._item(item, f"{where}.item[{number}]", depth)
            if read is not None:
                yield read

    def _item(self, item: Json, where: str, depth: int) -> Item | None:
        link_id = str(item.get("linkId", ""))
        note = Noting(link_id, where, self.problems)
        self._check_link_id(link_id, note)
        if item.get("type") not in _TYPES:
            note("type", type=str(item.get("type")))
            return None
        _check_understood(item, note)
        own = Extensions(item, note)
        children = tuple(self.items(item.get("item", ()), where, depth + 1))
        options, chosen = read_options(item, self.contained, note)
        kinds = (*VALUE_KINDS.get(item["type"], ()), *(kind_and_value(each.value)[0] for each in options))
        return Item(
            link_id=link_id,
            type=item["type"],
            text=fhir_text(item, "text"),
            xhtml=_cleaned(typed(item["_text"], ehealth.RENDERING_XHTML, str, note)) if "_text" in item else None,
            kinds=frozenset(kinds),
            codes=tuple(item.get("code", ())),
            required=bool(item.get("required")),
            repeats=bool(item.get("repeats")),
            read_only=bool(item.get("readOnly")) or own.get(ehealth.CALCULATED_EXPRESSION) is not None,
            max_length=item.get("maxLength"),
            options=options,
            chosen=chosen,
            initial=tuple(item.get("initial", ())),
            enable_when=tuple(_enable_when(item, note)),
            enable_any=item.get("enableBehavior") == "any",
            items=children,
            **(self._extended(item, own, note) if own else {}),
        )

    def _extended(self, item: Json, own: Extensions, note: Noting) -> dict[str, Any]:
        """Give what stands in extensions; where there are none, nothing has to be looked for."""
        return {
            **_words(own, note),
            **_units(item, own),
            **_usage(own),
            **_limits(item, own, note),
            **_expressions(own, note),
            "images": read_images(item, self.contained, note),
            "feedback": tuple(_feedback(own, note)),
            "rules": tuple(_rules(own, note)),
        }

    def _check_link_id(self, link_id: str, note: Noting) -> None:
        if not link_id:
            note("link-id-missing")
        elif link_id in self.seen:
            note("link-id-twice")
        elif link_id != link_id.strip() or not _NOT_IN_LINK_IDS.isdisjoint(link_id):
            note("link-id-form")
        self.seen.add(link_id)


def _check_understood(item: Json, note: Noting) -> None:
    for element in (item, *item.get("answerOption", ()), *item.get("enableWhen", ())):
        for each in element.get("modifierExtension", ()):
            note("modifier", url=str(each.get("url")))
    if item["type"] == "display" and (item.get("item") or item.get("answerOption") or item.get("required")):
        note("display-content")


def _words(own: Extensions, note: Noting) -> dict[str, Any]:
    """Give what is read beside the text, and how it is shown."""
    help_text = own.get(ehealth.QUESTIONNAIRE_HELP_TEXT)
    short = own.get(ehealth.QUESTIONNAIRE_SHORT_TEXT)
    control = own.value(ehealth.ITEM_CONTROL, dict) or {}
    return {
        "short_text": fhir_text(short, "valueString") if short else None,
        "help_text": extension_text(help_text, "text") if help_text else None,
        "help_xhtml": _cleaned(typed(help_text, "xhtml", str, note)) if help_text else None,
        "control": next((coding.get("code") for coding in control.get("coding", ())), None),
        "is_copyright": bool(own.value(ehealth.ITEM_IS_COPYRIGHT, bool)),
    }


def _cleaned(xhtml: str | None) -> str | None:
    """Give markup with only its harmless elements."""
    return nh3.clean(xhtml) if xhtml else None


def _usage(own: Extensions) -> dict[str, Any]:
    """Give where it is shown. Source: questionnaire-usageMode; `fut.md` 1A, advanced."""
    is_hidden, usage = bool(own.value(ehealth.HIDDEN, bool)), own.value(ehealth.USAGE_MODE, str)
    return {"hidden": is_hidden or usage in _DISPLAY_ONLY, "is_read_later": not is_hidden and usage != "capture"}


def _expressions(own: Extensions, note: Noting) -> dict[str, Any]:
    """Give the FHIRPath on an item; what is written in another language is noted, and what is not written at all."""
    found: dict[str, Any] = {}
    for name, url in _EXPRESSIONS.items():
        content = own.value(url, dict)
        if content is not None and content.get("language") != FHIRPATH:
            note("expression-language", language=str(content.get("language")))
        elif content is not None and not content.get("expression"):
            note("expression-syntax", place=1)
        elif content is not None:
            found[name] = str(content["expression"])
    return found


def _units(item: Json, own: Extensions) -> dict[str, Any]:
    """Give the unit to show, and those that a quantity may be answered in: where none are listed, only that one."""
    unit = own.value(ehealth.UNIT, dict) or {}
    listed = [each["valueCoding"] for each in own.all(ehealth.UNIT_OPTION) if "valueCoding" in each]
    only = [unit] if item["type"] == "quantity" and unit.get("code") else []
    return {"unit": unit.get("display") or unit.get("code"), "units": tuple(listed or only)}


def _limits(item: Json, own: Extensions, note: Noting) -> dict[str, Any]:
    """Give what an answer must keep to."""
    least, most = own.value(ehealth.MIN_OCCURS, int), own.value(ehealth.MAX_OCCURS, int)
    if most is not None and most < max(least or 0, 1):
        note("occurs")
    low, high = _bounds(item, own, note)
    return {
        "min_occurs": least,
        "max_occurs": most,
        "min_value": low,
        "max_value": high,
        "step": _step(item, own, (low, high), note),
        "max_decimal_places": own.value(ehealth.MAX_DECIMAL_PLACES, int),
        "pattern": _pattern(own, note),
    }


def _bounds(item: Json, own: Extensions, note: Noting) -> tuple[Any, Any]:
    low, high = _bound(item, own.get(ehealth.MIN_VALUE), note), _bound(item, own.get(ehealth.MAX_VALUE), note)
    if low is not None and high is not None:
        is_upside_down = beginning(low) > beginning(high) if isinstance(low, str) else low > high
        if is_upside_down:
            note("bounds")
    return low, high


def _bound(item: Json, found: Json | None, note: Noting) -> Any:
    """Give a bound as what it is compared with: of a quantity its number."""
    if found is None:
        return None
    _, bound = kind_and_value(found)
    kinds = [each for each in _BOUNDED.get(item["type"], ()) if is_value(each, bound)]
    if not kinds:
        note("bound-kind")
        return None
    return bound["value"] if kinds[0] == "Quantity" else bound


def _step(item: Json, own: Extensions, ends: tuple[Any, Any], note: Noting) -> Decimal | None:
    step = own.value(ehealth.SLIDER_STEP_VALUE_DECIMAL, NUMBER)
    if step is None:
        step = own.value(ehealth.SLIDER_STEP_VALUE, NUMBER)
    if step is None or item["type"] not in ("integer", "decimal"):
        return None
    size = Decimal(step)
    if size <= 0 or (None not in ends and not divides(size, Decimal(ends[0]), Decimal(ends[1]))):
        note("step", step=str(step))
        return None
    return size


def _pattern(own: Extensions, note: Noting) -> str | None:
    """Give the regular expression that the whole answer must match."""
    pattern: str | None = own.value(ehealth.REGEX, str)
    if pattern is not None:
        try:
            compiled(pattern)
        except re2.error:
            note("pattern")
    return pattern


def _enable_when(item: Json, note: Noting) -> Iterator[EnableWhen]:
    conditions = item.get("enableWhen", ())
    if len(conditions) > 1 and item.get("enableBehavior") not in ("all", "any"):
        note("condition-behavior")
    for each in conditions:
        key = next((key for key in each if key.startswith("answer")), "answer")
        if each.get("operator") not in OPERATORS:
            note("condition-operator", operator=str(each.get("operator")))
        else:
            condition = Condition(each["operator"], key.removeprefix("answer"), each.get(key))
            yield EnableWhen(str(each.get("question")), condition)


def _rules(own: Extensions, note: Noting) -> Iterator[Rule]:
    """Give the rules for lights on a question (`fut.md` 2.1)."""
    for each in own.all(ehealth.ANSWER_SIGNIFICANCE):
        light = str((typed(each, "significance", dict, note) or {}).get("code"))
        parts = each.get("extension", ())
        conditions = tuple(
            [_rule_condition(part, note) for part in parts if part.get("url") == ehealth.ANSWER_CONDITION]
        )
        if light not in _LIGHTS:
            note("rule-light", light=light)
        if not 1 <= len(conditions) <= 2:
            note("rule-conditions")
        yield Rule(light, conditions, each)


def _rule_condition(part: Json, note: Noting) -> Condition:
    operator = str(typed(part, "operator", str, note))
    if operator not in OPERATORS:
        note("condition-operator", operator=operator)
    return Condition(operator, *kind_and_value(extension(part, "value") or {}))


def _feedback(own: Extensions, note: Noting) -> Iterator[Feedback]:
    for each in own.all(ehealth.QUESTIONNAIRE_FEEDBACK):
        text = extension_text(each, "value")
        low, high = (typed(each, name, NUMBER, note) for name in ("min", "max"))
        if text is None or low is None or high is None:
            note("feedback")
        else:
            yield Feedback(text, Decimal(low), Decimal(high))

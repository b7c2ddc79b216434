"""Reading the items of a Questionnaire: FHIR's and FUT's JSON becomes `Item`, and all that is wrong is noted.

Source: R4 Questionnaire; `fut.md` 1A (ehealth-questionnaire) for FUT's extensions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from msgspec.structs import replace

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.pro.condition import OPERATORS, Condition, kind_and_value
from kommunalpro.pro.images import read_images
from kommunalpro.pro.initial import check_initial, read_initial
from kommunalpro.pro.item import INFORMATION, VALUE_KINDS, EnableWhen, Item, Rule
from kommunalpro.pro.limits import read_feedback, read_length, read_limits
from kommunalpro.pro.markup import cleaned
from kommunalpro.pro.noting import Extensions, Noting, check_understood, typed
from kommunalpro.pro.options import read_options
from kommunalpro.pro.problems import Problems
from kommunalpro.pro.text import Text, extension_text, fhir_text, unit_text

DEEPEST = 50
MOST = 10_000
_EXPRESSIONS = {
    "enable_expression": ehealth.ENABLE_WHEN_EXPRESSION,
    "calculated_expression": ehealth.CALCULATED_EXPRESSION,
    "initial_expression": ehealth.INITIAL_EXPRESSION,
}
FHIRPATH = "text/fhirpath"
_KINDS = {type: frozenset(VALUE_KINDS.get(type, ())) for type in (*INFORMATION, *VALUE_KINDS)}
_TYPES = tuple(_KINDS)
_NOT_IN_LINK_IDS = frozenset("/[]")
"""What paths are put together with."""
_NOT_ON_DISPLAYS = frozenset(("item", "answerOption", "answerValueSet", "required", "repeats", "readOnly"))
"""R4: que-1, que-5, que-6, que-9."""
_ELEMENTS = ("answerOption", "enableWhen", "initial")
"""What in an item may have a modifierExtension of its own; items below it are read by themselves."""
_DISPLAY_ONLY = ("display", "display-non-empty")
_LIGHTS = ("red", "yellow", "green")


def read_items(questionnaire: Json, problems: Problems) -> tuple[Item, ...]:
    """Read all items of a Questionnaire; what cannot be read is noted and left out."""
    check_understood(questionnaire, Noting("", "Questionnaire", problems))
    contained = {f"#{each.get('id')}": each for each in questionnaire.get("contained", ())}
    reader = _Reader(contained, problems, set())
    return tuple(reader.items(questionnaire.get("item", ()), "Questionnaire", 1))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads items. `resources` are those that they refer to, contained, by `#id`."""

    resources: Mapping[str, Json]
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
        _check_item(item, note)
        own = Extensions(item, note)
        children = tuple(self.items(item.get("item", ()), where, depth + 1))
        options, chosen = read_options(item, self.resources, note)
        kinds = _KINDS[item["type"]]
        if options:
            kinds |= {kind_and_value(each.value)[0] for each in options}
        made = Item(
            link_id=link_id,
            type=item["type"],
            text=_text(item),
            xhtml=_xhtml(item, note),
            kinds=kinds,
            codes=tuple(item.get("code", ())),
            required=bool(item.get("required")),
            repeats=bool(item.get("repeats")),
            read_only=bool(item.get("readOnly")) or own.get(ehealth.CALCULATED_EXPRESSION) is not None,
            max_length=read_length(item, note),
            options=options,
            chosen=chosen,
            initial=read_initial(item, options),
            enable_when=tuple(_enable_when(item, note)),
            enable_any=item.get("enableBehavior") == "any",
            items=children,
            **(self._extended(item, own, note) if own else {}),
        )
        is_sound = not made.initial or check_initial(made, item, note)
        return made if is_sound else replace(made, initial=())

    def _extended(self, item: Json, own: Extensions, note: Noting) -> dict[str, Any]:
        """Give what stands in extensions; where there are none, nothing has to be looked for."""
        words = _words(own, note)
        return {
            **words,
            **_units(item, own),
            **_usage(own),
            **read_limits(item, own, words["control"], note),
            **_expressions(own, note),
            "images": read_images(item, self.resources, note) if own.get(ehealth.QUESTIONNAIRE_IMAGE) else (),
            "feedback": tuple(read_feedback(item, own, note)),
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


def _check_item(item: Json, note: Noting) -> None:
    check_understood(item, note)
    for name in _ELEMENTS:
        if name in item:
            for element in item[name]:
                check_understood(element, note)
    if item["type"] == "display" and not _NOT_ON_DISPLAYS.isdisjoint(item):
        note("display-content")


def _text(item: Json) -> Text:
    """Give what is asked, with what stands before it: `1a`."""
    text = fhir_text(item, "text")
    if "prefix" not in item or not text.da:
        return text
    prefix = fhir_text(item, "prefix")
    return Text(f"{prefix.da} {text.da}", f"{prefix.say('en')} {text.en}" if text.en else "")


def _xhtml(item: Json, note: Noting) -> str | None:
    """Give the text as markup, with what stands before it; None: it has none."""
    if "_text" not in item:
        return None
    xhtml = cleaned(typed(item["_text"], ehealth.RENDERING_XHTML, str, note))
    return f"{nh3.clean_text(fhir_text(item, 'prefix').da)} {xhtml}" if xhtml and "prefix" in item else xhtml


def _words(own: Extensions, note: Noting) -> dict[str, Any]:
    """Give what is read beside the text, and how it is shown."""
    help_text = own.get(ehealth.QUESTIONNAIRE_HELP_TEXT)
    short = own.get(ehealth.QUESTIONNAIRE_SHORT_TEXT)
    control = own.value(ehealth.ITEM_CONTROL, dict) or {}
    return {
        "short_text": fhir_text(short, "valueString") if short else None,
        "help_text": extension_text(help_text, "text") if help_text else None,
        "help_xhtml": cleaned(typed(help_text, "xhtml", str, note)) if help_text else None,
        "control": next((coding.get("code") for coding in control.get("coding", ())), None),
        "is_copyright": bool(own.value(ehealth.ITEM_IS_COPYRIGHT, bool)),
    }


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
    text = unit_text(unit) if unit else None
    return {"unit": unit.get("display") or unit.get("code"), "unit_text": text, "units": tuple(listed or only)}


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
        yield Rule(light, conditions, Lasting(each))


def _rule_condition(part: Json, note: Noting) -> Condition:
    sign, value = None, None
    for each in part.get("extension", ()):
        if each.get("url") == "operator":
            sign = sign or each
        elif each.get("url") == "value":
            value = value or each
    operator = str(kind_and_value(sign)[1]) if sign else "–"
    if operator not in OPERATORS:
        note("condition-operator", operator=operator)
    return Condition(operator, *kind_and_value(value or {}))

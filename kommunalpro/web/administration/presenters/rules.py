"""Conditions and rules of a questionnaire, read back in plain Danish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.web.shared.joining import both, either

LIGHTS = ("red", "yellow", "green")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """All answers to one question that give one light: `light` is red, yellow or green."""

    light: str
    words: str


def rule_lines(item: Json) -> tuple[RuleLine, ...]:
    """Give the rules of a question by light, red first; empty means that the question has no rules."""
    words: dict[str, list[str]] = {}
    for rule in extensions(item, ehealth.ANSWER_SIGNIFICANCE):
        light = extension_value(rule, "significance")["code"]
        words.setdefault(light, []).append(_rule_words(rule, option_texts(item)))
    return tuple(RuleLine(light, either(words[light])) for light in LIGHTS if light in words)


def condition_sentence(item: Json, questions: Mapping[str, Json]) -> str | None:
    """Say when an item is shown; None means always. `questions` holds every item by its linkId."""
    answers: dict[str, list[str]] = {}
    for condition in item.get("enableWhen", ()):
        asked = questions.get(condition["question"], {})
        answers.setdefault(name(asked, condition["question"]), []).append(_enable_words(condition, option_texts(asked)))
    if not answers:
        return None
    any_of = item.get("enableBehavior") == "any"
    join = either if any_of else both
    parts = [
        _("”%(question)s” er %(answer)s") % {"question": asked, "answer": join(each)} for asked, each in answers.items()
    ]
    return _("Vises, når %(conditions)s.") % {"conditions": join(parts)}


def name(item: Json, link_id: str) -> str:
    """Give what staff call a question: its short text, else its text."""
    return str(extension_value(item, ehealth.QUESTIONNAIRE_SHORT_TEXT) or item.get("text") or link_id)


def _rule_words(rule: Json, options: Mapping[str, str]) -> str:
    conditions = [
        (str(extension_value(each, "operator")), extension_value(each, "value"))
        for each in extensions(rule, ehealth.ANSWER_CONDITION)
    ]
    bounds = dict(conditions)
    if bounds.keys() == {">=", "<="}:
        low, high = bounds[">="], bounds["<="]
        return (
            number(low) if low == high else _("fra %(low)s til %(high)s") % {"low": number(low), "high": number(high)}
        )
    return both([compare(operator, value, options) for operator, value in conditions])


def _enable_words(condition: Json, options: Mapping[str, str]) -> str:
    value = next(condition[key] for key in condition if key.startswith("answer"))
    return compare(condition["operator"], value, options)


def compare(operator: str, value: Any, options: Mapping[str, str]) -> str:
    """Say one condition in words: "7 eller mere". `options` are the question's option texts by code."""
    if operator == "exists":
        return _("besvaret") if value else _("ikke besvaret")
    return _phrases()[operator] % {"value": _value(value, options)}


def _phrases() -> Mapping[str, str]:
    return {
        "=": "%(value)s",
        "!=": _("alt andet end %(value)s"),
        ">": _("over %(value)s"),
        "<": _("under %(value)s"),
        ">=": _("%(value)s eller mere"),
        "<=": _("%(value)s eller mindre"),
    }


def _value(value: Any, options: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nej")
    if isinstance(value, Mapping):
        shown = options.get(value.get("code", "")) or value.get("display") or value.get("code", "")
        return f"”{shown}”"
    return number(value)


def number(value: Any) -> str:
    """Give a number as Danes write it: with a comma."""
    return str(value).replace(".", ",")


def option_texts(item: Json) -> Mapping[str, str]:
    """Give the coded options of a question: code → text."""
    codings = [option["valueCoding"] for option in item.get("answerOption", ()) if "valueCoding" in option]
    return {coding.get("code", ""): coding.get("display", "") for coding in codings}

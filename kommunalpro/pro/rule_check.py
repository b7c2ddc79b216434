"""Whether the rules for lights and the bounds of a questionnaire's questions can work at all, before it is published.

A rule that no answer meets would leave a red answer without its light, and a number means nothing without its unit:
what is compared by number alone must be answered in one unit. All problems at once, in both languages.
"""

from collections.abc import Iterator

from kommunalpro.pro.explanation import LIGHT_WORDS
from kommunalpro.pro.form import Form, Item, Rule
from kommunalpro.pro.light import Light
from kommunalpro.pro.possible import possible_answers
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.text import Text

_NEVER = Text(
    "Intet svar kan opfylde reglen nr. {number} for {light}.", "no answer can meet rule {number}, for {light}"
)
_RULE_UNIT = Text(
    "Reglen nr. {number} er i en enhed, som svaret ikke kan have: {unit}.",
    "rule {number} is in a unit that no answer can have: {unit}",
)
_BOUNDS = Text(
    "Spørgsmålet har grænser, men kan besvares i flere enheder.", "it has bounds, and may be answered in several units"
)


def rule_problems(form: Form) -> list[Problem]:
    """Give what cannot work; empty: each rule can be met, and each bound is of one unit."""
    return [
        Problem(item.link_id, f"Questionnaire.descendants().where(linkId='{item.link_id}')", code, text)
        for item in form.questions()
        for code, text in (*_unit_problems(item), *_never_met(item))
    ]


def has_one_unit(item: Item) -> bool:
    """Tell whether the numbers that a question is answered with can be compared by themselves."""
    return item.type != "quantity" or len(item.units) == 1 or (not item.units and bool(item.unit))


def _unit_problems(item: Item) -> Iterator[tuple[str, Text]]:
    if len(item.units) > 1 and (item.min_value is not None or item.max_value is not None):
        yield "unit-bounds", _BOUNDS
    known = {unit.get("code") or unit.get("display") for unit in item.units}
    for number, rule in enumerate(item.rules, 1):
        for unit in _units_of(rule):
            if known and unit not in known:
                yield "rule-unit", _RULE_UNIT.fill(number=str(number), unit=unit or "–")


def _never_met(item: Item) -> Iterator[tuple[str, Text]]:
    units = {unit for rule in item.rules for unit in _units_of(rule)}
    if not item.rules or item.type == "open-choice" or len(units) > 1:
        return
    possible = possible_answers(item)
    for number, rule in enumerate(item.rules, 1):
        if possible is not None and not _is_about_none(rule) and not any(map(rule.is_met_by, possible)):
            yield "rule-never", _NEVER.fill(number=str(number), light=LIGHT_WORDS[Light(rule.light)])


def _units_of(rule: Rule) -> set[str]:
    values = [condition.value for condition in rule.conditions if condition.kind == "Quantity"]
    return {str(value.get("code") or value.get("unit") or "") for value in values}


def _is_about_none(rule: Rule) -> bool:
    return all(condition.operator == "exists" and condition.value is False for condition in rule.conditions)

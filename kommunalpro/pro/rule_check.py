"""Whether the rules, conditions and limits of a questionnaire's questions can work at all, before it is published.

A rule that no answer meets would leave a red answer without its light, a condition that none meets hides its question
for ever, and a number means nothing without its unit: what is compared by number alone must be answered in one unit.
All problems at once, in both languages.
"""

from collections.abc import Iterator

from kommunalpro.pro.condition import Condition, number_of
from kommunalpro.pro.explanation import LIGHT_WORDS
from kommunalpro.pro.form import Form, Item, Rule
from kommunalpro.pro.images import LARGEST
from kommunalpro.pro.item import Image
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
_NO_AMOUNT = Text(
    "Enheder, der kan vælges, har ingen virkning på et spørgsmål af typen {type}.",
    "units to choose from have no effect on an item of type {type}",
)
_LARGE = Text("Et billede fylder mere end {limit} tegn.", "a picture is larger than {limit} characters")
_NEVER_ALONE = Text(
    "”{option}” kan aldrig vælges: det udelukker alle andre svar, og der skal være mindst {least}.",
    "“{option}” can never be chosen: it excludes all other answers, and there must be at least {least}",
)
_NEVER_ASKED = Text(
    "Intet svar på {question} kan opfylde betingelsen.", "no answer to {question} can meet the condition"
)
_CONDITION_UNIT = Text(
    "Betingelsen er i en enhed, som svar på {question} ikke kan have: {unit}.",
    "the condition is in a unit that no answer to {question} can have: {unit}",
)


def rule_problems(form: Form) -> list[Problem]:
    """Give what cannot work, in the questionnaire's order; empty: all can."""
    return [
        Problem(link_id, f"Questionnaire.descendants().where(linkId='{link_id}')", code, text)
        for link_id, place in form.places.items()
        for code, text in _problems(form, place.item)
    ]


def _problems(form: Form, item: Item) -> Iterator[tuple[str, Text]]:
    for each in item.enable_when:
        yield from _condition_problems(each.condition, form.item(each.question))
    yield from _unit_problems(item)
    if any(len(image.data) > LARGEST for image in _images(item)):
        yield "image-size", _LARGE.fill(limit=LARGEST)
    yield from _never_alone(item)
    yield from _never_met(item)


def has_one_unit(item: Item) -> bool:
    """Tell whether the numbers that a question is answered with can be compared by themselves."""
    return item.type != "quantity" or len(item.units) == 1 or (not item.units and bool(item.unit))


def _condition_problems(condition: Condition, asked: Item) -> Iterator[tuple[str, Text]]:
    """Tell of a condition that no answer meets: what hangs on it would never be asked, and nobody would know."""
    unit, known = _unit_of(condition), _known_units(asked)
    if unit is not None and known and unit not in known:
        yield "condition-unit", _CONDITION_UNIT.fill(question=asked.link_id, unit=unit or "–")
    elif asked.type != "open-choice" and not condition.holds(()) and not _can_be_met(condition, asked):
        yield "condition-never", _NEVER_ASKED.fill(question=asked.link_id)


def _can_be_met(condition: Condition, asked: Item) -> bool:
    limit = number_of(condition.kind, condition.value)
    possible = possible_answers(asked, () if limit is None else (limit,))
    if possible is None:
        return True
    if condition.kind == "Quantity":
        amounts = [answer["valueQuantity"]["value"] for answer in possible]
        possible = tuple({"valueQuantity": {**condition.value, "value": amount}} for amount in amounts)
    return any(condition.meets(answer) for answer in possible)


def _images(item: Item) -> Iterator[Image]:
    yield from item.images
    for option in item.options:
        yield from option.images


def _never_alone(item: Item) -> Iterator[tuple[str, Text]]:
    """Tell of options that exclude all others where several must be chosen."""
    for option in item.options:
        if option.is_exclusive and item.min_occurs is not None and item.min_occurs > 1:
            yield "option-alone", _NEVER_ALONE.fill(option=option.text, least=item.min_occurs)


def _unit_problems(item: Item) -> Iterator[tuple[str, Text]]:
    if item.units and item.type != "quantity":
        yield "unit-effect", _NO_AMOUNT.fill(type=item.type)
    if len(item.units) > 1 and (item.min_value is not None or item.max_value is not None):
        yield "unit-bounds", _BOUNDS
    known = _known_units(item)
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
    return {unit for unit in map(_unit_of, rule.conditions) if unit is not None}


def _unit_of(condition: Condition) -> str | None:
    """Give the unit that a condition is in; None: it is about no amount."""
    if condition.kind != "Quantity":
        return None
    return str(condition.value.get("code") or condition.value.get("unit") or "")


def _known_units(item: Item) -> set[str | None]:
    """Give the units that a question may be answered in; empty: any."""
    return {unit.get("code") or unit.get("display") for unit in item.units}


def _is_about_none(rule: Rule) -> bool:
    return all(condition.operator == "exists" and condition.value is False for condition in rule.conditions)

"""Scores: numbers from several answers, in `Decimal`; what cannot be computed is None, never 0."""

from collections.abc import Iterable, Set
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from msgspec import Struct

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import Condition, kind_and_value, number_of
from kommunalpro.pro.form import Form, Item, Option
from kommunalpro.pro.light import Light
from kommunalpro.pro.score_definition import ScoreDefinition, Values
from kommunalpro.pro.text import Text

_EXACT = Context(prec=1000)
"""Digits for sums and products of two that FHIR JSON may hold (`fhir/structure/primitives.py`): nothing is rounded."""
_GIVEN = Context(prec=28)
"""Digits of a score that has no end, such as a third."""
_ZERO, _ONE = Decimal(0), Decimal(1)
_SHOWN = Decimal("0.001")


class Score(Struct, frozen=True):
    """A score as it came out. `value` None: too few answers. `light` is its band's; not assessed without a value.

    `carries_rule` False: its View has no lights for it, and it decides none.
    """

    id: str
    title: Text
    value: Decimal | None
    light: Light
    carries_rule: bool = True

    @property
    def shown(self) -> Decimal | None:
        """The value as people read it (`shown`)."""
        return None if self.value is None else shown(self.value)


def shown(value: Decimal) -> Decimal:
    """Give a number as people read it: at most three decimals, rounded half up. Nothing is computed from it."""
    rounded = value.quantize(_SHOWN, ROUND_HALF_UP, _EXACT)
    return value if value == rounded else rounded


def scores(definitions: Iterable[ScoreDefinition], form: Form, answers: Answers) -> dict[str, Score]:
    """Compute scores by their id from the answers that count (`enabled_answers`)."""
    with localcontext(_EXACT):
        return {each.id: _score(each, _value(each, form, answers)) for each in definitions}


def _score(definition: ScoreDefinition, value: Decimal | None) -> Score:
    light = definition.light_of(value)
    carries_rule = light is not Light.NOT_ASSESSED or definition.carries_rule
    return Score(definition.id, definition.title, value, light, carries_rule)


def score_value(definition: ScoreDefinition, form: Form, answers: Answers) -> Decimal | None:
    """Compute the number of a score alone.

    None: fewer items are answered than the score asks for, or its table has nothing for the sum.
    """
    with localcontext(_EXACT):
        return _value(definition, form, answers)


def _value(definition: ScoreDefinition, form: Form, answers: Answers) -> Decimal | None:
    """Compute the number of a score, in the context for it: to enter one takes as long as the sum."""
    counted = _counted(definition, form, answers)
    if len(counted) < definition.at_least:
        return None
    total, parts = _total(definition, counted)
    if definition.table is not None:
        found = definition.table.get(total / parts)
        if found is None:
            return None
        total, parts = found, _ONE
    # One division, last: what has an end comes out exact, so that a bound is a bound.
    parts *= definition.divisor
    value = definition.factor * total + definition.offset * parts
    if parts.compare_total(_ONE):  # By one nothing changes, and to divide takes longest of all.
        value /= parts
    if definition.decimals is not None:
        return value.quantize(_ONE.scaleb(-definition.decimals), ROUND_HALF_UP)
    return _GIVEN.plus(value)


def is_asked(definition: ScoreDefinition, enabled: Set[str]) -> bool:
    """Tell whether any item of a score is asked at all; `enabled` are the paths that are."""
    return not enabled.isdisjoint(definition.items)


def answer_value(item: Item, answer: Json, values: Values | None = None) -> Decimal | None:
    """Give the number that an answer stands for; None: it has none. Of an option it is the ordinalValue.

    `values` None: the questionnaire's own numbers count; else these alone.
    """
    if values is not None:
        return values.get(answer_key(answer))
    option = item.option_for(answer) if item.options else None
    if option is not None and option.ordinal is not None:
        return option.ordinal
    return number_of(*kind_and_value(answer))


def option_value(option: Option) -> Decimal | None:
    """Give the number that an option stands for: its ordinalValue, else what it is; None: it has none."""
    return number_of(*kind_and_value(option.value)) if option.ordinal is None else option.ordinal


def answer_key(answer: Json) -> str:
    """Give the name of an answer in `values`: a code, a number as one writes it, `true` or `false`."""
    kind, value = kind_and_value(answer)
    number = number_of(kind, value)
    if number is not None:
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if kind == "Boolean":
        return "true" if value else "false"
    return str(value.get("code", "")) if isinstance(value, dict) else str(value)


def ends(item: Item, values: Values | None = None) -> tuple[Decimal, Decimal] | None:
    """Give the ends of a question's own scale; None: it has none, and cannot be reversed."""
    if values is not None:
        numbers = [value for value in values.values() if value is not None]
    elif item.min_value is not None and item.max_value is not None:
        return Decimal(item.min_value), Decimal(item.max_value)
    else:
        numbers = [value for value in map(option_value, item.options) if value is not None]
    return (min(numbers), max(numbers)) if numbers else None


def _counted(definition: ScoreDefinition, form: Form, answers: Answers) -> list[Decimal]:
    """Give what the items count that have one answer; several are none, for nobody knows which is meant."""
    counted = []
    for link_id in definition.items:
        given = answers.get(link_id, ())
        if len(given) != 1:
            continue
        item, values = form.places[link_id].item, definition.values.get(link_id)
        value = answer_value(item, given[0], values)
        if value is not None and link_id in definition.reversed:
            both = ends(item, values)
            value = None if both is None else both[0] + both[1] - value
        if value is not None:
            counted.append(value)
    return counted


def _total(definition: ScoreDefinition, counted: list[Decimal]) -> tuple[Decimal, Decimal]:
    """Give the sum or mean as a number of parts: numerator and denominator."""
    total, parts = sum(counted, _ZERO), _ONE
    if definition.method == "mean":
        parts = Decimal(len(counted))
    elif definition.is_prorated:
        total, parts = total * len(definition.items), Decimal(len(counted))
    for each in definition.added:
        condition = Condition(each.operator, "Decimal", each.value)
        if condition.holds([{"valueDecimal": number} for number in counted]):
            total += each.add * parts
    return total, parts

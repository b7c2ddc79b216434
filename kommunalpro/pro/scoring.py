"""Scores: numbers from several answers, in `Decimal`; what cannot be computed is None, never 0."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.light import Light
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import ScoreDefinition


@dataclass(frozen=True, slots=True)
class Score:
    """A score as it came out. `value` None: too few answers. `light` is its band's; not assessed without a value."""

    id: str
    title: Text
    value: Decimal | None
    light: Light


def score(definition: ScoreDefinition, form: Form, answers: Answers) -> Score:
    """Compute a score from the answers that count (`enabled_answers`)."""
    value = score_value(definition, form, answers)
    return Score(definition.id, definition.title, value, definition.light_of(value))


def score_value(definition: ScoreDefinition, form: Form, answers: Answers) -> Decimal | None:
    """Compute the number alone; None: fewer items are answered than the score asks for."""
    values = list(_values(definition, form, answers))
    if len(values) < definition.at_least:
        return None
    total = sum(values, Decimal(0))
    if definition.method == "mean":
        total /= len(values)
    return definition.factor * total + definition.offset


def is_asked(definition: ScoreDefinition, enabled: frozenset[str]) -> bool:
    """Tell whether any item of a score is asked at all; `enabled` are the paths that are."""
    return any(item in enabled for item in definition.items)


def _values(definition: ScoreDefinition, form: Form, answers: Answers) -> Iterator[Decimal]:
    for link_id in definition.items:
        item = form.item(link_id)
        value = item_value(item, answers)
        if value is None:
            continue
        if link_id not in definition.reversed:
            yield value
        elif (ends := _ends(item)) is not None:
            yield ends[0] + ends[1] - value


def item_value(item: Item, answers: Answers) -> Decimal | None:
    """Give the number that the one answer to a question stands for; None: not answered, several answers, or no number.

    An option counts by its ordinalValue.
    """
    given = answers.get(item.link_id, ())
    if len(given) != 1:
        return None
    kind, value = kind_and_value(given[0])
    if kind in ("Integer", "Decimal"):
        return Decimal(value)
    if kind == "Quantity":
        return Decimal(value["value"])
    option = item.option_for(given[0])
    return option.ordinal if option is not None else None


def _ends(item: Item) -> tuple[Decimal, Decimal] | None:
    """Give the ends of a question's own scale; None: it has none, and cannot be reversed."""
    if item.min_value is not None and item.max_value is not None:
        return Decimal(item.min_value), Decimal(item.max_value)
    ordinals = [option.ordinal for option in item.options if option.ordinal is not None]
    return (min(ordinals), max(ordinals)) if ordinals else None

"""Whether a score fits the questions it is computed from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.possible import NUMERIC, possible_answers, spacing
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.score_definition import ScoreDefinition, Values
from kommunalpro.pro.score_steps import Steps, can_lie_between, steps_of
from kommunalpro.pro.scoring import answer_key, answer_value, ends
from kommunalpro.pro.text import Text

_REPEATS = Text(
    "Scoren {score} kan ikke regne med et spørgsmål, der kan være besvaret flere gange.",
    "the score {score} cannot count a question that may be answered several times",
)
_NO_NUMBER = Text(
    "Svar på spørgsmålet er ikke tal, som scoren {score} kan regne med.",
    "the score {score} has no number for any answer to it",
)
_SOME_NUMBERS = Text(
    "Scoren {score} har intet tal for {answers}. Skriv null i values, hvis svaret skal regnes som ubesvaret.",
    "the score {score} has no number for {answers}; write null in values to count it as unanswered",
)
_STRANGE = Text(
    "Scoren {score} har værdier for {answers}, som ikke kan svares.",
    "the score {score} has values for {answers}, which cannot be answered",
)
_NO_ENDS = Text(
    "Scoren {score} vender spørgsmålet om, men det har ingen skala at vende på.",
    "the score {score} reverses it, but it has no scale to be reversed on",
)
_OUTSIDE = Text(
    "Scoren {score} kan blive fra {low} til {high}; det går ud over dens skala.",
    "the score {score} can be from {low} to {high}, which goes beyond its scale",
)
_BETWEEN = Text(
    "Scoren {score} kan ligge mellem {low} og {high}, hvor der ingen grænse er.",
    "the score {score} can lie between {low} and {high}, where there is no band",
)
_NOT_IN_TABLE = Text(
    "Scoren {score} har ingen plads i tabellen til summen {total}.",
    "the score {score} has nothing in its table for the sum {total}",
)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one item can bring to a score. `low` None: it has no bound. `steps` None: it can bring any number."""

    item: Item
    without: tuple[str, ...]
    strange: tuple[str, ...]
    numbers: tuple[Decimal, ...]
    low: Decimal | None
    high: Decimal | None
    steps: Steps | None


def score_fit_problems(score: ScoreDefinition, form: Form) -> list[Problem]:
    """Give what does not fit between a score and the questions it is computed from."""
    parts = [_part(score, form.item(link_id)) for link_id in score.items]
    found = [problem for part in parts for problem in _item_problems(score, form, part)]
    if found or score.divisor == 0:  # What cannot be divided comes to nothing, and is told of by itself.
        return found
    return [*_whole_problems(score, parts), *_gap_problems(score, parts)]


def _part(score: ScoreDefinition, item: Item) -> _Part:
    values = score.values.get(item.link_id)
    keys = tuple(values or ())
    limits = [decimal(key) for key in keys if is_decimal(key)]
    possible = {answer_key(answer): answer for answer in possible_answers(item, limits) or ()}
    counted = {key: answer_value(item, answer, values) for key, answer in possible.items()}
    numbers = tuple(number for number in counted.values() if number is not None)
    is_open = values is None and item.type in NUMERIC and not item.options
    is_bounded = bool(numbers) and not (is_open and None in (item.min_value, item.max_value))
    return _Part(
        item=item,
        without=tuple(key for key, number in counted.items() if number is None and key not in keys),
        strange=tuple(key for key in keys if key not in possible),
        numbers=numbers,
        low=min(numbers) if is_bounded else None,
        high=max(numbers) if is_bounded else None,
        steps=_steps(item, values, numbers, is_open=is_open, is_reversed=item.link_id in score.reversed),
    )


def _steps(
    item: Item, values: Values | None, numbers: tuple[Decimal, ...], *, is_open: bool, is_reversed: bool
) -> Steps | None:
    """Give how far the numbers that an item brings lie from each other; None: as close as one likes."""
    if not numbers or (is_open and spacing(item) is None):
        return None
    steps, both = steps_of(numbers, spacing(item) if is_open else None), ends(item, values)
    if not is_reversed or both is None:
        return steps
    return steps.times(Fraction(-1), Fraction(both[0]) + Fraction(both[1]))


def _problem(score: ScoreDefinition, link_id: str, code: str, text: Text, **words: Decimal | str) -> Problem:
    return Problem(link_id, f"View.scores.{score.id}", code, text.fill(score=score.id, **words))


def _item_problems(score: ScoreDefinition, form: Form, part: _Part) -> Iterator[Problem]:
    item, link_id = part.item, part.item.link_id
    if form.places[link_id].scopes or item.repeats:
        yield _problem(score, link_id, "score-repeats", _REPEATS)
    if not part.numbers:
        yield _problem(score, link_id, "score-number", _NO_NUMBER)
        return
    if part.without:
        yield _problem(score, link_id, "score-number", _SOME_NUMBERS, answers=", ".join(part.without))
    if part.strange:
        yield _problem(score, link_id, "score-values", _STRANGE, answers=", ".join(part.strange))
    if link_id in score.reversed and ends(item, score.values.get(link_id)) is None:
        yield _problem(score, link_id, "score-ends", _NO_ENDS)


def _whole_problems(score: ScoreDefinition, parts: list[_Part]) -> Iterator[Problem]:
    """Give what is wrong with the score over all that can be answered, as far as that has bounds."""
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    if len(lows) < len(parts):
        return
    low, high = _reach(score, sorted(lows), sorted(highs, reverse=True))
    if score.table is not None:
        missing = _missing_total(score.table, low, high, [number for part in parts for number in part.numbers])
        if missing is not None:
            yield _problem(score, score.items[0], "score-table", _NOT_IN_TABLE, total=missing)
            return
        looked_up = [value for total, value in score.table.items() if low <= total <= high]
        low, high = min(looked_up), max(looked_up)
    first, last = sorted(_transformed(score, total) for total in (low, high))
    if first < score.scale.low or last > score.scale.high:
        yield _problem(score, score.items[0], "score-scale", _OUTSIDE, low=first, high=last)


def _gap_problems(score: ScoreDefinition, parts: list[_Part]) -> Iterator[Problem]:
    """Nothing that the score can be lies between two bands."""
    steps = [part.steps for part in parts]
    for lower, higher in pairwise(score.bands):
        if can_lie_between(score, steps, lower.high, higher.low):
            yield _problem(score, score.items[0], "score-gap", _BETWEEN, low=lower.high, high=higher.low)


def _reach(score: ScoreDefinition, lows: list[Decimal], highs: list[Decimal]) -> tuple[Decimal, Decimal]:
    """Give the least and greatest total when at least as many items are answered as must be.

    `lows` begin with the least, `highs` with the greatest.
    """
    least = sum(lows[: score.at_least], Decimal(0))
    greatest = sum(highs[: score.at_least], Decimal(0))
    if score.method == "mean" or score.is_prorated:
        times = len(lows) if score.is_prorated else 1
        least, greatest = (total * times / score.at_least for total in (least, greatest))
    else:
        least += sum(low for low in lows[score.at_least :] if low < 0)
        greatest += sum(high for high in highs[score.at_least :] if high > 0)
    added = [each.add for each in score.added]
    return least + sum(add for add in added if add < 0), greatest + sum(add for add in added if add > 0)


def _missing_total(
    table: Mapping[Decimal, Decimal], low: Decimal, high: Decimal, numbers: list[Decimal]
) -> Decimal | None:
    """Give a sum that the table does not have; None: it has all."""
    broken = next((number for number in numbers if number != number.to_integral_value()), None)
    if broken is not None:
        return broken
    total = low
    while total in table:
        total += 1
    return total if total <= high else None


def _transformed(score: ScoreDefinition, total: Decimal) -> Decimal:
    return (score.factor * total + score.offset * score.divisor) / score.divisor

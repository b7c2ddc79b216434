"""What numbers a score can come to: how far they lie from each other, so that bands need not cover what never comes.

Sums of whole numbers are whole, and four times a sum is never 51. All is counted in fractions: a third is a third.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, gcd

from kommunalpro.pro.score_definition import ScoreDefinition

_HALF = Fraction(1, 2)
READ = Decimal("0.01")
"""As close as people read a score: two bands may lie so far from each other, whatever the score can be."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbers that go on for ever: `base`, and any number of steps from there. `step` 0: there is only the base."""

    base: Fraction
    step: Fraction

    def times(self, factor: Fraction, offset: Fraction = Fraction(0)) -> "Steps":
        """Give those of a multiple, moved by an offset."""
        return Steps(self.base * factor + offset, abs(self.step * factor))

    def from_(self, start: Fraction) -> Iterator[Fraction]:
        """Give the first two that are not less than `start`."""
        first = self.base + ceil((start - self.base) / self.step) * self.step if self.step else self.base
        yield from (first, first + self.step)


def steps_of(numbers: Iterable[Decimal], spacing: Decimal | None = None) -> Steps:
    """Give the steps that numbers lie on; `spacing`: how close others lie to them that are not named."""
    first, *others = map(Fraction, numbers)
    return Steps(first, _common([*(each - first for each in others), Fraction(spacing or 0)]))


def can_lie_between(score: ScoreDefinition, items: list[Steps | None], low: Decimal, high: Decimal) -> bool:
    """Tell whether a score can be more than `low` and less than `high`; an item that is None can be any number."""
    if score.decimals is None and high - low <= READ:
        return False
    bounds = Fraction(low), Fraction(high)
    if score.table is not None:
        found = (_scaled(score, Steps(Fraction(value), Fraction(0))) for value in score.table.values())
        return any(_comes_between(steps, score.decimals, *bounds) for steps in found)
    whole = [each for each in items if each is not None]
    if len(whole) < len(items):
        any_number = Steps(
            Fraction(0), Fraction(READ if score.decimals is None else Decimal(1).scaleb(-score.decimals))
        )
        return score.decimals is None or _comes_between(any_number, None, *bounds)
    return any(_comes_between(_scaled(score, each), score.decimals, *bounds) for each in _totals(score, whole))


def _totals(score: ScoreDefinition, items: list[Steps]) -> Iterator[Steps]:
    """Give the sums, or means, for every number of answers that is enough."""
    total = Steps(sum((each.base for each in items), Fraction(0)), _common(each.step for each in items))
    some = Steps(Fraction(0), _common(step for each in items for step in (each.base, each.step)))
    for answered in range(max(score.at_least, 1), len(items) + 1):
        share = len(items) if score.is_prorated else 1
        is_share = score.method == "mean" or score.is_prorated
        steps = (total if answered == len(items) else some).times(
            Fraction(share, answered) if is_share else Fraction(1)
        )
        yield Steps(steps.base, _common([steps.step, *(Fraction(each.add) for each in score.added)]))


def _scaled(score: ScoreDefinition, steps: Steps) -> Steps:
    return steps.times(Fraction(score.factor) / Fraction(score.divisor), Fraction(score.offset))


def _comes_between(steps: Steps, decimals: int | None, low: Fraction, high: Fraction) -> bool:
    """Tell whether one of them lies between, when they are rounded as scores are."""
    if decimals is None:
        return any(low < each < high for each in steps.from_(low))
    unit = Fraction(1, 10**decimals)
    least = (floor(low / unit) + 1) * unit - unit * _HALF
    return any(low < _rounded(each, unit) < high for each in steps.from_(least))


def _rounded(number: Fraction, unit: Fraction) -> Fraction:
    """Round half up, away from 0, as scores are."""
    units = floor(abs(number) / unit + _HALF)
    return units * unit if number >= 0 else -units * unit


def _common(numbers: Iterable[Fraction]) -> Fraction:
    """Give the greatest number that all are multiples of; 0: all are 0."""
    found = Fraction(0)
    for each in numbers:
        parts = found.numerator * each.denominator, each.numerator * found.denominator
        found = Fraction(gcd(*parts), found.denominator * each.denominator)
    return found

"""A series: one thing over time, what in it can be compared, and how it changed.

A number is compared only with numbers by the same measure: the same unit, the same ends of the scale, the same rule;
and only where the questionnaires of then and later are comparable (`Series.compared`). What somebody says of themselves
compares with nothing that another says of them: theirs is the series, wherever they have answered at all.
What cannot be compared is a gap that says why; it is never converted, and never 0. A change is counted against the last
value that is known, however many gaps lie between (`Change.passed` tells how many), and never across a changed scale.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kommunalpro.pro.difference_found import Verdict
from kommunalpro.pro.light import Light
from kommunalpro.pro.score_definition import Band, Direction, MinimalChange
from kommunalpro.pro.text import Text

Kind = Literal["topic", "score", "question"]
Course = Literal["better", "worse", "unchanged", "higher", "lower", "unknown"]
"""Where a series goes; without a declared direction it is only higher or lower."""
Unknown = Literal["not-asked", "not-answered", "several-answers", "no-number", "not-computed", "not-assessed"]
Apart = Literal["other-respondent", "other-unit", "other-scale", "other-rule", "other-question"]
"""`other-question`: it is a clinical judgement, which a person must make, whether the answers can be compared."""
BREAKS: tuple[Apart, ...] = ("other-scale", "other-rule", "other-question")
"""What nothing before compares across; another unit is none, nor is another respondent."""
Gap = Unknown | Apart
"""Why there is nothing to compare with at a point."""


@dataclass(frozen=True, slots=True)
class Measure:
    """By what something is measured. Two numbers compare when their measures are equal.

    `unit` is its code; `shown` is how people write it, and makes no difference. `low` and `high` are the ends of the
    scale; None: it has none. `rule` names what computed a score, empty where it is the rule in force.
    """

    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    rule: str = ""
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Given:
    """A number as it was given, whether or not anything can be compared with it."""

    value: Decimal
    measure: Measure


@dataclass(frozen=True, slots=True)
class Point:
    """One response's part of a series. `base` names its questionnaire, whatever the version.

    `light` is the one of record. `gap` None: it can be compared with the rest of the series. `link_id` is that of the
    question in this very questionnaire; empty: the series is of no question. `respondent` names who answered for
    somebody; empty: they did themselves.
    """

    at: datetime
    response: str
    base: str
    light: Light
    given: Given | None = None
    gap: Gap | None = None
    link_id: str = ""
    respondent: str = ""

    @property
    def value(self) -> Decimal | None:
        """The number, where it can be compared with those of the series; None: a gap, or a light alone."""
        return self.given.value if self.given is not None and self.gap is None else None


@dataclass(frozen=True, slots=True)
class Change:
    """How one point lies from an earlier one. `amount` None: they are lights.

    `is_within_chance`: it is smaller than the least that is important; None: nobody has declared how much that is.
    `passed`: how many points between them are gaps, those by another respondent aside.
    """

    before: Point
    after: Point
    amount: Decimal | None
    course: Course
    is_within_chance: bool | None
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One thing over time, oldest first. `is_of_lights`: its points are lights alone, and have no values.

    `direction` None: it is not declared what is better. `minimal_change` None: nor how little may be chance.
    `compared` tells whether what was asked at one point can be compared with what was asked at a later one.
    """

    kind: Kind
    id: str
    title: Text
    points: tuple[Point, ...]
    is_of_lights: bool = False
    direction: Direction | None = None
    bands: tuple[Band, ...] = ()
    minimal_change: MinimalChange | None = None
    compared: Callable[[Point, Point], Verdict] = field(
        default=lambda before, after: Verdict.COMPARABLE, compare=False, repr=False
    )

    @property
    def own(self) -> tuple[Point, ...]:
        """The points of whom the series is of: without what another has answered."""
        return tuple(each for each in self.points if each.gap != "other-respondent")

    @property
    def measure(self) -> Measure:
        """By what all its values are measured: as the last one was."""
        last = self.last_given
        return last.given.measure if last and last.given else Measure()

    @property
    def last_given(self) -> Point | None:
        """The last point with a number of whom the series is: all others are compared with it."""
        return next((each for each in reversed(self.own) if each.given), None)

    @property
    def since_last(self) -> Change | None:
        """How the last point lies from the last one known before; None: one of them is not known."""
        known = self._known()
        if len(known) < 2 or known[-1] != len(self.points) - 1:
            return None
        return self._change(known[-2], known[-1])

    @property
    def from_start(self) -> Change | None:
        """How the last known point lies from the first; None: there are no two."""
        known = self._known()
        return self._change(known[0], known[-1]) if len(known) > 1 else None

    @property
    def course(self) -> Course:
        """Where it goes since last."""
        change = self.since_last
        return change.course if change else "unknown"

    @property
    def break_before(self) -> Point | None:
        """The first point by the scale, rule or question that counts now, where what lies before is by another."""
        gaps = [number for number, each in enumerate(self.points) if each.gap in BREAKS]
        after = self.points[gaps[-1] + 1 :] if gaps else ()
        return next((each for each in after if each.value is not None), None)

    def until(self, response: str) -> "Series":
        """Give the series as it was when this response came: without later ones, which count for nothing."""
        places = [number for number, point in enumerate(self.points) if point.response == response]
        return settled(replace(self, points=self.points[: places[0] + 1] if places else ()))

    def _known(self) -> list[int]:
        """Give the places of the points that can be compared."""
        return [number for number, point in enumerate(self.points) if self._is_known(point)]

    def _is_known(self, point: Point) -> bool:
        return point.gap is None if self.is_of_lights else point.value is not None

    def _change(self, first: int, last: int) -> Change:
        before, after = self.points[first], self.points[last]
        between = self.points[first + 1 : last]
        passed = sum(point.gap != "other-respondent" and not self._is_known(point) for point in between)
        if before.value is None or after.value is None:
            course = _course(after.light.severity - before.light.severity, "high-is-worse")
            return Change(before, after, None, course, None, passed)
        amount = after.value - before.value
        least = self.minimal_change
        return Change(
            before=before,
            after=after,
            amount=amount,
            course=_course(amount, self.direction),
            is_within_chance=None if least is None else abs(amount) < least.value,
            passed=passed,
        )


def settled(series: Series) -> Series:
    """Say of each number whether it compares with the last one.

    Where that was computed by a rule of then, what is declared now does not hold for it.
    """
    series = replace(series, points=_told_apart(series.points))
    if series.is_of_lights:
        return series
    last = series.last_given
    if last is None or last.given is None:
        return series
    rule = last.given.measure.rule
    series = replace(series, points=tuple(reversed([*_settled(series, last, last.given.measure)])))
    return replace(series, direction=None, bands=(), minimal_change=None) if rule else series


def _told_apart(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Mark what another has answered than whom the series is of: themselves, else who answered last."""
    kept = [replace(each, gap=None) if each.gap == "other-respondent" else each for each in points]
    answered_by = [each.respondent for each in kept if _is_answered(each)]
    whose = "" if "" in answered_by else next(reversed(answered_by), "")
    return tuple(
        replace(each, gap="other-respondent") if _is_answered(each) and each.respondent != whose else each
        for each in kept
    )


def _is_answered(point: Point) -> bool:
    return point.given is not None or point.gap is None


def _settled(series: Series, last: Point, measure: Measure) -> Iterator[Point]:
    """Give the points, the last first. Before a break nothing compares; another unit or respondent is no break."""
    broken: Gap | None = None
    for point in reversed(series.points):
        if point.given is None or point.gap == "other-respondent":
            yield point
        elif point.given.measure.unit != measure.unit:
            yield replace(point, gap="other-unit")
        else:
            broken = _apart(series, point, last, point.given.measure, measure) or broken
            yield point if point.gap == broken else replace(point, gap=broken)


def _apart(series: Series, point: Point, last: Point, measure: Measure, now: Measure) -> Gap | None:
    """Say why a number does not compare with the last one; None: it does."""
    if measure != now:
        return "other-scale" if measure.rule == now.rule else "other-rule"
    verdict = series.compared(point, last)
    if verdict is Verdict.NOT_COMPARABLE:
        return "other-rule" if series.kind == "score" else "other-scale"
    return None if verdict is Verdict.COMPARABLE else "other-question"


def _course(amount: Decimal | int, direction: Direction | None) -> Course:
    if amount == 0:
        return "unchanged"
    if direction is None:
        return "higher" if amount > 0 else "lower"
    return "better" if (amount > 0) is (direction == "high-is-better") else "worse"

"""Charts as numbers on a canvas: the template draws them as SVG, without a script.

The x axis is time to scale, the y axis the scale of what is measured. Geometry is counted in `Decimal` and written as
text with one decimal, since an SVG attribute is text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kommunalpro.web.staff.presenters import dates

WIDTH, HEIGHT = 480, 190
LEFT, RIGHT, TOP, BOTTOM = 68, 36, 16, 36
DAY_WIDTH = 48
"""How much room a day takes below the axis."""

SPARK_WIDTH, SPARK_HEIGHT = 96, 28


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing measured at one time. `value` None: not answered, or cannot be computed: a gap, never a zero."""

    at: datetime
    value: Decimal | None
    light: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A band of the scale with its light, from `low` to `high`."""

    low: Decimal
    high: Decimal
    light: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the canvas; `label` says it in words."""

    x: str
    y: str
    light: str
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    y: str
    height: str
    light: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, with its text."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The canvas, and the edges of the part of it that points lie in."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a canvas. `lines` are unbroken stretches of points, as SVG writes them."""

    frame: Frame
    bands: tuple[Band, ...]
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    days: tuple[Tick, ...]
    values: tuple[Tick, ...]


def chart(
    points: Sequence[Measured],
    low: Decimal,
    high: Decimal,
    bands: Sequence[Stretch],
    *,
    words: Mapping[Decimal, str] | None = None,
) -> Chart:
    """Draw points on a scale from `low` to `high`; `points` is not empty.

    `words`: what values are called, where they are steps and not numbers; None: numbers.
    """
    say = _comma if words is None else words.__getitem__
    ticks = _ticks(low, high) if words is None else tuple(words)
    frame = Frame(WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM)
    place = _Place([point.at for point in points], low, high, frame)
    marks = [
        Mark(place.x(p.at), place.y(p.value), p.light, f"{dates.day_with_year(p.at)}: {say(p.value)}")
        for p in points
        if p.value is not None
    ]
    return Chart(
        frame=frame,
        bands=tuple(_band(place, band) for band in bands),
        lines=_lines(points, place),
        marks=tuple(marks),
        days=_days(points, place),
        values=tuple(Tick(place.y(value), say(value)) for value in ticks),
    )


def sparkline(points: Sequence[Measured], low: Decimal, high: Decimal) -> Chart:
    """Draw the last few points small, without axes."""
    last = points[-6:]
    frame = Frame(SPARK_WIDTH, SPARK_HEIGHT, 6, SPARK_WIDTH - 6, 6, SPARK_HEIGHT - 6)
    place = _Place([p.at for p in last], low, high, frame)
    marks = tuple(Mark(place.x(p.at), place.y(p.value), p.light, "") for p in last if p.value is not None)
    return Chart(frame=frame, bands=(), lines=_lines(last, place), marks=marks, days=(), values=())


class _Place:
    """Where a moment and a value lie on the canvas."""

    def __init__(self, moments: Sequence[datetime], low: Decimal, high: Decimal, frame: Frame) -> None:
        self._first, self._last = min(moments), max(moments)
        self._low, self._high = low, high if high > low else low + 1
        self._left, self._top = frame.left, frame.top
        self._wide, self._tall = frame.right - frame.left, frame.bottom - frame.top

    def x(self, at: datetime) -> str:
        span = int((self._last - self._first).total_seconds())
        if span == 0:
            return _text(self._left + Decimal(self._wide) / 2)
        passed = int((at - self._first).total_seconds())
        return _text(self._left + Decimal(self._wide) * passed / span)

    def y(self, value: Decimal) -> str:
        return _text(self.height_of(value))

    def height_of(self, value: Decimal) -> Decimal:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return self._top + self._tall * (1 - share)


def _band(place: _Place, band: Stretch) -> Band:
    top, bottom = place.height_of(band.high), place.height_of(band.low)
    return Band(y=_text(top), height=_text(bottom - top), light=band.light)


def _lines(points: Sequence[Measured], place: _Place) -> tuple[str, ...]:
    """Join neighbours; a missing value breaks the line."""
    lines: list[list[str]] = [[]]
    for point in points:
        if point.value is None:
            lines.append([])
        else:
            lines[-1].append(f"{place.x(point.at)},{place.y(point.value)}")
    return tuple(" ".join(line) for line in lines if len(line) > 1)


def _days(points: Sequence[Measured], place: _Place) -> tuple[Tick, ...]:
    """Write days below the axis where there is room: the first, the last, and those between that keep apart."""
    ticks = [Tick(place.x(point.at), dates.axis_day(point.at)) for point in points]
    kept = ticks[:1]
    for tick in ticks[1:-1]:
        if _distance(kept[-1], tick) >= DAY_WIDTH and _distance(tick, ticks[-1]) >= DAY_WIDTH:
            kept.append(tick)
    if len(ticks) > 1 and _distance(kept[-1], ticks[-1]) >= DAY_WIDTH:
        kept.append(ticks[-1])
    return tuple(kept)


def _distance(one: Tick, other: Tick) -> Decimal:
    return Decimal(other.at) - Decimal(one.at)


def _ticks(low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    middle = (low + high) / 2
    return (low, middle, high) if middle == middle.to_integral_value() else (low, high)


def _comma(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def _text(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1")))

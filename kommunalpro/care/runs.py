"""What is asked for again and again, as few enough rows for a person to read.

Of one thing, what may be answered now is one row where it is more than a few times, and so are the times of a day that
are; what comes, or was missed, on many days stands by itself where it is nearest, and the rest is one row. Nothing is
left out of the count.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Generic, Literal, TypeVar

from kommunalpro.care.slot_ends import SlotEnd, beginning, ending

T = TypeVar("T")
State = Literal["open", "coming", "missed"]

_APART = 3
"""Times of one day, and times that are open, that stand by themselves, at most."""
_NEAREST = 5
"""Rows of one thing that stand by themselves, at most."""


@dataclass(frozen=True, slots=True)
class Time:
    """One time to answer. `of`: what it is a time of; only what is the same there is ever told together.

    It may stand for a `count` of them already, up to the `last`; more may come after, where it `goes_on`.
    """

    of: Hashable
    state: State
    opens: datetime
    closes: datetime
    count: int = 1
    last: "Time | None" = None
    goes_on: bool = False

    @property
    def end(self) -> SlotEnd:
        """Give the end that people are told: the beginning of what comes, else the end."""
        return beginning(self.opens) if self.state == "coming" else ending(self.opens, self.closes)


@dataclass(frozen=True, slots=True)
class Span:
    """Times that are told together. `every`: how long there is between them; None: that differs, or it is one.

    `goes_on`: more come after the last.
    """

    first: Time
    last: Time
    count: int
    every: timedelta | None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Run(Generic[T]):
    """One row, of which `first` stands for the others. `span` None: it has no time, and stands alone."""

    first: T
    span: Span | None


@dataclass(frozen=True, slots=True)
class _One(Generic[T]):
    """What was given, at its place in the order."""

    place: int
    item: T
    time: Time


def runs(items: Iterable[T], time_of: Callable[[T], Time | None]) -> list[Run[T]]:
    """Gather what is given in order of time; the rows are in that order too. What has no `Time` stands alone."""
    rows: dict[int, Run[T]] = {}
    together: dict[Hashable, list[_One[T]]] = defaultdict(list)
    for place, item in enumerate(items):
        time = time_of(item)
        if time is None:
            rows[place] = Run(item, None)
        else:
            together[time.of, time.state].append(_One(place, item, time))
    for of_one in together.values():
        rows |= {some[0].place: Run(some[0].item, _span([each.time for each in some])) for some in _rows(of_one)}
    return [rows[place] for place in sorted(rows)]


def _rows(of_one: Sequence[_One[T]]) -> Iterator[Sequence[_One[T]]]:
    state = of_one[0].time.state
    if state == "open":
        yield from _few_or_one(of_one)
        return
    days = groupby(of_one, lambda each: each.time.end.day)
    rows = [row for _, day in days for row in _few_or_one(list(day))]
    if len(rows) <= _NEAREST + 1:
        yield from rows
        return
    near, rest = (rows[-_NEAREST:], rows[:-_NEAREST]) if state == "missed" else (rows[:_NEAREST], rows[_NEAREST:])
    yield from near
    yield [each for row in rest for each in row]


def _few_or_one(some: Sequence[_One[T]]) -> list[Sequence[_One[T]]]:
    return [some] if len(some) > _APART else [[each] for each in some]


def _span(times: Sequence[Time]) -> Span:
    between = {later.opens - one.opens for one, later in pairwise(times)}
    last, count = times[-1].last or times[-1], sum(each.count for each in times)
    return Span(times[0], last, count, between.pop() if len(between) == 1 else None, times[-1].goes_on)

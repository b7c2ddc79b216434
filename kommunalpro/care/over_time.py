"""Answers over time: one series per topic, score and number question of a questionnaire.

Versions of a questionnaire share a base, and within a base a linkId means the same question. A value that is missing is
a gap, never a zero. Lights are those of record; a response without a record has no light here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kommunalpro.care.history import PastResponse, responses_of
from kommunalpro.care.interpretation import StoredView, active_view
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.form import Item
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import View

Kind = Literal["topic", "score", "question"]


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of a score's scale with its light."""

    low: Decimal
    high: Decimal
    light: Light


@dataclass(frozen=True, slots=True)
class Point:
    """One response's part of a series. `value` None: not answered, not computed, or a topic (a light only)."""

    at: datetime
    value: Decimal | None
    light: Light
    response: str


@dataclass(frozen=True, slots=True)
class Series:
    """One thing over time, oldest first. `low` and `high` bound the scale; None: it has no such bound."""

    kind: Kind
    id: str
    title: Text
    low: Decimal | None
    high: Decimal | None
    unit: str
    bands: tuple[Band, ...]
    points: tuple[Point, ...]

    @property
    def change(self) -> Decimal | None:
        """How much the last value lies above the one before; None when either is missing."""
        if len(self.points) < 2:
            return None
        before, after = self.points[-2].value, self.points[-1].value
        return None if before is None or after is None else after - before

    def until(self, response: str) -> "Series":
        """Give the series as it was when this response came: without later ones."""
        places = [number for number, point in enumerate(self.points) if point.response == response]
        return replace(self, points=self.points[: places[0] + 1]) if places else replace(self, points=())


@dataclass(frozen=True, slots=True)
class Questionnaires:
    """All responses to one questionnaire in any of its versions, with the series they make."""

    base: str
    title: Text
    past: tuple[PastResponse, ...]
    view: StoredView | None


def trends(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[Questionnaires, ...]:
    """Give a citizen's responses by questionnaire, the one that was answered last first."""
    grouped: dict[str, list[PastResponse]] = {}
    for response in responses_of(gateway, patient, by=by, now=now):
        grouped.setdefault(response.base, []).append(response)
    latest = sorted(grouped.items(), key=lambda each: each[1][-1].authored, reverse=True)
    return tuple(
        Questionnaires(
            base=base,
            title=past[-1].definition.form.title,
            past=tuple(past),
            view=active_view(gateway, past[-1].definition.url, by.context.organization, by=by, now=now),
        )
        for base, past in latest
    )


def trends_of(past: Sequence[PastResponse], view: View | None) -> tuple[Series, ...]:
    """Give the series of one questionnaire's responses: topics, then scores, then questions that are numbers."""
    if not past:
        return ()
    return (*_topics(past, view), *_scores(past, view), *_questions(past))


def _topics(past: Sequence[PastResponse], view: View | None) -> Iterator[Series]:
    for topic in view.topics if view else ():
        points = tuple(_point(each, None, _topic_light(each, topic.id)) for each in past)
        yield Series("topic", topic.id, topic.title, None, None, "", (), points)


def _scores(past: Sequence[PastResponse], view: View | None) -> Iterator[Series]:
    for score in view.scores if view else ():
        bands = tuple(Band(band.low, band.high, band.light) for band in score.bands)
        values = [each.record.scores.get(score.id) if each.record else None for each in past]
        points = tuple(
            _point(each, value.shown if value else None, value.light if value else Light.NOT_ASSESSED)
            for each, value in zip(past, values, strict=True)
        )
        yield Series("score", score.id, score.title, score.scale.low, score.scale.high, "", bands, points)


def _questions(past: Sequence[PastResponse]) -> Iterator[Series]:
    for item in past[-1].definition.shapes.values():
        if item.type in ("integer", "decimal", "quantity") and past[-1].definition.has_path(item.link_id):
            points = tuple(_point(each, _number(each, item), _finding_light(each, item)) for each in past)
            low, high = _bound(item.min_value), _bound(item.max_value)
            yield Series("question", item.link_id, item.text, low, high, item.unit or "", (), points)


def _point(response: PastResponse, value: Decimal | None, light: Light) -> Point:
    return Point(at=response.authored, value=value, light=light, response=response.url)


def _topic_light(response: PastResponse, topic: str) -> Light:
    found = response.record.topics if response.record else ()
    return next((each.light for each in found if each.id == topic), Light.NOT_ASSESSED)


def _finding_light(response: PastResponse, item: Item) -> Light:
    found = response.record.findings if response.record else ()
    return worst(each.light for each in found if each.link_id == item.link_id)


def _number(response: PastResponse, item: Item) -> Decimal | None:
    for answer in response.answers.get(item.link_id, ()):
        value = answer.get("valueInteger", answer.get("valueDecimal", answer.get("valueQuantity", {})))
        return Decimal(value["value"] if isinstance(value, dict) else value) if value != {} else None
    return None


def _bound(value: object) -> Decimal | None:
    return Decimal(str(value)) if value is not None else None

"""Answers over time as the page shows them: a chart, and the same numbers as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from urllib.parse import quote

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.care.over_time import Kind, Point, Questionnaires, Series, trends_of
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Light
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.chart import Chart, Measured, Stretch, chart
from kommunalpro.web.staff.presenters.topics import ORDER, light_word, number

_STEPS = {Light.GREEN: Decimal(0), Light.YELLOW: Decimal(1), Light.RED: Decimal(2)}


@dataclass(frozen=True, slots=True)
class FormTab:
    """One questionnaire to choose."""

    key: str
    title: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PointRow:
    when: str
    value: str
    light: str
    response_id: str


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One series. `chart` None: too little to draw. `is_light`: a topic's light, which has no value."""

    title: str
    summary: str
    chart: Chart | None
    is_light: bool
    rows: tuple[PointRow, ...]


@dataclass(frozen=True, slots=True)
class TopicTrends:
    """A topic with its light, its scores and its questions that are numbers, each over time."""

    title: str
    light: str
    trends: tuple[TrendRow, ...]


def tabs(found: tuple[Questionnaires, ...], chosen: Questionnaires) -> tuple[FormTab, ...]:
    language = get_language() or "da"
    return tuple(FormTab(quote(each.base), each.title.say(language), len(each.past), each is chosen) for each in found)


def topic_trends(chosen: Questionnaires) -> tuple[TopicTrends, ...]:
    """Give what is worth a chart by topic, the light that was last the worst first; what is in no topic comes last."""
    view = chosen.view.view if chosen.view else None
    series = {(each.kind, each.id): each for each in trends_of(chosen.past, view) if _has_something(each)}
    topics: list[tuple[Light, Text | None, list[Series]]] = []
    for topic in view.topics if view else ():
        keys: list[tuple[Kind, str]] = [("topic", topic.id)]
        keys += [("score", id) for id in topic.scores] + [("question", item) for item in topic.items]
        taken = [series.pop(key) for key in keys if key in series]
        if taken:
            topics.append((taken[0].points[-1].light, topic.title, taken))
    topics.sort(key=lambda each: ORDER.index(each[0]))
    if series:
        topics.append((Light.NOT_ASSESSED, None if topics else chosen.title, list(series.values())))
    return tuple(_topic(light, title, taken, chosen) for light, title, taken in topics)


def _has_something(series: Series) -> bool:
    return series.kind == "topic" or any(point.value is not None for point in series.points)


def _topic(light: Light, title: Text | None, taken: list[Series], chosen: Questionnaires) -> TopicTrends:
    words = title.say(get_language() or "da") if title else _("Andre spørgsmål")
    return TopicTrends(words, light.code, tuple(_trend_row(each, chosen) for each in taken))


def _trend_row(series: Series, chosen: Questionnaires) -> TrendRow:
    return TrendRow(
        title=_name(series, chosen).say(get_language() or "da"),
        summary=_summary(series),
        chart=_chart(series),
        is_light=series.kind == "topic",
        rows=tuple(reversed([_row(point, series) for point in series.points])),
    )


def _name(series: Series, chosen: Questionnaires) -> Text:
    """Give what staff call it: a question by its short text."""
    item = chosen.past[-1].definition.shapes.get(series.id) if series.kind == "question" else None
    return item.name if item else series.title


def _row(point: Point, series: Series) -> PointRow:
    value = "–" if point.value is None else f"{number(point.value)} {series.unit}".strip()
    return PointRow(
        when=dates.day_with_year(point.at),
        value=value,
        light=point.light.code,
        response_id=url_id(point.response),
    )


def _chart(series: Series) -> Chart | None:
    if series.kind == "topic":
        return _light_chart(series)
    values = [point.value for point in series.points if point.value is not None]
    if not values:
        return None
    low = series.low if series.low is not None else min(values)
    high = series.high if series.high is not None else max(values)
    bands = list(_stretches(series))
    measured = [Measured(point.at, point.value, point.light.code) for point in series.points]
    return chart(measured, low, high, bands)


def _light_chart(series: Series) -> Chart | None:
    """Draw a topic's lights as steps: green lowest, red on top; not assessed is a gap."""
    measured = [Measured(point.at, _STEPS.get(point.light), point.light.code) for point in series.points]
    if all(each.value is None for each in measured):
        return None
    words = {step: light_word(light) for light, step in _STEPS.items()}
    return chart(measured, Decimal(0), Decimal(2), (), words=words)


def _stretches(series: Series) -> Iterator[Stretch]:
    """Give the bands for drawing, each reaching the next: between 6 and 7 there is no gap on paper."""
    ordered = sorted(series.bands, key=lambda band: band.low)
    for place, band in enumerate(ordered):
        high = ordered[place + 1].low if place + 1 < len(ordered) else band.high
        yield Stretch(band.low, high, band.light.code)


def _summary(series: Series) -> str:
    """Say start against end in words; of a light, since when it has been so."""
    if series.kind == "topic":
        return _light_since(series)
    known = [point for point in series.points if point.value is not None]
    if len(known) < 2 or known[0].value is None or known[-1].value is None:
        return ""
    words = {
        "first": number(known[0].value),
        "last": number(known[-1].value),
        "start": dates.short_day(known[0].at, known[-1].at.date()),
        "end": dates.short_day(known[-1].at, known[-1].at.date()),
    }
    return _("Fra %(first)s (%(start)s) til %(last)s (%(end)s).") % words


def _light_since(series: Series) -> str:
    last = series.points[-1]
    same = list(takewhile(lambda point: point.light is last.light, reversed(series.points)))
    words = {"light": light_word(last.light), "day": dates.short_day(same[-1].at, last.at.date())}
    sentence = _("%(light)s siden %(day)s.") % words
    return sentence[:1].upper() + sentence[1:]

"""Answers over time as the page shows them: a chart, and the same numbers as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from urllib.parse import quote

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.answers import in_words
from kommunalpro.care.bundles import url_id
from kommunalpro.care.history import PastResponse
from kommunalpro.care.over_time import Questionnaires, trends_of
from kommunalpro.care.respondents import kind_of
from kommunalpro.pro.series import Kind, Point, Series
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Light
from kommunalpro.web.shared.respondents import by_words
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.change import development, gap_word, number, others_words
from kommunalpro.web.staff.presenters.chart import Chart, Measured, Stretch, chart
from kommunalpro.web.staff.presenters.topics import CHOICES, ORDER, light_word

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
    """One response. `form` names its questionnaire where it is another than the one that is shown, else empty.

    `by` says who has answered; empty: the citizen.
    """

    when: str
    form: str
    by: str
    value: str
    light: str
    response_id: str


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One series. `chart` None: too little to draw. `is_light`: a topic's light, which has no value.

    `summary` says in words how it went.
    """

    title: str
    summary: str
    chart: Chart | None
    is_light: bool
    rows: tuple[PointRow, ...]


@dataclass(frozen=True, slots=True)
class TopicTrends:
    """A topic with its light, its scores, and its questions that have numbers or lights, each over time."""

    title: str
    light: str
    trends: tuple[TrendRow, ...]


def tabs(found: tuple[Questionnaires, ...], chosen: Questionnaires) -> tuple[FormTab, ...]:
    language = get_language() or "da"
    return tuple(FormTab(quote(each.base), each.title.say(language), len(each.past), each is chosen) for each in found)


def topic_trends(chosen: Questionnaires) -> tuple[TopicTrends, ...]:
    """Give what is worth a chart by topic, the light that was last the worst first; what is in no topic comes last."""
    view = chosen.view.view if chosen.view else None
    series = {(each.kind, each.id): each for each in _series(chosen) if _has_something(each)}
    topics: list[tuple[Light, Text | None, list[Series]]] = []
    for topic in view.topics if view else ():
        keys: list[tuple[Kind, str]] = [("topic", topic.id)]
        keys += [("score", id) for id in topic.scores] + [("question", item) for item in topic.items]
        taken = [series.pop(key) for key in keys if key in series]
        if taken:
            topics.append((taken[0].own[-1].light, topic.title, taken))
    topics.sort(key=lambda each: ORDER.index(each[0]))
    if series:
        topics.append((Light.NOT_ASSESSED, None if topics else chosen.title, list(series.values())))
    return tuple(_topic(light, title, taken, chosen) for light, title, taken in topics)


def _series(chosen: Questionnaires) -> tuple[Series, ...]:
    return trends_of(chosen.past, chosen.view.view if chosen.view else None, chosen.elsewhere)


def _has_something(series: Series) -> bool:
    if series.kind == "topic":
        return True
    return any(point.gap is None if series.is_of_lights else point.given for point in series.points)


def _topic(light: Light, title: Text | None, taken: list[Series], chosen: Questionnaires) -> TopicTrends:
    words = title.say(get_language() or "da") if title else _("Andre spørgsmål")
    return TopicTrends(words, light.code, tuple(_trend_row(each, chosen) for each in taken))


def _trend_row(series: Series, chosen: Questionnaires) -> TrendRow:
    responses = {each.url: each for each in (*chosen.past, *chosen.elsewhere)}
    return TrendRow(
        title=series.title.say(get_language() or "da"),
        summary=" ".join([_light_since(series), *others_words(series)]) if series.is_of_lights else development(series),
        chart=_chart(series),
        is_light=series.kind == "topic",
        rows=tuple(reversed([_row(point, series, responses[point.response], chosen.base) for point in series.points])),
    )


def _row(point: Point, series: Series, response: PastResponse, base: str) -> PointRow:
    return PointRow(
        when=dates.day_with_year(point.at),
        form="" if point.base == base else response.definition.form.title.say(get_language() or "da"),
        by=by_words(kind_of(response.source)),
        value=_value(point, series, response),
        light=point.light.code,
        response_id=url_id(point.response),
    )


def _value(point: Point, series: Series, response: PastResponse) -> str:
    """Say what was answered, of a choice in its own words; and why it does not compare, where it does not."""
    chosen = _chosen(point.link_id, response) if series.kind == "question" else ""
    given = f"{number(point.given.value)} {point.given.measure.shown}".strip() if point.given else ""
    said, gap = chosen or given, gap_word(point.gap) if point.gap else ""
    return f"{said} ({gap})" if said and gap else said or gap or "–"


def _chosen(link_id: str, response: PastResponse) -> str:
    """Give the words of what was chosen, or yes or no; empty where the question is another, or has no answer."""
    item, answers = response.definition.question_at(link_id), response.answers.get(link_id, ())
    if item is None or item.type not in (*CHOICES, "boolean"):
        return ""
    return ", ".join(in_words(item, answer, get_language() or "da") for answer in answers)


def _chart(series: Series) -> Chart | None:
    if series.is_of_lights:
        return _light_chart(series)
    values = [point.value for point in series.points if point.value is not None]
    if not values:
        return None
    low, high = series.measure.low, series.measure.high
    low, high = min(values) if low is None else low, max(values) if high is None else high
    bands = list(_stretches(series))
    measured = [Measured(point.at, point.value, point.light.code) for point in series.points]
    return chart(measured, low, high, bands)


def _light_chart(series: Series) -> Chart | None:
    """Draw lights as steps: green lowest, red on top; not assessed is a gap, and so is what another has answered."""
    steps = ((point, _STEPS.get(point.light) if point.gap is None else None) for point in series.points)
    measured = [Measured(point.at, step, point.light.code) for point, step in steps]
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


def _light_since(series: Series) -> str:
    """Say since when a light has been so, and which it was before."""
    points = series.own
    last = points[-1]
    same = list(takewhile(lambda point: point.light is last.light, reversed(points)))
    before = [point.light for point in points[: -len(same)] if point.light is not Light.NOT_ASSESSED]
    words = {"light": light_word(last.light), "day": dates.short_day(same[-1].at, last.at.date())}
    if before:
        sentence = _("%(light)s siden %(day)s, før %(before)s.") % {**words, "before": light_word(before[-1])}
    else:
        sentence = _("%(light)s siden %(day)s.") % words
    return sentence[:1].upper() + sentence[1:]

"""Answers over time as the page shows them: a chart, and the same numbers as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.care.over_time import Point, Questionnaires, Series, trends_of
from kommunalpro.pro.triage import Light
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.chart import Chart, Measured, Stretch, chart

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
    """One series. `chart` None: it has a light only, or too little to draw."""

    title: str
    summary: str
    chart: Chart | None
    has_values: bool
    rows: tuple[PointRow, ...]


def tabs(found: tuple[Questionnaires, ...], chosen: Questionnaires) -> tuple[FormTab, ...]:
    language = get_language() or "da"
    return tuple(FormTab(quote(each.base), each.title.say(language), len(each.past), each is chosen) for each in found)


def trend_rows(chosen: Questionnaires) -> tuple[TrendRow, ...]:
    """Give what is worth a chart: every score, question and topic with at least one answer or light."""
    view = chosen.view.view if chosen.view else None
    language = get_language() or "da"
    return tuple(_trend_row(series, language) for series in trends_of(chosen.past, view) if _has_something(series))


def _has_something(series: Series) -> bool:
    return series.kind == "topic" or any(point.value is not None for point in series.points)


def _trend_row(series: Series, language: str) -> TrendRow:
    return TrendRow(
        title=series.title.say(language),
        summary=_summary(series),
        chart=_chart(series),
        has_values=series.kind != "topic",
        rows=tuple(reversed([_row(point, series) for point in series.points])),
    )


def _row(point: Point, series: Series) -> PointRow:
    value = "–" if point.value is None else f"{_number(point.value)} {series.unit}".strip()
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
    words = {Decimal(0): _("grøn"), Decimal(1): _("gul"), Decimal(2): _("rød")}
    return chart(measured, Decimal(0), Decimal(2), (), words=words)


def _stretches(series: Series) -> Iterator[Stretch]:
    """Give the bands for drawing, each reaching the next: between 6 and 7 there is no gap on paper."""
    ordered = sorted(series.bands, key=lambda band: band.low)
    for number, band in enumerate(ordered):
        high = ordered[number + 1].low if number + 1 < len(ordered) else band.high
        yield Stretch(band.low, high, band.light.code)


def _summary(series: Series) -> str:
    """Say start against end in words."""
    known = [point for point in series.points if point.value is not None]
    if len(known) < 2 or known[0].value is None or known[-1].value is None:
        return ""
    words = {
        "first": _number(known[0].value),
        "last": _number(known[-1].value),
        "start": dates.day_with_year(known[0].at),
        "end": dates.day_with_year(known[-1].at),
    }
    return _("%(first)s %(start)s, %(last)s %(end)s.") % words


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.replace(".", ",") if (get_language() or "da") == "da" else text

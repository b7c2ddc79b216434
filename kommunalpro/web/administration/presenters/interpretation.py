"""A View as editors read it: its topics, and its scores with their bands on a scale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kommunalpro.fhir.json import Json
from kommunalpro.web.administration.presenters.basics import say
from kommunalpro.web.administration.presenters.rules import name, number


@dataclass(frozen=True, slots=True)
class Band:
    """Part of a scale with one light. `start` and `width` are thousandths of the scale, for drawing."""

    light: str
    words: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score in words: what it adds up, which way is good, and its bands, lowest first."""

    id: str
    title: str
    method: str
    items: tuple[str, ...]
    direction: str
    missing: str
    low: str
    high: str
    bands: tuple[Band, ...]
    source: str


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic of a view: which questions and scores decide its light."""

    id: str
    title: str
    items: tuple[str, ...]
    scores: tuple[str, ...]


def topics(content: Json, items: Mapping[str, Json]) -> tuple[TopicView, ...]:
    """Give the topics of a view's content. `items` are the questionnaire's items by linkId."""
    scores = {score["id"]: say(score["title"]) for score in content.get("scores", ())}
    return tuple(
        TopicView(
            topic["id"],
            say(topic["title"]),
            tuple(_item_name(entry, items) for entry in topic.get("items", ())),
            tuple(scores.get(score, score) for score in topic.get("scores", ())),
        )
        for topic in content.get("topics", ())
    )


def topic_titles(contents: Iterable[Json]) -> Mapping[str, str]:
    """Give the titles of all topics of some views by the topic's id, in the order of the views."""
    return {topic["id"]: say(topic["title"]) for content in contents for topic in content.get("topics", ())}


def _item_name(entry: Any, items: Mapping[str, Json]) -> str:
    link_id = entry if isinstance(entry, str) else entry["item"]
    return name(items.get(link_id, {}), link_id)


def scores(content: Json, items: Mapping[str, Json]) -> tuple[ScoreView, ...]:
    """Give the scores of a view's content, each with its bands placed on its scale."""
    return tuple(_score(score, items) for score in content.get("scores", ()))


def _score(score: Json, items: Mapping[str, Json]) -> ScoreView:
    low, high = Decimal(str(score["scale"]["low"])), Decimal(str(score["scale"]["high"]))
    turned = set(score.get("reversed", ()))
    names = (
        _("%(question)s (vendt)") % {"question": name(items.get(each, {}), each)}
        if each in turned
        else name(items.get(each, {}), each)
        for each in score.get("items", ())
    )
    directions = {"high-is-worse": _("Højt er værst"), "high-is-better": _("Højt er bedst")}
    return ScoreView(
        score["id"],
        say(score["title"]),
        _methods().get(score["method"], score["method"]),
        tuple(names),
        directions.get(score.get("direction", ""), _("Ingen retning")),
        _missing(score.get("missing", {}), len(score.get("items", ()))),
        number(low),
        number(high),
        _bands(score.get("bands", ()), low, high),
        str(score.get("source", "")),
    )


def _methods() -> Mapping[str, str]:
    return {"sum": _("Sum"), "mean": _("Gennemsnit"), "linear": _("Omregning"), "lookup": _("Opslag")}


def _missing(rule: Json, items: int) -> str:
    if rule.get("rule") in ("at-least", "half"):
        return _("Mindst %(answered)s svar, ellers ingen score") % {"answered": rule.get("answered", (items + 1) // 2)}
    return _("Alle svar skal være der, ellers ingen score")


def _bands(bands: Iterable[Json], low: Decimal, high: Decimal) -> tuple[Band, ...]:
    """Place bands on the scale: each reaches to where the next begins, so that the drawing has no gaps."""
    ordered = sorted(bands, key=lambda band: Decimal(str(band["low"])))
    starts = [_thousandth(Decimal(str(band["low"])), low, high) for band in ordered]
    ends = [*starts[1:], 1000]
    return tuple(
        Band(band.get("light", "not-assessed"), _band_words(band), start, end - start)
        for band, start, end in zip(ordered, starts, ends, strict=True)
    )


def _band_words(band: Json) -> str:
    stretch = f"{number(band['low'])}–{number(band['high'])}"
    return f"{stretch} ({say(band['text'])})" if "text" in band else stretch


def _thousandth(value: Decimal, low: Decimal, high: Decimal) -> int:
    return int((value - low) * 1000 / (high - low)) if high > low else 0

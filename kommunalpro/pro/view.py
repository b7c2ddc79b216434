"""A View: the topics, scores, bands and acute rules by which a questionnaire's answers are read.

Made by editors, versioned, national or local; the questions' own rules (answerSignificance) stand in the Questionnaire.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import ContentError, decimal, schema_problems, twice
from kommunalpro.pro.form import Form
from kommunalpro.pro.light import Light
from kommunalpro.pro.text import Text, read_text
from kommunalpro.pro.view_schema import VIEW_SCHEMAS

Direction = Literal["high-is-better", "high-is-worse"]
Level = Literal["national", "local"]


class ViewError(ContentError):
    """A View that cannot be used; `args` are all its problems."""


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a score's scale, both ends included, with its light."""

    low: Decimal
    high: Decimal
    light: Light


@dataclass(frozen=True, slots=True)
class Scale:
    """What a score can be, both ends included."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class ScoreDefinition:
    """How a score is computed: `factor` × (sum or mean of its items) + `offset`.

    `at_least`: how many items must be answered. `reversed` items count from the other end of their own scale.
    """

    id: str
    title: Text
    method: Literal["sum", "mean"]
    items: tuple[str, ...]
    reversed: frozenset[str]
    factor: Decimal
    offset: Decimal
    scale: Scale
    direction: Direction
    at_least: int
    bands: tuple[Band, ...]
    source: str

    def light_of(self, value: Decimal | None) -> Light:
        """Give the light of a value. Between two bands the worse of them holds; outside all: not assessed."""
        if value is None or not self.bands or not self.bands[0].low <= value <= self.bands[-1].high:
            return Light.NOT_ASSESSED
        inside = [band.light for band in self.bands if band.low <= value <= band.high]
        around = [pair for pair in pairwise(self.bands) if pair[0].high < value < pair[1].low]
        lights = inside or [band.light for pair in around for band in pair]
        return max(lights, key=lambda light: light.severity)


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions and scores that are read together, by linkId and id. `fsiii` None: FSIII has no code for it."""

    id: str
    title: Text
    items: tuple[str, ...]
    scores: tuple[str, ...]
    fsiii: str | None


@dataclass(frozen=True, slots=True)
class AcuteRule:
    """An answer that may not wait. `text` is what the citizen reads at once."""

    id: str
    item: str
    operator: str
    value: Any
    text: Text
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """How a questionnaire is read. `priorities`: the question about what to talk about; None: there is none."""

    identifier: str
    version: str
    level: Level
    title: Text
    scores: tuple[ScoreDefinition, ...]
    topics: tuple[Topic, ...]
    directions: Mapping[str, Direction]
    priorities: str | None
    acute: tuple[AcuteRule, ...]


def read_view(content: Json) -> View:
    """Read a View's content, in any schemaVersion there has been.

    Raises:
        ViewError: with all problems.
    """
    problems = schema_problems(content, VIEW_SCHEMAS)
    if problems:
        raise ViewError(*problems)
    view = View(
        identifier=content["identifier"],
        version=content["version"],
        level=content["level"],
        title=read_text(content["title"]),
        scores=tuple(_score(each) for each in content["scores"]),
        topics=tuple(_topic(each) for each in content["topics"]),
        directions=dict(_directions(content["topics"])),
        priorities=content.get("priorities", {}).get("item"),
        acute=tuple(_acute(each) for each in content.get("acute", ())),
    )
    problems = [*_own_problems(view)]
    if problems:
        raise ViewError(*problems)
    return view


def view_problems(view: View, form: Form) -> list[str]:
    """Give what does not fit between a View and its questionnaire; empty: it can be published with it."""
    items = [item for topic in view.topics for item in topic.items]
    items += [item for score in view.scores for item in score.items]
    items += [rule.item for rule in view.acute]
    items += [view.priorities] if view.priorities else []
    return [
        f"{item}: the questionnaire has no such question"
        for item in dict.fromkeys(items)
        if item not in form.places or not form.item(item).is_question
    ]


def _score(score: Json) -> ScoreDefinition:
    items = tuple(score["items"])
    missing = score["missing"]
    bands = [Band(decimal(each["low"]), decimal(each["high"]), Light(each["light"])) for each in score["bands"]]
    return ScoreDefinition(
        id=score["id"],
        title=read_text(score["title"]),
        method=score["method"],
        items=items,
        reversed=frozenset(score.get("reversed", ())),
        factor=decimal(score.get("factor", 1)),
        offset=decimal(score.get("offset", 0)),
        scale=Scale(decimal(score["scale"]["low"]), decimal(score["scale"]["high"])),
        direction=score["direction"],
        at_least=len(items) if missing["rule"] == "all" else missing["answered"],
        bands=tuple(sorted(bands, key=lambda band: band.low)),
        source=score["source"],
    )


def _topic(topic: Json) -> Topic:
    items = tuple(each if isinstance(each, str) else each["item"] for each in topic["items"])
    return Topic(topic["id"], read_text(topic["title"]), items, tuple(topic["scores"]), topic.get("fsiii"))


def _directions(topics: list[Json]) -> Iterator[tuple[str, Direction]]:
    for topic in topics:
        for each in topic["items"]:
            if not isinstance(each, str) and "direction" in each:
                yield each["item"], each["direction"]


def _acute(rule: Json) -> AcuteRule:
    return AcuteRule(rule["id"], rule["item"], rule["operator"], rule["value"], read_text(rule["text"]), rule["source"])


def _own_problems(view: View) -> Iterator[str]:
    """What a schema cannot say: names that are used once, scores that are there, bands without gap or overlap."""
    yield from twice([score.id for score in view.scores], "scores")
    yield from twice([topic.id for topic in view.topics], "topics")
    yield from twice([item for topic in view.topics for item in topic.items], "topics.items")
    known = {score.id for score in view.scores}
    for topic in view.topics:
        yield from (f"topics.{topic.id}: there is no score {each!r}" for each in topic.scores if each not in known)
    for score in view.scores:
        yield from (f"scores.{score.id}: {problem}" for problem in _score_problems(score))


def _score_problems(score: ScoreDefinition) -> Iterator[str]:
    if score.scale.low >= score.scale.high:
        yield "the scale has no width"
    if not score.reversed <= set(score.items):
        yield "an item is reversed that the score does not have"
    if score.at_least > len(score.items):
        yield "more answers are asked for than the score has items"
    if score.bands:
        yield from _band_problems(score)
        yield from _direction_problems(score)


def _band_problems(score: ScoreDefinition) -> Iterator[str]:
    if (score.bands[0].low, score.bands[-1].high) != (score.scale.low, score.scale.high):
        yield "the bands do not cover the scale"
    for band in score.bands:
        if band.low > band.high:
            yield f"the band from {band.low} to {band.high} is upside down"
    for lower, higher in pairwise(score.bands):
        if higher.low <= lower.high:
            yield f"the bands overlap at {higher.low}"
        elif higher.low - lower.high > 1:
            yield f"there is a gap between {lower.high} and {higher.low}"


def _direction_problems(score: ScoreDefinition) -> Iterator[str]:
    """A better score never gives a worse light."""
    severities = [band.light.severity for band in score.bands]
    better = severities if score.direction == "high-is-better" else severities[::-1]
    if better != sorted(better, reverse=True):
        yield f"with {score.direction}, a better score would give a worse light"

"""A View: the topics, scores, bands and acute rules by which a questionnaire's answers are read.

Made by editors, versioned, national or local; the questions' own rules (answerSignificance) stand in the Questionnaire.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import ContentError, ContentFault, schema_problems, twice
from kommunalpro.pro.score_check import score_problems
from kommunalpro.pro.score_definition import Band, Direction, Scale, ScoreDefinition, read_score
from kommunalpro.pro.text import Text, read_text
from kommunalpro.pro.view_schema import VIEW_SCHEMAS

__all__ = [
    "AcuteRule",
    "Band",
    "Direction",
    "Level",
    "Scale",
    "ScoreDefinition",
    "Topic",
    "View",
    "ViewError",
    "read_view",
]

Level = Literal["national", "local"]


class ViewError(ContentError):
    """A View that cannot be used; `args` are all its problems."""


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
    """How a questionnaire is read. `priorities`: the question about what to talk about; None: there is none.

    `instruments`: `identifier|version` of each instrument that the questionnaire holds.
    """

    identifier: str
    version: str
    level: Level
    title: Text
    scores: tuple[ScoreDefinition, ...]
    topics: tuple[Topic, ...]
    directions: Mapping[str, Direction]
    priorities: str | None
    acute: tuple[AcuteRule, ...]
    instruments: tuple[str, ...] = ()


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
        scores=tuple(read_score(each) for each in content["scores"]),
        topics=tuple(_topic(each) for each in content["topics"]),
        directions=dict(_directions(content["topics"])),
        priorities=content.get("priorities", {}).get("item"),
        acute=tuple(_acute(each) for each in content.get("acute", ())),
        instruments=tuple(content.get("instruments", ())),
    )
    problems = [*_own_problems(view)]
    if problems:
        wrong = ViewError(*problems)
        wrong.read = view
        raise wrong
    return view


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


def _own_problems(view: View) -> Iterator[ContentFault]:
    """What a schema cannot say: names that are used once, scores that are there, bands without gap or overlap."""
    yield from twice([score.id for score in view.scores], "scores")
    yield from twice([topic.id for topic in view.topics], "topics")
    yield from twice([item for topic in view.topics for item in topic.items], "topics.items")
    yield from twice([rule.id for rule in view.acute], "acute")
    known = {score.id for score in view.scores}
    for topic in view.topics:
        for each in topic.scores:
            if each not in known:
                text = Text(f"Der er ingen score ”{each}”.", f"there is no score {each!r}")
                yield ContentFault(f"topics.{topic.id}", text)
    for score in view.scores:
        yield from (ContentFault(f"scores.{score.id}", text) for text in score_problems(score))

"""ActionGuidance: what staff can do about a topic and its light, and which local offers fit.

National guidance and the organisation's own stand side by side; local guidance names what it replaces.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from msgspec import Struct

from kommunalpro.fhir.json import Json
from kommunalpro.pro.acute import holds
from kommunalpro.pro.answers import Answers, by_question
from kommunalpro.pro.content import ContentError, ContentFault, decimal, is_decimal, schema_problems, twice
from kommunalpro.pro.explanation import LIGHT_WORDS
from kommunalpro.pro.guidance_schema import GUIDANCE_SCHEMAS
from kommunalpro.pro.light import Light
from kommunalpro.pro.text import Text, joined, read_text
from kommunalpro.pro.triage import Assessment, TopicAssessment
from kommunalpro.pro.view import Level

_BECAUSE = Text("Fordi {topics}", "Because {topics}")
_TOPIC_IS = Text("{topic} er {light}", "{topic} is {light}")
_AND = Text(" og ", " and ")
_NO_DAY = Text("Den dag findes ikke.", "no such day")
_AND_AS_ANSWERED = Text("{because}, og på grund af det, der er svaret", "{because}, and for what was answered")
_ID, _TITLE_AND_LIGHT = attrgetter("id"), attrgetter("title", "light")


class GuidanceError(ContentError):
    """Guidance that cannot be used; `args` are all its problems."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on."""

    title: Text
    url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What makes a piece of advice a local offer. `starts` None: at any time; `places` None: not limited."""

    provider: str
    starts: date | None
    places: int | None
    contact: str


@dataclass(frozen=True, slots=True)
class AnswerCondition:
    """Something that must be answered, or scored, for advice to apply."""

    item: str | None
    score: str | None
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of advice or one offer, and when it applies. Lower `rank` comes first."""

    id: str
    topics: tuple[str, ...]
    lights: frozenset[Light]
    conditions: tuple[AnswerCondition, ...]
    title: Text
    text: Text
    links: tuple[Link, ...]
    source: str
    rank: int
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Guidance:
    """An ActionGuidance. `replaces` holds the ids of national entries that this, local, one stands for."""

    identifier: str
    version: str
    level: Level
    title: Text
    entries: tuple[Entry, ...]
    replaces: frozenset[str]


class Advice(Struct, frozen=True):
    """An entry that applies to a response, with the topics it applies to, the worst light among them, and why."""

    id: str
    kind: Literal["advice", "offer"]
    level: Level
    topics: tuple[str, ...]
    light: Light
    title: Text
    text: Text
    links: tuple[Link, ...]
    source: str
    because: Text
    offer: Offer | None


def read_guidance(content: Json) -> Guidance:
    """Read ActionGuidance content, in any schemaVersion there has been.

    Raises:
        GuidanceError: with all problems.
    """
    problems = schema_problems(content, GUIDANCE_SCHEMAS)
    if problems:
        raise GuidanceError(*problems)
    problems = list(twice([each["id"] for each in (*content["advice"], *content["offers"])], "ids"))
    problems += [
        ContentFault(f"offers.{each['id']}.starts", _NO_DAY) for each in content["offers"] if not _has_day(each)
    ]
    if problems:
        wrong = GuidanceError(*problems)
        wrong.read = _guidance(content) if all(map(_has_day, content["offers"])) else None
        raise wrong
    return _guidance(content)


def _guidance(content: Json) -> Guidance:
    advice = (_entry(each, (each["topic"],), None) for each in content["advice"])
    offers = (_entry(each, tuple(each["topics"]), _offer(each)) for each in content["offers"])
    return Guidance(
        identifier=content["identifier"],
        version=content["version"],
        level=content["level"],
        title=read_text(content["title"]),
        entries=(*advice, *offers),
        replaces=frozenset(content.get("replaces", ())),
    )


def advise(
    national: Guidance | None,
    local: Guidance | None,
    assessment: Assessment,
    answers: Answers,
    *,
    today: date,
) -> tuple[Advice, ...]:
    """Give what applies to a response, the most pressing light first, then by rank.

    `answers` are those that count (`enabled_answers`). An offer that has begun before `today` is left out. An offer for
    several topics stands there once.
    """
    topics = {topic.id: topic for topic in assessment.topics}
    order = {id: number for number, id in enumerate(topics)}
    entries = list(_entries(national, local))
    asked_of = {condition.item for _, entry in entries for condition in entry.conditions}
    known = _Known(assessment, topics, order, by_question(answers, asked_of), today)
    found = [
        (advice, entry.rank) for guidance, entry in entries if (advice := _applied(guidance, entry, known)) is not None
    ]
    found.sort(key=lambda pair: (-pair[0].light.severity, pair[1], order[pair[0].topics[0]], pair[0].id))
    return tuple([advice for advice, _ in found])


class _Known(Struct, frozen=True):
    """What advice is held against: the assessment, its topics by id and their order, the answers by linkId, the day."""

    assessment: Assessment
    topics: Mapping[str, TopicAssessment]
    order: Mapping[str, int]
    answers: Mapping[str, Sequence[tuple[str, tuple[Json, ...]]]]
    today: date


def _entries(national: Guidance | None, local: Guidance | None) -> Iterator[tuple[Guidance, Entry]]:
    replaced = local.replaces if local else frozenset()
    if national:
        yield from ((national, entry) for entry in national.entries if entry.id not in replaced)
    if local:
        yield from ((local, entry) for entry in local.entries)


def _applied(guidance: Guidance, entry: Entry, known: _Known) -> Advice | None:
    if entry.offer is not None and entry.offer.starts is not None and entry.offer.starts < known.today:
        return None
    topics = []
    for id in entry.topics:
        if id in known.topics and known.topics[id].light in entry.lights:
            topics.append(known.topics[id])
    if not topics or not _are_met(entry.conditions, known):
        return None
    if len(topics) > 1:
        topics.sort(key=lambda topic: (-topic.light.severity, known.order[topic.id]))
    return Advice(
        id=entry.id,
        kind="advice" if entry.offer is None else "offer",
        level=guidance.level,
        topics=tuple(map(_ID, topics)),
        light=topics[0].light,
        title=entry.title,
        text=entry.text,
        links=entry.links,
        source=entry.source,
        because=_because(tuple(map(_TITLE_AND_LIGHT, topics)), bool(entry.conditions)),
        offer=entry.offer,
    )


def _are_met(conditions: tuple[AnswerCondition, ...], known: _Known) -> bool:
    for each in conditions:  # noqa: SIM110  # Half the time of `all`, for each piece of advice.
        if not _is_met(each, known):
            return False
    return True


def _is_met(condition: AnswerCondition, known: _Known) -> bool:
    if condition.item is not None:
        given: list[Json] = []
        for _, answers in known.answers.get(condition.item, ()):
            given += answers
        return holds(condition.operator, condition.value, given)
    score = known.assessment.scores.get(condition.score or "")
    if condition.operator == "exists":
        return (score is not None and score.value is not None) is bool(condition.value)
    if score is None or score.value is None or not is_decimal(condition.value):
        return False
    return holds(condition.operator, decimal(condition.value), ({"valueDecimal": score.value},))


@lru_cache(maxsize=4096)
def _because(topics: tuple[tuple[Text, Light], ...], is_conditional: bool) -> Text:
    """Say why advice is given, by its topics with their lights; the same for every response with the same."""
    words = [_TOPIC_IS.fill(topic=title, light=LIGHT_WORDS[light]) for title, light in topics]
    because = _BECAUSE.fill(topics=joined(words, _AND))
    return _AND_AS_ANSWERED.fill(because=because) if is_conditional else because


def _entry(entry: Json, topics: tuple[str, ...], offer: Offer | None) -> Entry:
    return Entry(
        id=entry["id"],
        topics=topics,
        lights=frozenset(Light(light) for light in entry["lights"]),
        conditions=tuple(
            AnswerCondition(each.get("item"), each.get("score"), each["operator"], each["value"])
            for each in entry.get("conditions", ())
        ),
        title=read_text(entry["title"]),
        text=read_text(entry["text"]),
        links=tuple(Link(read_text(link["title"]), link["url"]) for link in entry.get("links", ())),
        source=entry.get("source", ""),
        rank=entry.get("rank", 100),
        offer=offer,
    )


def _offer(offer: Json) -> Offer:
    starts = offer.get("starts")
    return Offer(
        provider=offer.get("provider", ""),
        starts=date.fromisoformat(starts) if starts else None,
        places=offer.get("places"),
        contact=offer.get("contact", ""),
    )


def _has_day(offer: Json) -> bool:
    try:
        return "starts" not in offer or bool(date.fromisoformat(offer["starts"]))
    except ValueError:
        return False

"""ActionGuidance as editors read it: advice and offers by topic."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.fhir.json import Json
from kommunalpro.web.administration.presenters.basics import say
from kommunalpro.web.administration.presenters.labels import day
from kommunalpro.web.administration.presenters.rules import compare, name, option_texts
from kommunalpro.web.shared.joining import both


@dataclass(frozen=True, slots=True)
class AdviceView:
    """One piece of advice, or one offer: an offer has a provider. `when` None means always in its topic and lights."""

    id: str
    title: str
    text: str
    lights: tuple[str, ...]
    when: str | None
    source: str | None
    links: tuple[tuple[str, str], ...]
    provider: str | None
    facts: tuple[str, ...]
    is_offer: bool


@dataclass(frozen=True, slots=True)
class AdviceTopic:
    """All advice and offers about one topic, in the order that staff see them."""

    id: str
    title: str
    entries: tuple[AdviceView, ...]


def advice(content: Json, titles: Mapping[str, str], items: Mapping[str, Json]) -> tuple[AdviceTopic, ...]:
    """Give advice and offers by topic. `titles` are the view's topics by id, in its order."""
    found: dict[str, list[tuple[int, AdviceView]]] = {topic: [] for topic in titles}
    for each in content.get("advice", ()):
        found.setdefault(each["topic"], []).append((each.get("rank", 0), _advice(each, items, offer=False)))
    for each in content.get("offers", ()):
        for topic in each.get("topics", ()):
            found.setdefault(topic, []).append((each.get("rank", 0), _advice(each, items, offer=True)))
    return tuple(
        AdviceTopic(
            topic, titles.get(topic, topic), tuple(view for _rank, view in sorted(entries, key=lambda pair: pair[0]))
        )
        for topic, entries in found.items()
        if entries
    )


def usual_source(topics: Iterable[AdviceTopic]) -> str | None:
    """Give the source that most advice has, so that a page names it once; None means that none has a source."""
    sources = Counter(entry.source for topic in topics for entry in topic.entries if entry.source)
    return sources.most_common(1)[0][0] if sources else None


def _advice(entry: Json, items: Mapping[str, Json], *, offer: bool) -> AdviceView:
    return AdviceView(
        id=entry["id"],
        title=say(entry["title"]),
        text=say(entry["text"]),
        lights=tuple(entry.get("lights", ())),
        when=_when(entry.get("conditions", ()), items),
        source=entry.get("source"),
        links=tuple((say(link["title"]), link["url"]) for link in entry.get("links", ())),
        provider=entry.get("provider"),
        facts=tuple(_facts(entry)) if offer else (),
        is_offer=offer,
    )


def _facts(offer: Json) -> Iterable[str]:
    if "starts" in offer:
        yield _("Starter %(day)s") % {"day": day(offer["starts"])}
    if "places" in offer:
        yield _("%(places)s pladser") % {"places": offer["places"]}
    if "contact" in offer:
        yield str(offer["contact"])


def _when(conditions: Iterable[Json], items: Mapping[str, Json]) -> str | None:
    words = [_condition(each, items) for each in conditions]
    return both(words) if words else None


def _condition(condition: Json, items: Mapping[str, Json]) -> str:
    link_id = condition.get("item") or condition.get("score", "")
    item = items.get(link_id, {})
    options = option_texts(item)
    value = condition.get("value")
    answer = compare(condition["operator"], {"code": value} if value in options else value, options)
    return _("”%(question)s” er %(answer)s") % {"question": name(item, link_id), "answer": answer}

"""Answers over time: from responses, in any versions of their questionnaires, to one series for each thing.

Within a questionnaire's base a linkId means the same question; in another questionnaire the question that has the same
code (system and code) is the same, where exactly one has it. Topics and scores belong to the View of one base.

Lights and scores are those of record: nothing is assessed anew, and without a record nothing is assessed. Numbers of a
score compare when the rule in force gives the same number for the answers of then.

What stands in a repeating group has no series: number 2 of one response need not be number 2 of the next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import kind_and_value, number_of
from kommunalpro.pro.enablement import enabled_answers
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.scoring import score_value
from kommunalpro.pro.series import Gap, Given, Measure, Point, Series, settled
from kommunalpro.pro.triage import Assessment, Source
from kommunalpro.pro.view import View

__all__ = ["Answered", "trends"]

_NUMBERS = ("integer", "decimal", "quantity")
_CHOICES = ("choice", "open-choice")


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """One response. `base` names its questionnaire in all versions; `record` None: there is no light of record."""

    at: datetime
    response: str
    base: str
    form: Form
    answers: Answers
    record: Assessment | None


def trends(responses: Iterable[Answered], view: View | None, *, base: str) -> tuple[Series, ...]:
    """Give the series of one questionnaire: topics, then scores, then questions that have numbers or lights.

    `view` is the one in force for it; None: there are no topics and scores. Responses to other questionnaires count
    where they answer the same question. The order in which responses are given does not matter.
    """
    ordered = sorted(responses, key=lambda each: (each.at, each.response))
    own = [each for each in ordered if each.base == base]
    found = [*_topics(own, view), *_scores(own, view), *_questions(own, ordered, base, view)] if own else []
    return tuple(settled(each) for each in found)


def _topics(own: Sequence[Answered], view: View | None) -> Iterator[Series]:
    for topic in view.topics if view else ():
        points = [_of_light(each, _topic_light(each, topic.id)) for each in own]
        yield Series("topic", topic.id, topic.title, tuple(points), is_of_lights=True)


def _topic_light(each: Answered, topic: str) -> Light:
    found = each.record.topics if each.record else ()
    return next((topics.light for topics in found if topics.id == topic), Light.NOT_ASSESSED)


def _scores(own: Sequence[Answered], view: View | None) -> Iterator[Series]:
    for score in view.scores if view else ():
        yield Series(
            "score",
            score.id,
            score.title,
            tuple(_score_point(each, score, view) for each in own),
            direction=score.direction,
            bands=score.bands,
            minimal_change=score.minimal_change,
        )


def _score_point(each: Answered, score: ScoreDefinition, view: View | None) -> Point:
    found = each.record.scores.get(score.id) if each.record else None
    light = found.light if found else Light.NOT_ASSESSED
    if each.record is None or found is None or found.value is None:
        return _point(each, light, gap="not-computed" if each.record else "not-assessed")
    if _is_by(view, each.record.source) or _gives(score, each) == found.value:
        return _point(each, light, Given(found.value, Measure(low=score.scale.low, high=score.scale.high)))
    return _point(each, light, Given(found.value, Measure(rule=_rule(each.record.source))))


def _is_by(view: View | None, source: Source) -> bool:
    known = view and (view.identifier, view.version, view.level)
    return known == (source.view_identifier, source.view_version, source.level)


def _rule(source: Source) -> str:
    return source.view or f"{source.view_identifier}|{source.view_version}"


def _gives(score: ScoreDefinition, each: Answered) -> Decimal | None:
    """Give what the rule in force makes of the answers of then: not to show it, only to tell whether it is the same."""
    if any(item not in each.form.places for item in score.items):
        return None
    return score_value(score, each.form, enabled_answers(each.form, each.answers))


def _questions(own: Sequence[Answered], ordered: Sequence[Answered], base: str, view: View | None) -> Iterator[Series]:
    coded = {each.form: _by_code(each.form) for each in ordered}
    for item, form in _measured(own):
        same = [(each, item.link_id if each.base == base else _same(item, form, each.form, coded)) for each in ordered]
        is_of_lights = not _has_numbers(item)
        yield Series(
            "question",
            item.link_id,
            item.name,
            tuple(_answer_point(each, link_id, is_of_lights) for each, link_id in same if link_id is not None),
            is_of_lights=is_of_lights,
            direction=view.directions.get(item.link_id) if view else None,
        )


def _measured(own: Sequence[Answered]) -> Iterator[tuple[Item, Form]]:
    """Give the questions that have a series, each as the last version has it that has it, with that version."""
    seen: set[str] = set()
    for each in reversed(own):
        for link_id, place in each.form.places.items():
            if link_id not in seen:
                seen.add(link_id)
                if not place.scopes and (_has_numbers(place.item) or _has_lights(place.item)):
                    yield place.item, each.form


def _has_numbers(item: Item) -> bool:
    return item.type in _NUMBERS or (item.type in _CHOICES and any(each.ordinal is not None for each in item.options))


def _has_lights(item: Item) -> bool:
    return item.type in _CHOICES and bool(item.rules)


_Coded = Mapping[tuple[Any, Any], frozenset[str]]
"""System and code → the linkIds of all questions that have it."""


def _by_code(form: Form) -> _Coded:
    found: dict[tuple[Any, Any], frozenset[str]] = {}
    for item in form.questions():
        for code in _codes(item):
            found[code] = found.get(code, frozenset()) | {item.link_id}
    return found


def _codes(item: Item) -> list[tuple[Any, Any]]:
    return [(each["system"], each["code"]) for each in item.codes if each.get("system") and each.get("code")]


def _same(item: Item, form: Form, other: Form, coded: Mapping[Form, _Coded]) -> str | None:
    """Give the linkId of the same question in another questionnaire; None: none is, or more than one may be."""
    shared = [code for code in _codes(item) if len(coded[form][code]) == 1]
    found = {link_id for code in shared for link_id in coded[other].get(code, ())}
    return found.pop() if len(found) == 1 else None


def _answer_point(each: Answered, link_id: str, is_of_lights: bool) -> Point:
    findings = each.record.findings if each.record else ()
    light = worst(found.light for found in findings if found.link_id == link_id)
    gap = _gap(each, link_id)
    if is_of_lights:
        return _of_light(each, light, gap)
    given = None if gap else _number(each.form.item(link_id), each.answers[link_id][0])
    return _point(each, light, given, gap if gap or given else "no-number")


def _gap(each: Answered, link_id: str) -> Gap | None:
    """Say why there is no one answer; None: there is."""
    place, given = each.form.places.get(link_id), each.answers.get(link_id, ())
    if place is None:
        return "not-asked"
    if place.scopes or len(given) > 1:
        return "several-answers"
    return None if given else "not-answered"


def _number(item: Item, answer: Json) -> Given | None:
    """Give the number that was answered, of an option its ordinal; None: it is none, or a bound such as `< 5`."""
    if item.type in _CHOICES:
        option, ordinals = item.option_for(answer), [each.ordinal for each in item.options if each.ordinal is not None]
        if option is None or option.ordinal is None:
            return None
        return Given(option.ordinal, Measure(low=min(ordinals), high=max(ordinals)))
    kind, value = kind_and_value(answer)
    number = number_of(kind, value)
    if number is None or (kind == "Quantity" and value.get("comparator")):
        return None
    unit, shown = item.unit or "", item.unit or ""
    if kind == "Quantity":
        unit, shown = value.get("code") or value.get("unit") or unit, value.get("unit") or value.get("code") or shown
    return Given(number, Measure(unit, _bound(item.min_value), _bound(item.max_value), shown=shown))


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _of_light(each: Answered, light: Light, gap: Gap | None = None) -> Point:
    return _point(each, light, gap=None if light is not Light.NOT_ASSESSED else gap or "not-assessed")


def _point(each: Answered, light: Light, given: Given | None = None, gap: Gap | None = None) -> Point:
    return Point(each.at, each.response, each.base, light, given, gap)

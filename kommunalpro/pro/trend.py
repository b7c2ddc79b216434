"""Answers over time: from responses, in any versions of their questionnaires, to one series for each thing.

Lights and scores are those of record: nothing is assessed anew, and without a record nothing is assessed. Numbers of a
score compare when the rule in force gives the same number for the answers of then, and what it counts is comparable
between the versions that were answered (`difference`). Topics and scores belong to the View of one questionnaire;
questions may be asked in several (`question_series`). Lights are what a View made of the answers of then: they compare
as lights.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial

from kommunalpro.pro.answered import Answered
from kommunalpro.pro.difference_over_time import Compared
from kommunalpro.pro.enablement import enabled_answers
from kommunalpro.pro.light import Light
from kommunalpro.pro.question_series import questions
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.scoring import score_value
from kommunalpro.pro.series import Given, Measure, Point, Series, settled
from kommunalpro.pro.triage import Source
from kommunalpro.pro.view import View

__all__ = ["Answered", "trends"]


def trends(responses: Iterable[Answered], view: View | None, *, base: str) -> tuple[Series, ...]:
    """Give the series of one questionnaire: topics, then scores, then questions that have numbers or lights.

    `view` is the one in force for it; None: there are no topics and scores. Responses to other questionnaires count
    where they answer the same question. The order in which responses are given does not matter.
    """
    ordered = sorted(responses, key=lambda each: (each.at, each.response))
    own = [each for each in ordered if each.base == base]
    if not own:
        return ()
    compared = Compared(ordered)
    found = [*_topics(own, view), *_scores(own, view, compared), *questions(own, ordered, base, view, compared)]
    return tuple(settled(each) for each in found)


def _topics(own: Sequence[Answered], view: View | None) -> Iterator[Series]:
    for topic in view.topics if view else ():
        points = [each.light_point(_topic_light(each, topic.id)) for each in own]
        yield Series("topic", topic.id, topic.title, tuple(points), is_of_lights=True)


def _topic_light(each: Answered, topic: str) -> Light:
    found = each.record.topics if each.record else ()
    return next((topics.light for topics in found if topics.id == topic), Light.NOT_ASSESSED)


def _scores(own: Sequence[Answered], view: View | None, compared: Compared) -> Iterator[Series]:
    for score in view.scores if view else ():
        yield Series(
            "score",
            score.id,
            score.title,
            tuple(_score_point(each, score, view) for each in own),
            direction=score.direction,
            bands=score.bands,
            minimal_change=score.minimal_change,
            compared=partial(compared.scores, score),
        )


def _score_point(each: Answered, score: ScoreDefinition, view: View | None) -> Point:
    found = each.record.scores.get(score.id) if each.record else None
    light = found.light if found else Light.NOT_ASSESSED
    if each.record is None or found is None or found.value is None:
        return each.point(light, gap="not-computed" if each.record else "not-assessed")
    if _is_by(view, each.record.source) or _gives(score, each) == found.value:
        return each.point(light, Given(found.value, Measure(low=score.scale.low, high=score.scale.high)))
    return each.point(light, Given(found.value, Measure(rule=_rule(each.record.source))))


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

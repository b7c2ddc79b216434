"""The topics of one response, red first: each with its light, with what gave it that light, and with what changed.

What gave a light and stands in no topic (without a View: every question) is a row of its own, unless it is calm.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.answers import in_words
from kommunalpro.care.assessment import Interpreted
from kommunalpro.care.over_time import trends_of
from kommunalpro.pro.explanation import score_reason, view_words
from kommunalpro.pro.series import Kind, Series
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Finding, Light, TopicAssessment
from kommunalpro.pro.view import Topic, View
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.change import brief_change, number
from kommunalpro.web.staff.presenters.chart import Chart, Measured, sparkline

CHOICES = ("choice", "open-choice")
ORDER = (Light.RED, Light.YELLOW, Light.NOT_ASSESSED, Light.GREEN)
"""The order of lights everywhere (DESIGN, The lights)."""
_PLACES = {light.code: place for place, light in enumerate(ORDER)}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic. `value` and `measure` are what gave the light, in words and by name; empty when nothing was answered.

    `change` says how value and light moved since the last response, empty when nothing did.
    """

    id: str
    title: str
    light: str
    value: str
    measure: str
    change: str
    reasons: tuple[str, ...]
    spark: Chart | None


@dataclass(frozen=True, slots=True)
class _Measure:
    """A score or an answered question of a topic, with the light it has. `series` None: it is no number or scale.

    `before` is what was chosen last, where it is another choice than now; else empty.
    """

    name: str
    words: str
    light: Light
    series: Series | None
    before: str = ""


def topic_rows(interpreted: Interpreted) -> tuple[TopicRow, ...]:
    """Give the topics and what stands in none, red first."""
    view = interpreted.view.view if interpreted.view else None
    parts = {topic.id: topic for topic in view.topics} if view else {}
    series = {(each.kind, each.id): each for each in trends_of(interpreted.past, view)}
    rows = [_topic_row(topic, parts.get(topic.id), series, interpreted) for topic in interpreted.assessment.topics]
    rows += [*_questions_apart(interpreted), *(_scores_apart(interpreted, view) if view else ())]
    return tuple(sorted(rows, key=lambda row: _PLACES[row.light]))


def _questions_apart(interpreted: Interpreted) -> Iterator[TopicRow]:
    language, found = get_language() or "da", defaultdict[str, list[Finding]](list)
    for each in interpreted.assessment.apart:
        found[each.path].append(each)
    for path, said in found.items():
        item, worst = interpreted.response.definition.question_at(path), said[0]
        if item is not None and worst.light is not Light.GREEN:
            words = in_words(item, worst.answer, language) if worst.answer is not None else ""
            yield _row_apart(path, item.name, worst.light, words, tuple(each.text for each in said))


def _scores_apart(interpreted: Interpreted, view: View) -> Iterator[TopicRow]:
    in_topics = {id for topic in view.topics for id in topic.scores}
    for definition in view.scores:
        score = interpreted.assessment.scores.get(definition.id)
        if score and score.carries_rule and score.light is not Light.GREEN and definition.id not in in_topics:
            words = "" if score.shown is None else _of_scale(number(score.shown), definition.scale.high)
            reason = score_reason(definition, score, view_words(view))
            yield _row_apart(definition.id, score.title, score.light, words, (reason,))


def _row_apart(id: str, title: Text, light: Light, value: str, reasons: tuple[Text, ...]) -> TopicRow:
    language = get_language() or "da"
    said = tuple(reason.say(language) for reason in reasons)
    return TopicRow(id, title.say(language), light.code, value, measure="", change="", reasons=said, spark=None)


def _topic_row(
    topic: TopicAssessment,
    parts: Topic | None,
    series: Mapping[tuple[Kind, str], Series],
    interpreted: Interpreted,
) -> TopicRow:
    language = get_language() or "da"
    measures = list(_measures(parts, series, interpreted)) if parts else []
    shown = next((each for each in measures if each.light is topic.light), measures[0] if measures else None)
    lights = series.get(("topic", topic.id))
    changes = [
        shown.before or (brief_change(shown.series) if shown.series else "") if shown else "",
        _light_change(lights.until(interpreted.response.url)) if lights else "",
    ]
    return TopicRow(
        id=topic.id,
        title=topic.title.say(language),
        light=topic.light.code,
        value=shown.words if shown else "",
        measure=shown.name if shown else "",
        change=" · ".join(change for change in changes if change),
        reasons=tuple(reason.text.say(language) for reason in topic.reasons),
        spark=_spark(shown.series) if shown and shown.series else None,
    )


def _measures(parts: Topic, series: Mapping[tuple[Kind, str], Series], interpreted: Interpreted) -> Iterator[_Measure]:
    """Give what a topic rests on: its scores, then its questions in the questionnaire's order."""
    language, response = get_language() or "da", interpreted.response

    def over_time(kind: Kind, id: str) -> Series | None:
        found = series.get((kind, id))
        return found.until(response.url) if found else None

    scales = {score.id: score.scale.high for score in interpreted.view.view.scores} if interpreted.view else {}
    for id in parts.scores:
        score, found = interpreted.assessment.scores.get(id), over_time("score", id)
        if score is not None and score.shown is not None:
            high = _top(found, scales.get(id))
            yield _Measure(score.title.say(language), _of_scale(number(score.shown), high), score.light, found)
    for finding in interpreted.assessment.findings:
        item = response.definition.question_at(finding.path)
        if finding.link_id in parts.items and finding.answer is not None and item is not None:
            found, words = over_time("question", finding.link_id), in_words(item, finding.answer, language)
            if item.type in CHOICES:
                before = _chosen_before(found, words, interpreted) if found else ""
                yield _Measure(item.name.say(language), words, finding.light, found, before)
            else:
                yield _Measure(item.name.say(language), _of_scale(words, _top(found, None)), finding.light, found)


def _top(series: Series | None, otherwise: Decimal | None) -> Decimal | None:
    """Give the end of the scale that the last value is on; of what has a unit none, for it is understood without.

    `otherwise`: what it is where there is no value of record.
    """
    given = series.points[-1].given if series and series.points else None
    if given is None:
        return otherwise
    return None if given.measure.unit else given.measure.high


def _of_scale(words: str, high: Decimal | None) -> str:
    """Say a value with the end of its scale."""
    return words if high is None else _("%(value)s af %(high)s") % {"value": words, "high": number(high)}


def _chosen_before(series: Series, words: str, interpreted: Interpreted) -> str:
    """Say what was chosen last, where it was another choice: how far one lies from the other is nothing to say."""
    change = series.since_last
    past = next((each for each in interpreted.past if change and each.url == change.before.response), None)
    link_id = change.before.link_id if change else ""
    item = past.definition.question_at(link_id) if past else None
    if past is None or item is None:
        return ""
    before = ", ".join(in_words(item, answer, get_language() or "da") for answer in past.answers.get(link_id, ()))
    if before == words:
        return ""
    return _("før (%(when)s): %(words)s") % {"when": dates.day_and_month(past.authored), "words": before}


def _light_change(series: Series) -> str:
    """Say from what a light changed: `gul → rød siden 3. maj`."""
    points = series.own
    if len(points) < 2 or points[-1] is not series.points[-1] or points[-1].light is points[-2].light:
        return ""
    before, after = points[-2], points[-1]
    return _("%(before)s → %(after)s siden %(when)s") % {
        "before": light_word(before.light),
        "after": light_word(after.light),
        "when": dates.day_and_month(before.at),
    }


def _spark(series: Series) -> Chart | None:
    low, high = series.measure.low, series.measure.high
    if low is None or high is None or len(series.points) < 2:
        return None
    measured = [Measured(point.at, point.value, point.light.code) for point in series.points]
    return sparkline(measured, low, high)


def light_word(light: Light) -> str:
    """Give the colour's name, for sentences."""
    return {
        Light.RED: _("rød"),
        Light.YELLOW: _("gul"),
        Light.GREEN: _("grøn"),
        Light.NOT_ASSESSED: _("ikke vurderet"),
    }[light]

"""The interpreted answer as the page shows it: ten seconds must be enough for the overview."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.assessment import Interpreted
from kommunalpro.care.bundles import url_id
from kommunalpro.care.over_time import Series, trends_of
from kommunalpro.pro.guidance import Advice
from kommunalpro.pro.triage import Light, TopicAssessment
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.chart import Chart, Measured, sparkline
from kommunalpro.web.staff.presenters.citizen import Person, person

ORDER = (Light.RED, Light.YELLOW, Light.NOT_ASSESSED, Light.GREEN)
"""The order of lights everywhere (DESIGN, The lights)."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic. `change` says how value and light moved since the last response, empty when nothing did."""

    id: str
    title: str
    light: str
    value: str
    change: str
    reasons: tuple[str, ...]
    spark: Chart | None


@dataclass(frozen=True, slots=True)
class AdviceRow:
    title: str
    text: str
    facts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    source: str
    because: str
    is_offer: bool


@dataclass(frozen=True, slots=True)
class JudgementRow:
    author: str
    when: str
    note: str
    light: str | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: str
    version: str
    owner: str
    is_mine: bool
    is_free: bool


@dataclass(frozen=True, slots=True)
class QuestionRow:
    question: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResponsePage:
    """Everything the page shows. `notice` says what is unusual about the lights, empty when nothing is."""

    id: str
    person: Person
    first_name: str
    episode: str
    title: str
    answered: str
    light: str
    wishes: str
    loud: tuple[TopicRow, ...]
    calm: tuple[TopicRow, ...]
    calm_words: str
    acute: tuple[str, ...]
    notices: tuple[str, ...]
    advice: tuple[AdviceRow, ...]
    guidance: str
    answers: tuple[tuple[str, tuple[QuestionRow, ...]], ...]
    judgements: tuple[JudgementRow, ...]
    task: TaskRow | None


def response_page(interpreted: Interpreted, episode: str, *, user: str, now: datetime) -> ResponsePage:
    topics = topic_rows(interpreted, now)
    calm = tuple(row for row in topics if row.light == Light.GREEN.code)
    who = person(interpreted.patient)
    language = get_language() or "da"
    return ResponsePage(
        id=url_id(interpreted.response.url),
        person=who,
        first_name=who.name.split(" ")[0],
        episode=episode,
        title=interpreted.response.definition.form.title.say(language),
        answered=dates.full(interpreted.response.authored),
        light=interpreted.assessment.light.code,
        wishes=", ".join(text.say(language) for text in interpreted.wants_to_talk_about),
        loud=tuple(row for row in topics if row.light != Light.GREEN.code),
        calm=calm,
        calm_words=ngettext(
            "%(count)d emne uden særlig opmærksomhed", "%(count)d emner uden særlig opmærksomhed", len(calm)
        )
        % {"count": len(calm)},
        acute=tuple(hit.text.say(language) for hit in interpreted.assessment.acute),
        notices=tuple(_notices(interpreted)),
        advice=tuple(_advice_row(each, language) for each in interpreted.advice),
        guidance=_guidance(interpreted),
        answers=_answers(interpreted, language),
        judgements=tuple(_judgements(interpreted)),
        task=_task(interpreted, user),
    )


def topic_rows(interpreted: Interpreted, now: datetime) -> tuple[TopicRow, ...]:
    """Give the topics, red first, each with its value, its change and its curve."""
    view = interpreted.view.view if interpreted.view else None
    series = {(each.kind, each.id): each for each in trends_of(interpreted.past, view)}
    ordered = sorted(interpreted.assessment.topics, key=lambda topic: ORDER.index(topic.light))
    return tuple(_topic_row(topic, _leading(topic, interpreted, series), series, interpreted, now) for topic in ordered)


def _topic_row(
    topic: TopicAssessment,
    leading: Series | None,
    series: Mapping[tuple[str, str], Series],
    interpreted: Interpreted,
    now: datetime,
) -> TopicRow:
    language = get_language() or "da"
    until = leading.until(interpreted.response.url) if leading else None
    lights = series.get(("topic", topic.id))
    changes = [
        _value_change(until) if until else "",
        _light_change(lights.until(interpreted.response.url), now) if lights else "",
    ]
    return TopicRow(
        id=topic.id,
        title=topic.title.say(language),
        light=topic.light.code,
        value=_value(until, language) if until else "",
        change=" · ".join(change for change in changes if change),
        reasons=tuple(reason.text.say(language) for reason in topic.reasons),
        spark=_spark(until) if until else None,
    )


def _leading(
    topic: TopicAssessment, interpreted: Interpreted, series: Mapping[tuple[str, str], Series]
) -> Series | None:
    """Choose what stands for a topic: its score, else the first of its questions that is a number."""
    view = interpreted.view.view if interpreted.view else None
    parts = next((each for each in view.topics if each.id == topic.id), None) if view else None
    if parts is None:
        return None
    keys = [*(("score", id) for id in parts.scores), *(("question", item) for item in parts.items)]
    return next((series[key] for key in keys if key in series), None)


def _value(series: Series, language: str) -> str:
    last = series.points[-1].value if series.points else None
    if last is None:
        return ""
    if series.high is None:
        return f"{_number(last)} {series.unit}".strip()
    return _("%(value)s af %(high)s") % {"value": _number(last), "high": _number(series.high)}


def _value_change(series: Series) -> str:
    change = series.change
    if not change:
        return ""
    arrow = "▲" if change > 0 else "▼"
    return _("%(arrow)s %(size)s siden %(when)s") % {
        "arrow": arrow,
        "size": _number(abs(change)),
        "when": dates.day_and_month(series.points[-2].at),
    }


def _light_change(series: Series, now: datetime) -> str:
    """Say from what a light changed: `gul → rød siden 3. maj`."""
    if len(series.points) < 2 or series.points[-1].light is series.points[-2].light:
        return ""
    words = {
        Light.RED: _("rød"),
        Light.YELLOW: _("gul"),
        Light.GREEN: _("grøn"),
        Light.NOT_ASSESSED: _("ikke vurderet"),
    }
    before, after = series.points[-2], series.points[-1]
    return _("%(before)s → %(after)s siden %(when)s") % {
        "before": words[before.light],
        "after": words[after.light],
        "when": dates.day_and_month(before.at),
    }


def _spark(series: Series) -> Chart | None:
    if series.low is None or series.high is None or len(series.points) < 2:
        return None
    measured = [Measured(point.at, point.value, point.light.code) for point in series.points]
    return sparkline(measured, series.low, series.high)


def _notices(interpreted: Interpreted) -> Iterable[str]:
    if not interpreted.is_record:
        yield _("Der er ikke gemt nogen vurdering af svaret. Lysene her er regnet ud nu.")
    if interpreted.view is None:
        yield _("Spørgeskemaet har ingen tolkning, så emnerne er ikke vurderet. Læs svarene nedenfor.")
    if interpreted.now_would is not None:
        changed = _changed_topics(interpreted)
        yield _("Reglerne er ændret siden. Nu ville de give: %(changes)s.") % {"changes": changed}


def _changed_topics(interpreted: Interpreted) -> str:
    words = {
        Light.RED: _("rød"),
        Light.YELLOW: _("gul"),
        Light.GREEN: _("grøn"),
        Light.NOT_ASSESSED: _("ikke vurderet"),
    }
    language = get_language() or "da"
    before = {topic.id: topic.light for topic in interpreted.assessment.topics}
    now_would = interpreted.now_would.topics if interpreted.now_would else ()
    return ", ".join(
        f"{topic.title.say(language)} {words[topic.light]}"
        for topic in now_would
        if before.get(topic.id) is not topic.light
    )


def _advice_row(advice: Advice, language: str) -> AdviceRow:
    return AdviceRow(
        title=advice.title.say(language),
        text=advice.text.say(language),
        facts=tuple(_facts(advice)),
        links=tuple((link.title.say(language), link.url) for link in advice.links),
        source=advice.source or "",
        because=advice.because.say(language),
        is_offer=advice.kind == "offer",
    )


def _facts(advice: Advice) -> Iterable[str]:
    offer = advice.offer
    if offer is None:
        return
    if offer.provider:
        yield offer.provider
    if offer.starts:
        yield _("start %(day)s") % {"day": dates.day_and_month(offer.starts)}
    if offer.places is not None:
        yield ngettext("%(count)d plads", "%(count)d pladser", offer.places) % {"count": offer.places}
    if offer.contact:
        yield offer.contact


def _guidance(interpreted: Interpreted) -> str:
    pair = interpreted.guidance
    if pair.national and pair.local:
        return _("National vejledning %(national)s + lokal %(local)s") % {
            "national": pair.national.version,
            "local": pair.local.version,
        }
    if pair.national:
        return _("National vejledning %(national)s") % {"national": pair.national.version}
    return _("Lokal vejledning %(local)s") % {"local": pair.local.version} if pair.local else ""


def _answers(interpreted: Interpreted, language: str) -> tuple[tuple[str, tuple[QuestionRow, ...]], ...]:
    return tuple(
        (topic.title.say(language), tuple(QuestionRow(q.question.say(language), q.words) for q in topic.questions))
        for topic in interpreted.answers
    )


def _judgements(interpreted: Interpreted) -> Iterable[JudgementRow]:
    for each in reversed(interpreted.response.judgements):
        yield JudgementRow(
            author=interpreted.names.get(each.author, _("en kollega")),
            when=dates.full(each.at),
            note=each.note,
            light=each.light.code if each.light else None,
        )


def _task(interpreted: Interpreted, user: str) -> TaskRow | None:
    task = interpreted.task
    if task is None:
        return None
    owner = _("dig") if task.owner == user else task.owner_name or _("ledig")
    return TaskRow(
        id=url_id(task.url),
        version=task.version,
        owner=owner,
        is_mine=task.owner == user,
        is_free=task.owner is None,
    )


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.replace(".", ",") if (get_language() or "da") == "da" else text

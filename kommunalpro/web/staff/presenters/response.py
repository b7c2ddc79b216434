"""The interpreted answer as the page shows it: ten seconds must be enough for the overview."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.assessment import Interpreted
from kommunalpro.care.bundles import url_id
from kommunalpro.care.called import answered_title
from kommunalpro.pro.guidance import Advice
from kommunalpro.pro.triage import Light
from kommunalpro.web.shared.respondents import who_words
from kommunalpro.web.staff.presenters import dates
from kommunalpro.web.staff.presenters.citizen import Person, person
from kommunalpro.web.staff.presenters.topics import TopicRow, light_word, topic_rows

ADVICE_SHOWN = 6
"""How much advice stands open, the most pressing first; the rest is one press away."""


@dataclass(frozen=True, slots=True)
class AdviceRow:
    title: str
    text: str
    facts: tuple[str, ...]
    contact: str
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
    """Everything the page shows.

    `error` says that the answer was marked as an error, and by whom; empty when it counts. `judged` is the light that a
    professional set beside the automatic one, empty when nobody did. `own_words` is what was written freely.
    `answered` says when, and `respondent` who, empty: the citizen; `is_by_relative`: it is somebody of theirs.
    `notices` say what is unusual about the lights.
    """

    id: str
    person: Person
    first_name: str
    episode: str
    title: str
    answered: str
    respondent: str
    is_by_relative: bool
    error: str
    light: str
    judged: str
    wishes: str
    own_words: tuple[QuestionRow, ...]
    loud: tuple[TopicRow, ...]
    calm: tuple[TopicRow, ...]
    calm_words: str
    acute: tuple[str, ...]
    notices: tuple[str, ...]
    advice: tuple[AdviceRow, ...]
    more_advice: tuple[AdviceRow, ...]
    more_advice_words: str
    calm_advice: tuple[AdviceRow, ...]
    calm_advice_words: str
    guidance: str
    answers: tuple[tuple[str, tuple[QuestionRow, ...]], ...]
    judgements: tuple[JudgementRow, ...]
    task: TaskRow | None


def response_page(interpreted: Interpreted, episode: str, *, user: str) -> ResponsePage:
    language = get_language() or "da"
    topics = topic_rows(interpreted)
    calm = tuple(row for row in topics if row.light == Light.GREEN.code)
    advice = tuple(_advice_row(each, language) for each in interpreted.advice if each.light is not Light.GREEN)
    calm_advice = tuple(_advice_row(each, language) for each in interpreted.advice if each.light is Light.GREEN)
    who = person(interpreted.patient)
    return ResponsePage(
        id=url_id(interpreted.response.url),
        person=who,
        first_name=who.name.split(" ")[0],
        episode=episode,
        title=answered_title(interpreted.response.own_title, interpreted.response.definition.form, language),
        answered=dates.full(interpreted.response.authored),
        respondent=who_words(interpreted.respondent),
        is_by_relative=interpreted.respondent.kind == "relative",
        error=_error(interpreted),
        light=interpreted.assessment.light.code,
        judged=interpreted.response.judged.code if interpreted.response.judged else "",
        wishes=", ".join(text.say(language) for text in interpreted.wants_to_talk_about),
        own_words=tuple(_own_words(interpreted, language)),
        loud=tuple(row for row in topics if row.light != Light.GREEN.code),
        calm=calm,
        calm_words=ngettext(
            "%(count)d emne uden særlig opmærksomhed", "%(count)d emner uden særlig opmærksomhed", len(calm)
        )
        % {"count": len(calm)},
        acute=tuple(_acute(interpreted, language)),
        notices=(*_notices(interpreted), *(each.text.say(language) for each in interpreted.assessment.failures)),
        advice=advice[:ADVICE_SHOWN],
        more_advice=advice[ADVICE_SHOWN:],
        more_advice_words=ngettext("%(count)d forslag mere", "%(count)d forslag mere", len(advice) - ADVICE_SHOWN)
        % {"count": len(advice) - ADVICE_SHOWN},
        calm_advice=calm_advice,
        calm_advice_words=ngettext(
            "%(count)d råd, hvor intet skiller sig ud", "%(count)d råd, hvor intet skiller sig ud", len(calm_advice)
        )
        % {"count": len(calm_advice)},
        guidance=_guidance(interpreted),
        answers=_answers(interpreted, language),
        judgements=tuple(_judgements(interpreted)),
        task=_task(interpreted, user),
    )


def _error(interpreted: Interpreted) -> str:
    """Say that the answer was marked as an error: by whom and when, as far as that is known."""
    found = interpreted.response.invalidated
    if found is None:
        return ""
    author = _("borgeren") if "/Patient/" in found.author else interpreted.names.get(found.author, "")
    words = {"author": author, "when": dates.full(found.at) if found.at else ""}
    if author and found.at:
        return _("Markeret som fejl af %(author)s %(when)s. Svaret tæller ikke længere.") % words
    if found.at:
        return _("Markeret som fejl %(when)s. Svaret tæller ikke længere.") % words
    return _("Markeret som fejl. Svaret tæller ikke længere.")


def _acute(interpreted: Interpreted, language: str) -> Iterable[str]:
    """Say what is acute; of an answer that was marked as an error as long as nobody has closed its task."""
    if interpreted.response.invalidated is None or interpreted.task is not None:
        for hit in interpreted.assessment.acute:
            yield hit.text.say(language)


def _notices(interpreted: Interpreted) -> Iterable[str]:
    kept = interpreted.response.kept
    if not interpreted.is_record and kept is not None:
        words = {"light": light_word(kept)}
        yield (_("Den nationale infrastruktur har kun gemt farven: %(light)s. Emnerne er regnet ud nu.") % words)
    elif not interpreted.is_record:
        yield _("Der er ikke gemt nogen vurdering af svaret. Lysene her er regnet ud nu.")
    if interpreted.view is None:
        yield _("Spørgeskemaet har ingen tolkning, så emnerne er ikke vurderet. Læs svarene nedenfor.")
    if interpreted.now_would is not None:
        changed = _changed_topics(interpreted)
        yield _("Reglerne er ændret siden. Nu ville de give: %(changes)s.") % {"changes": changed}


def _changed_topics(interpreted: Interpreted) -> str:
    language = get_language() or "da"
    before = {topic.id: topic.light for topic in interpreted.assessment.topics}
    now_would = interpreted.now_would
    topics = [
        f"{topic.title.say(language)} {light_word(topic.light)}"
        for topic in (now_would.topics if now_would else ())
        if before.get(topic.id) is not topic.light
    ]
    return ", ".join(topics) or (light_word(now_would.light) if now_would else "")


def _advice_row(advice: Advice, language: str) -> AdviceRow:
    return AdviceRow(
        title=advice.title.say(language),
        text=advice.text.say(language),
        facts=tuple(_facts(advice)),
        contact=advice.offer.contact if advice.offer else "",
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


def _own_words(interpreted: Interpreted, language: str) -> Iterable[QuestionRow]:
    for topic in interpreted.answers:
        for question in topic.questions:
            item = interpreted.response.definition.question_at(question.path)
            if item is not None and item.type == "text" and question.words:
                yield QuestionRow(f"{topic.title.say(language)}: {question.question.say(language)}", question.words)


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
        is_free=task.owner is None or task.has_left,
    )

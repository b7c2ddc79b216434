"""Whether ActionGuidance fits its questionnaire and the Views of it: what never applies, nobody would ever read.

All problems at once, each with its place, in both languages.
"""

from collections.abc import Iterator, Sequence

from kommunalpro.pro.acute import holds
from kommunalpro.pro.content import decimal, is_decimal
from kommunalpro.pro.form import Form
from kommunalpro.pro.guidance import AnswerCondition, Entry, Guidance
from kommunalpro.pro.possible import possible_answers
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.rule_check import has_one_unit
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import View

_QUESTION = Text("Spørgsmålet findes ikke i spørgeskemaet.", "the questionnaire has no such question")
_NEVER = Text("Intet svar kan opfylde betingelsen for {entry}.", "no answer can meet the condition of {entry}")
_UNITS = Text(
    "Betingelsen for {entry} er et tal alene, men spørgsmålet besvares ikke i én enhed.",
    "the condition of {entry} is a number alone, and it is not answered in one unit",
)
_TOPIC = Text("Emnet {topic} i {entry} findes ikke i visningen.", "no View has the topic {topic} of {entry}")
_SCORE = Text("Scoren {score} i {entry} findes ikke i visningen.", "no View has the score {score} of {entry}")


def guidance_problems(guidance: Guidance, form: Form, views: Sequence[View]) -> list[Problem]:
    """Give what does not fit; empty: each piece of advice can come to apply.

    `views` are all that hold somewhere for the questionnaire, national and local. Empty: there is none yet, and topics
    and scores are held against nothing.
    """
    return [problem for entry in guidance.entries for problem in _problems(entry, form, views)]


def _problems(entry: Entry, form: Form, views: Sequence[View]) -> Iterator[Problem]:
    place = f"ActionGuidance.{'advice' if entry.offer is None else 'offers'}.{entry.id}"
    topics = {topic.id for view in views for topic in view.topics}
    for topic in entry.topics:
        if views and topic not in topics:
            yield Problem(topic, place, "guidance-topic", _TOPIC.fill(topic=topic, entry=entry.id))
    scores = {score.id for view in views for score in view.scores}
    for condition in entry.conditions:
        if condition.item is not None:
            yield from _question_problems(condition, condition.item, entry, form, place)
        elif views and condition.score not in scores:
            text = _SCORE.fill(score=str(condition.score), entry=entry.id)
            yield Problem(str(condition.score), place, "guidance-score", text)


def _question_problems(
    condition: AnswerCondition, link_id: str, entry: Entry, form: Form, place: str
) -> Iterator[Problem]:
    item = form.item(link_id) if link_id in form.places else None
    if item is None or not item.is_question:
        yield Problem(link_id, place, "guidance-question", _QUESTION)
        return
    limits = [decimal(condition.value)] if is_decimal(condition.value) else []
    if limits and not has_one_unit(item):
        yield Problem(link_id, place, "units", _UNITS.fill(entry=entry.id))
    possible = None if item.type == "open-choice" else possible_answers(item, limits)
    given = ((), *((answer,) for answer in possible or ()))
    if possible is not None and not any(holds(condition.operator, condition.value, each) for each in given):
        yield Problem(link_id, place, "guidance-never", _NEVER.fill(entry=entry.id))

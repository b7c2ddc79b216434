"""A response in the citizen's own words: every topic, every question that was asked, what was answered."""

from dataclasses import dataclass
from decimal import Decimal

from kommunalpro.care.definitions import Definition
from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.enablement import enabled_paths
from kommunalpro.pro.explanation import plain_words
from kommunalpro.pro.form import Item
from kommunalpro.pro.text import Text


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """One question that was asked. `words` empty: not answered."""

    path: str
    link_id: str
    question: Text
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnsweredTopic:
    """A top-level item of the questionnaire with its questions, in order."""

    link_id: str
    title: Text
    questions: tuple[AnsweredQuestion, ...]


def answered_topics(definition: Definition, answers: Answers, *, language: str = "da") -> tuple[AnsweredTopic, ...]:
    """Give every question that the citizen was asked (enabled by the answers), with what they answered."""
    asked: dict[str, list[AnsweredQuestion]] = {}
    order = {item.link_id: number for number, item in enumerate(definition.shapes.values())}
    enabled = [path for path in enabled_paths(definition.form, answers) if definition.has_path(path)]
    for path in sorted(enabled, key=lambda path: (order[path.rsplit("/", 1)[-1]], path)):
        item = definition.question_at(path)
        topic = definition.topic_of(path)
        if item is not None and topic is not None and item.is_read_later:
            words = tuple(in_words(item, answer, language) for answer in answers.get(path, ()))
            asked.setdefault(topic, []).append(AnsweredQuestion(path, item.link_id, item.text, words))
    titles = {item.link_id: item.text for item in definition.form.items}
    return tuple(AnsweredTopic(topic, titles[topic], tuple(questions)) for topic, questions in asked.items())


def in_words(item: Item, answer: Json, language: str) -> str:
    """Say one answer as a person would: the option's text, a number with comma and unit, a Danish date, yes or no."""
    return plain_words(item, answer).say(language)


def number(value: Decimal | int, language: str) -> str:
    """Write a number as people do: with a comma in Danish, to the digits it was given with."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.replace(".", ",") if language == "da" else text

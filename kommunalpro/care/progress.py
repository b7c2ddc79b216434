"""How far a citizen has come in a questionnaire."""

from dataclasses import dataclass

from kommunalpro.care.definitions import Definition
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.enablement import enabled_paths


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts over what is enabled now. A topic is a top-level item with a question; it is begun with one answer."""

    answered: int
    questions: int
    topics_begun: int
    topics: int

    @property
    def is_begun(self) -> bool:
        return self.answered > 0


def progress_of(definition: Definition, answers: Answers) -> Progress:
    """Count enabled questions and topics, and how many of them are answered."""
    enabled = {path for path in enabled_paths(definition.form, answers) if definition.has_path(path)}
    answered = {path for path in enabled if answers.get(path)}
    return Progress(
        answered=len(answered),
        questions=len(enabled),
        topics_begun=len({definition.topic_of(path) for path in answered}),
        topics=len({definition.topic_of(path) for path in enabled}),
    )

"""What a version of a questionnaire changes, in an editor's words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.pro.difference import VERDICT_WORDS, Change, Comparability, Difference, Verdict
from kommunalpro.pro.text import Text


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changes for the citizen, the scores or the lights: (what it is about, sentences)."""

    title: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question or score whose old answers do not simply compare with new ones, and why."""

    name: str
    verdict: str
    code: str
    reasons: tuple[str, ...]


def changes(difference: Difference) -> tuple[Changes, ...]:
    """Give what changes in three parts; a part without changes is left out."""
    parts = (
        (_("For borgeren"), difference.citizen),
        (_("For scorerne"), difference.score),
        (_("For trafiklyset"), difference.light),
    )
    return tuple(Changes(title, tuple(_lines(found))) for title, found in parts if found)


def doubts(difference: Difference, names: Mapping[str, Text]) -> tuple[Doubt, ...]:
    """Give what cannot simply be compared over time, the gravest first. `names`: of questions and scores."""
    found = [(id, each) for id, each in (*difference.answers.items(), *difference.scores.items())]
    in_doubt = [each for each in found if each[1].verdict is not Verdict.COMPARABLE]
    in_doubt.sort(key=lambda each: -each[1].verdict.severity)
    return tuple(_doubt(names.get(id, Text(id)), each) for id, each in in_doubt)


def _doubt(name: Text, found: Comparability) -> Doubt:
    reasons = tuple(_say(each) for each in found.reasons)
    return Doubt(_say(name), _say(VERDICT_WORDS[found.verdict]), found.verdict.value, reasons)


def _lines(found: Iterable[Change]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the sentences about each thing together, in the order in which they come."""
    together: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for each in found:
        together.setdefault(each.about, []).append(_say(each.text))
        names[each.about] = _say(each.name) or _("Hele spørgeskemaet")
    return ((names[about], tuple(texts)) for about, texts in together.items())


def _say(text: Text) -> str:
    return text.say(get_language() or "da")

"""What changes from one version of a questionnaire to another: for the citizen, for the scores, for the lights.

And which old answers can still be compared with new ones. In doubt they cannot, and it is said why. Where a question is
worded, placed, framed or shown otherwise, or asked in other cases, it is a clinical judgement, which a person must make
(`Verdict.DECIDE`). Comparing answers is the same in both directions; what is *added* in one is *removed* in the other.

What no screen shows does not count: the order of conditions, 7 or 7.0, a hidden item that is not read later either.
Everything stands in the order of the later questionnaire, and what is gone where it stood. ActionGuidance is not
compared, nor are a View's sources, FSIII codes and priorities: no light hangs on them.

>>> from kommunalpro.pro.form import compile_form
>>> asked = {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "integer", "text": "Smerte"}]}
>>> more = {**asked, "item": [{**asked["item"][0], "required": True}]}
>>> [change.text.da for change in differences(compile_form(asked), compile_form(more)).citizen]
['Skal nu besvares.']
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kommunalpro.pro.difference_found import (
    VERDICT_WORDS,
    Change,
    Comparability,
    Found,
    Verdict,
    changed,
    comparability,
    merged,
    quoted,
)
from kommunalpro.pro.difference_light import (
    acute_lights,
    acute_texts,
    question_lights,
    score_lights,
    topic_lights,
    view_changes,
)
from kommunalpro.pro.difference_pair import Pair
from kommunalpro.pro.difference_score import questions_of_score, score_differences
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import View

__all__ = ["VERDICT_WORDS", "Change", "Comparability", "Difference", "Verdict", "differences"]

_TITLE = Text("Titlen", "Title")
_ADDED = {
    "group": Text("Gruppen er tilføjet.", "The group is added."),
    "display": Text("Oplysningen er tilføjet.", "The information is added."),
    "question": Text("Spørgsmålet er tilføjet.", "The question is added."),
}
_REMOVED = {
    "group": Text("Gruppen er fjernet.", "The group is removed."),
    "display": Text("Oplysningen er fjernet.", "The information is removed."),
    "question": Text("Spørgsmålet er fjernet.", "The question is removed."),
}
_SCORE_ADDED = Text("Scoren er tilføjet.", "The score is added.")
_SCORE_REMOVED = Text("Scoren er fjernet.", "The score is removed.")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two versions.

    `answers`: whether those to a question can be compared, by linkId, for all that both versions have. `scores`: the
    same for values of a score, by id. `rescored` are the scores that come out differently for the same answers.
    """

    citizen: tuple[Change, ...]
    score: tuple[Change, ...]
    light: tuple[Change, ...]
    answers: Mapping[str, Comparability]
    scores: Mapping[str, Comparability]
    rescored: tuple[str, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes: for the citizen, for the scores, for the lights."""
        return (*self.citizen, *self.score, *self.light)


def differences(
    before: Form, after: Form, view_before: View | None = None, view_after: View | None = None
) -> Difference:
    """Compare two versions of a questionnaire, each with the View that it is read by; None: with none."""
    pair = Pair(before, after)
    scores = _Scores(pair, view_before, view_after)
    return Difference(
        citizen=(*_for_the_citizen(pair), *acute_texts(pair, view_before, view_after)),
        score=(*_numbers(pair), *scores.changes()),
        light=(
            *view_changes(view_before, view_after),
            *question_lights(pair, view_before, view_after),
            *scores.lights(),
            *topic_lights(pair, view_before, view_after),
            *acute_lights(pair, view_before, view_after),
        ),
        answers={link_id: pair.comparability(link_id) for link_id in pair.found if _is_answered(pair, link_id)},
        scores=scores.comparable(),
        rescored=tuple(id for id, found in scores.found.items() if any(each.alters for each in found)),
    )


class _Scores:
    """The scores of two Views, in order, with what differs in those that both have (`found`)."""

    def __init__(self, pair: Pair, before: View | None, after: View | None) -> None:
        self._pair = pair
        self._before, self._after = (
            {score.id: score for score in view.scores} if view else {} for view in (before, after)
        )
        self._ids = tuple(merged(self._before, self._after))
        self.found: dict[str, tuple[Found, ...]] = {
            id: tuple(score_differences(pair, self._before[id], score))
            for id, score in self._after.items()
            if id in self._before
        }

    def changes(self) -> Iterator[Change]:
        """Give what changes for the scores."""
        for id in self._ids:
            if id not in self._before:
                yield Change(id, self._after[id].title, "added", _SCORE_ADDED)
            elif id not in self._after:
                yield Change(id, self._before[id].title, "removed", _SCORE_REMOVED)
            else:
                yield from _changes(id, self._after[id].title, self.found[id], "score")

    def lights(self) -> Iterator[Change]:
        """Give what changes for the lights of scores."""
        for id in self._ids:
            yield from score_lights(self._pair, self._before.get(id), self._after.get(id), self.found.get(id, ()))

    def comparable(self) -> dict[str, Comparability]:
        """Give whether old values of a score can be compared with new ones."""
        return {
            id: comparability((*found, *questions_of_score(self._pair, self._before[id], self._after[id])))
            for id, found in self.found.items()
        }


def _for_the_citizen(pair: Pair) -> Iterator[Change]:
    """Give what changes for who answers, in the questionnaire's order."""
    titles = [form.title if form.title.da else None for form in (pair.before, pair.after)]
    if titles[0] != titles[1]:
        text = changed(_TITLE, *(None if each is None else quoted(each) for each in titles))
        yield Change("", pair.after.title, "title", text)
    for link_id in pair.order:
        item, name = pair.item(link_id), pair.name(link_id)
        if pair.is_in_both(link_id):
            yield from _changes(link_id, name, pair.found[link_id], "citizen")
        elif not item.hidden or item.is_read_later:
            is_new = link_id in pair.after.places
            yield Change(link_id, name, "added" if is_new else "removed", (_ADDED if is_new else _REMOVED)[_kind(item)])


def _numbers(pair: Pair) -> Iterator[Change]:
    """Give what answers count otherwise in the questionnaire itself, whether a score counts them or not."""
    for link_id, found in pair.found.items():
        yield from _changes(link_id, pair.name(link_id), found, "score")


def _changes(about: str, name: Text, found: tuple[Found, ...], part: str) -> Iterator[Change]:
    return (Change(about, name, each.code, each.text) for each in found if each.part == part)


def _is_answered(pair: Pair, link_id: str) -> bool:
    return pair.before.item(link_id).is_question or pair.after.item(link_id).is_question


def _kind(item: Item) -> str:
    return "question" if item.is_question else item.type

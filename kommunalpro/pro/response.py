"""Checking answers and responses against a questionnaire: all issues at once, each where it is.

Two strictnesses. `draft` asks only whether a value can be an answer at all (its type, an option that exists): a citizen
on the way may have written 11 on a scale to 10, and it is kept. `submit` asks everything.

Source: R4 Questionnaire; `fut.md` 1A (counts) and 4.3.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.answers import Answers, Read, Where, fhirpath, walk_response
from kommunalpro.pro.calculation import agrees
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.presence import places_with
from kommunalpro.pro.text import Text
from kommunalpro.pro.values import faults

Strictness = Literal["draft", "submit"]

_TEXTS = {
    "required": Text("Svar på spørgsmålet.", "Answer the question."),
    "required-choice": Text("Vælg et svar.", "Choose an answer."),
    "required-number": Text("Vælg eller skriv et tal.", "Choose or write a number."),
    "required-group": Text("Svar på mindst ét af spørgsmålene her.", "Answer at least one of the questions here."),
    "disabled": Text(
        "Spørgsmålet bliver ikke stillet, når der er svaret sådan på de andre.",
        "The question is not asked, given the other answers.",
    ),
    "calculated": Text(
        "Svaret er et andet end det, som spørgeskemaet selv regner ud.",
        "The answer is another than the one that the questionnaire computes.",
    ),
    "unknown": Text("Spørgsmålet findes ikke i spørgeskemaet.", "The questionnaire has no such question."),
    "misplaced": Text("Spørgsmålet står et forkert sted.", "The question stands in the wrong place."),
    "not-a-question": Text("Her kan der ikke svares.", "There can be no answer here."),
    "unexpected-again": Text("Spørgsmålet er der flere gange.", "The question is there more than once."),
    "no-value": Text("Svaret er tomt.", "The answer is empty."),
    "too-few-groups": Text("Udfyld mindst {least}.", "Fill in at least {least}."),
    "too-many-groups": Text("Udfyld højst {most}.", "Fill in at most {most}."),
    "resource-type": Text("Det er ikke et svar på et spørgeskema.", "This is no QuestionnaireResponse."),
}
_REQUIRED = {
    **dict.fromkeys(("choice", "open-choice", "boolean"), "required-choice"),
    **dict.fromkeys(("integer", "decimal", "quantity"), "required-number"),
    "group": "required-group",
}


@dataclass(frozen=True, slots=True)
class AnswerIssue:
    """One thing that is wrong. `path` is the question's; `code` says what, for programs; `text` what to do, for people.

    `expression` is the place in the QuestionnaireResponse; None: there is no response, only answers.
    """

    path: str
    code: str
    text: Text
    expression: str | None = None


def check_answers(form: Form, answers: Answers, *, strictness: Strictness) -> tuple[AnswerIssue, ...]:
    """Check answers on their way. Answers to what is not asked (any more) are kept aside and not looked at.

    `submit` gives an empty tuple exactly when they can be submitted.
    """
    if strictness == "draft":
        return tuple(_draft_issues(form, answers))
    return tuple(_Checks(form, answers).issues())


def check_response(form: Form, response: Json, *, strictness: Strictness) -> tuple[AnswerIssue, ...]:
    """Check a QuestionnaireResponse as it came: its structure, what does not belong in it, and every answer."""
    structure = [
        AnswerIssue("", "structure", Text(issue.text, issue.diagnostics or ""), issue.expression)
        for issue in validate(response)
    ]
    if not structure and response["resourceType"] != "QuestionnaireResponse":
        structure = [AnswerIssue("", "structure", _TEXTS["resource-type"], str(response["resourceType"]))]
    if structure:
        return tuple(structure)
    read = walk_response(form, response)
    strays = [AnswerIssue(link_id, why, _TEXTS[why], fhirpath(where)) for why, link_id, where in read.strays]
    return (*strays, *(_placed(form, read, each) for each in _found(form, read.answers, strictness)))


def _found(form: Form, answers: Answers, strictness: Strictness) -> Iterator[AnswerIssue]:
    """Find what is wrong with the answers of a response; at submit also those to what, given the others, is not asked.

    On the way there may be such answers: they come back when the question does.
    """
    if strictness == "draft":
        yield from _draft_issues(form, answers)
        return
    checks = _Checks(form, answers)
    asked = checks.asked
    for path in answers:
        if path not in asked:
            yield AnswerIssue(path, "disabled", _TEXTS["disabled"])
    yield from checks.issues()


def _placed(form: Form, read: Read, issue: AnswerIssue) -> AnswerIssue:
    return AnswerIssue(issue.path, issue.code, issue.text, fhirpath(_place(form, read, issue.path)))


def _place(form: Form, read: Read, path: str) -> Where | None:
    """Give where an issue is: the question, else the nearest around it that is there; None: only the response is."""
    while path:
        if path in read.places:
            return read.places[path]
        path = _around(form, path)
    return None


def _around(form: Form, path: str) -> str:
    """Give the path of what is around: an instance, group or question; empty: it stands at the top."""
    if path.endswith("]"):
        return path.rpartition("[")[0]
    prefix, _, link_id = path.rpartition("/")
    parent = form.places[link_id].parent
    if parent is None or form.item(parent).has_instances:
        return prefix
    return f"{prefix}/{parent}" if prefix else parent


def _draft_issues(form: Form, answers: Answers) -> Iterator[AnswerIssue]:
    for path, given in answers.items():
        place = form.places.get(path.rsplit("/", 1)[-1])
        if place is not None and place.item.is_question:
            yield from (AnswerIssue(path, fault.code, fault.text) for fault in faults(place.item, given, is_draft=True))


class _Checks:
    """What is asked of answers when they are submitted. `asked`: the path of all that is, with its item."""

    def __init__(self, form: Form, answers: Answers) -> None:
        self._form, self._answers, self._enabled = form, answers, Enablement(form, answers)
        self.asked = self._enabled.asked()

    @cached_property
    def _answered(self) -> Set[str]:
        """What is around the answers that count and that somebody gave."""
        calculating, counted = self._form.expressions.calculating, self._enabled.counted()
        given = [path for path in counted if self.asked[path].link_id not in calculating] if calculating else counted
        return places_with(self._form, given)

    @cached_property
    def _answerable(self) -> Set[str]:
        """What is around the questions that people see and can answer."""
        return places_with(self._form, (path for path, item in self.asked.items() if _is_for_people(item)))

    def issues(self) -> Iterator[AnswerIssue]:
        """Give all issues, in the questionnaire's order."""
        calculating = self._form.expressions.calculating
        for path, item in self.asked.items():
            if calculating and item.link_id in calculating:
                yield from self._calculated(item, path)
            elif item.is_question:
                given = self._answers.get(path)
                if given:
                    for fault in faults(item, given):
                        yield AnswerIssue(path, fault.code, fault.text)
                elif item.required and _is_for_people(item):
                    yield from self._missing(item, path)
            elif item.has_instances:
                yield from self._repeating_group(item, path)
            elif item.required and path in self._answerable and path not in self._answered:
                yield from self._missing(item, path)

    def _calculated(self, item: Item, path: str) -> Iterator[AnswerIssue]:
        """A calculated answer may be left out, but not be another than ours; where ours fails, nobody is to blame."""
        given = self._answers.get(path, ())
        is_ours = not given or agrees(item, given, self._enabled.answers.get(path, ()))
        if not is_ours and all(failure.path != path for failure in self._enabled.failures()):
            yield AnswerIssue(path, "calculated", _TEXTS["calculated"])

    def _repeating_group(self, item: Item, path: str) -> Iterator[AnswerIssue]:
        """A repeating group is there at most so often, and at least so often where it must be or is there at all."""
        there = sum(f"{path}[{number}]/" in self._answered for number in self._enabled.instances(path, item))
        least = max(item.min_occurs or 0, int(item.required))
        if there < least and (there or item.required) and self._is_present(item, path):
            yield AnswerIssue(path, "too-few", _TEXTS["too-few-groups"].fill(least=least))
        if item.max_occurs is not None and there > item.max_occurs:
            yield AnswerIssue(path, "too-many", _TEXTS["too-many-groups"].fill(most=item.max_occurs))

    def _missing(self, item: Item, path: str) -> Iterator[AnswerIssue]:
        if self._is_present(item, path):
            yield AnswerIssue(path, "required", _TEXTS[_REQUIRED.get(item.type, "required")])

    def _is_present(self, item: Item, path: str) -> bool:
        """Tell whether what is around is there: a repeating group's instance without answers is not.

        Nothing is missing in what is not there. The instances of a question are its answers: those are there.
        """
        scopes = self._form.places[item.link_id].scopes
        if not scopes or self._form.item(scopes[-1]).is_question:
            return True
        return path.removesuffix(item.link_id) in self._answered


def _is_for_people(item: Item) -> bool:
    """Tell whether it is a question that people see and can answer; others are filled in by the system, or not."""
    return item.is_question and not item.read_only and not item.hidden

"""Checking answers and responses against a questionnaire: all issues at once, each where it is.

Two strictnesses. `draft` asks only whether a value can be an answer at all (its type, an option that exists): a citizen
on the way may have written 11 on a scale to 10, and it is kept. `submit` asks everything.

Source: R4 Questionnaire; `fut.md` 1A (counts) and 4.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.answers import Answers, Read, walk_response
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.text import Text
from kommunalpro.pro.values import Fault, type_faults, value_faults

Strictness = Literal["draft", "submit"]

_TEXTS = {
    "required": Text("Svar på spørgsmålet.", "Answer the question."),
    "required-choice": Text("Vælg et svar.", "Choose an answer."),
    "required-number": Text("Vælg eller skriv et tal.", "Choose or write a number."),
    "disabled": Text(
        "Spørgsmålet bliver ikke stillet, når der er svaret sådan på de andre.",
        "The question is not asked, given the other answers.",
    ),
    "unknown": Text("Spørgsmålet findes ikke i spørgeskemaet.", "The questionnaire has no such question."),
    "misplaced": Text("Spørgsmålet står et forkert sted.", "The question stands in the wrong place."),
    "not-a-question": Text("Her kan der ikke svares.", "There can be no answer here."),
    "unexpected-again": Text("Spørgsmålet er der flere gange.", "The question is there more than once."),
    "no-value": Text("Svaret er tomt.", "The answer is empty."),
    "too-few-groups": Text("Udfyld mindst {least}.", "Fill in at least {least}."),
    "too-many-groups": Text("Udfyld højst {most}.", "Fill in at most {most}."),
}
_REQUIRED = {
    **dict.fromkeys(("choice", "open-choice", "boolean"), "required-choice"),
    **dict.fromkeys(("integer", "decimal", "quantity"), "required-number"),
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
    enabled = Enablement(form, answers)
    return tuple(issue for path, item in enabled.walk() for issue in _issues(item, path, answers, enabled))


def check_response(form: Form, response: Json, *, strictness: Strictness) -> tuple[AnswerIssue, ...]:
    """Check a QuestionnaireResponse as it came: its structure, what does not belong in it, and every answer."""
    structure = tuple(
        AnswerIssue("", "structure", Text(issue.text, issue.diagnostics or ""), issue.expression)
        for issue in validate(response)
    )
    if structure:
        return structure
    read = walk_response(form, response)
    strays = [AnswerIssue(link_id, why, _TEXTS[why], place) for why, link_id, place in read.strays]
    found = check_answers(form, read.answers, strictness=strictness)
    placed = [AnswerIssue(each.path, each.code, each.text, _place(read, each.path)) for each in found]
    return (*strays, *_disabled(form, read), *placed)


def _disabled(form: Form, read: Read) -> Iterator[AnswerIssue]:
    """Find answers to questions that, given the other answers, are not asked."""
    asked = {path for path, _ in Enablement(form, read.answers).walk()}
    for path in read.answers:
        if path not in asked:
            yield AnswerIssue(path, "disabled", _TEXTS["disabled"], read.places[path])


def _place(read: Read, path: str) -> str:
    """Give the FHIRPath of an issue: of the question, else of the nearest around it that is there."""
    while path:
        if path in read.places:
            return read.places[path]
        path = path.rpartition("/")[0]
        path = path.rsplit("[", 1)[0] if path.endswith("]") else path
    return "QuestionnaireResponse"


def _draft_issues(form: Form, answers: Answers) -> Iterator[AnswerIssue]:
    for path, given in answers.items():
        place = form.places.get(path.rsplit("/", 1)[-1])
        if place is not None and place.item.is_question:
            yield from (AnswerIssue(path, fault.code, fault.text) for fault in type_faults(place.item, given))


def _issues(item: Item, path: str, answers: Answers, enabled: Enablement) -> Iterator[AnswerIssue]:
    if item.is_group:
        yield from _group_issues(item, path, answers, enabled)
    if not item.is_question:
        return
    given = answers.get(path, ())
    if not given and item.required and not item.read_only and not _is_in_absent_instance(path, answers):
        yield AnswerIssue(path, "required", _TEXTS[_REQUIRED.get(item.type, "required")])
    wrong: tuple[Fault, ...] = tuple(type_faults(item, given)) or tuple(value_faults(item, given))
    yield from (AnswerIssue(path, fault.code, fault.text) for fault in wrong)


def _group_issues(item: Item, path: str, answers: Answers, enabled: Enablement) -> Iterator[AnswerIssue]:
    """A repeating group is there as often as it must and may be; a required one at least once."""
    if not item.has_instances:
        return
    there = sum(_has_answers(f"{path}[{number}]/", answers) for number in enabled.instances(path, item))
    least = max(item.min_occurs or 0, int(item.required))
    if there < least and not _is_in_absent_instance(path, answers):
        yield AnswerIssue(path, "too-few", _TEXTS["too-few-groups"].fill(least=least))
    if item.max_occurs is not None and there > item.max_occurs:
        yield AnswerIssue(path, "too-many", _TEXTS["too-many-groups"].fill(most=item.max_occurs))


def _has_answers(prefix: str, answers: Answers) -> bool:
    return any(path.startswith(prefix) and given for path, given in answers.items())


def _is_in_absent_instance(path: str, answers: Answers) -> bool:
    """An instance of a repeating group in which nothing is answered is not there, and nothing is missing in it."""
    prefix = path.rpartition("/")[0]
    return bool(prefix) and not _has_answers(f"{prefix}/", answers)

"""A posted page of questions → what was changed on it, what was typed, and what is wrong with it.

A page says of every question that it was shown, and what its answer was then: only what the citizen changed on this
very page is saved, so that an old page in another browser takes nothing away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kommunalpro.care.definitions import Definition
from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import Item
from kommunalpro.web.citizen.forms.answers import UNANSWERABLE, Typed, forged, read_answers
from kommunalpro.web.citizen.forms.names import ANSWER, CLOCK, OTHER, PROPOSED, SHOWN, UNIT, digest
from kommunalpro.web.citizen.forms.values import Wrong


@dataclass(frozen=True, slots=True)
class PostedPage:
    """All by path. `shown` is every question that stood on the page, `changes` what is to be saved.

    `proposed` were shown with an answer that nobody had given: whatever is posted for them is a change.
    """

    shown: frozenset[str]
    proposed: frozenset[str]
    changes: Mapping[str, tuple[Json, ...]]
    typed: Mapping[str, Typed]
    errors: Mapping[str, str]


def read_page(definition: Definition, fields: Mapping[str, Sequence[str]]) -> PostedPage:
    """Read the fields of a posted page: name → values.

    Raises:
        BadRequest: a question or an option that the questionnaire does not have, or one that was not on the page.
    """
    shown = {path: values[0] for path, values in _with_prefix(fields, SHOWN)}
    items = {path: _question(definition, path) for path in shown}
    typed = {path: _typed(fields, path) for path in shown}
    _refuse_strangers(fields, shown)
    changes, errors = {}, {}
    for path, item in items.items():
        try:
            answers = read_answers(item, typed[path])
        except Wrong as wrong:
            errors[path] = str(wrong)
        else:
            if digest(answers) != shown[path]:
                changes[path] = answers
    proposed = frozenset(path for path, mark in shown.items() if mark == PROPOSED)
    return PostedPage(frozenset(shown), proposed, changes, typed, errors)


def is_asked(item: Item) -> bool:
    """Tell whether a page has a field for an item."""
    return item.is_question and not item.hidden and not item.read_only and item.type not in UNANSWERABLE


def _question(definition: Definition, path: str) -> Item:
    item = definition.question_at(path)
    if item is None or not is_asked(item):
        raise forged("A question that the questionnaire does not ask.")
    return item


def _typed(fields: Mapping[str, Sequence[str]], path: str) -> Typed:
    return Typed(
        values=tuple(fields.get(ANSWER + path, ())),
        other="".join(fields.get(OTHER + path, ())[:1]),
        clock="".join(fields.get(CLOCK + path, ())[:1]),
        unit="".join(fields.get(UNIT + path, ())[:1]),
    )


def _refuse_strangers(fields: Mapping[str, Sequence[str]], shown: Mapping[str, str]) -> None:
    for prefix in (ANSWER, OTHER, CLOCK, UNIT):
        for path, _ in _with_prefix(fields, prefix):
            if path not in shown:
                raise forged("An answer to a question that was not on the page.")


def _with_prefix(fields: Mapping[str, Sequence[str]], prefix: str) -> Iterator[tuple[str, Sequence[str]]]:
    return ((name.removeprefix(prefix), values) for name, values in fields.items() if name.startswith(prefix))

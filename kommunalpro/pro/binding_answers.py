"""Whether a question's answers are exactly the numbers of an instrument's item, and which answer counts which."""

from collections.abc import Iterator, Mapping
from typing import Literal

from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.instrument import InstrumentItem
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.scoring import answer_key
from kommunalpro.pro.text import Text

Order = Literal["lowest-first", "highest-first"]
"""How the options of a question stand: which end of the instrument's numbers the first of them is."""

ANYWHERE = "–"
"""Stands for the linkId where a problem is of no question."""

_REPEATS = Text(
    "{label}: spørgsmålet kan være besvaret flere gange.", "{label}: the question may be answered several times."
)
_TYPE = Text(
    "{label}: spørgsmålet er hverken et helt tal eller et valg.",
    "{label}: the question is neither a whole number nor a choice.",
)
_RANGE = Text(
    "{label}: svarene skal gå fra {low} til {high}, men går fra {first} til {last}.",
    "{label}: answers must go from {low} to {high}, but go from {first} to {last}.",
)
_STEP = Text("{label}: svarene skal være hvert helt tal.", "{label}: answers must be every whole number.")
_OPTIONS = Text(
    "{label}: der skal være {needed} svarmuligheder, men der er {given}.",
    "{label}: there must be {needed} options, but there are {given}.",
)
_NUMBERS = Text(
    "{label}: svarmulighederne skal tælle fra {low} til {high}, men tæller {given}.",
    "{label}: the options must count from {low} to {high}, but count {given}.",
)
_SOME = Text(
    "{label}: nogle svarmuligheder har et tal (ordinalValue) og andre ikke.",
    "{label}: some options have a number (ordinalValue) and others have none.",
)
_UNORDERED = Text(
    "{label}: svarmulighederne har ingen tal (ordinalValue). Sig, om den første tæller lavest eller højest.",
    "{label}: the options have no numbers (ordinalValue). Say whether the first counts lowest or highest.",
)
_CONTRADICTED = Text(
    "{label}: svarmulighedernes tal (ordinalValue) siger det modsatte af den rækkefølge, der er valgt.",
    "{label}: the numbers of the options (ordinalValue) say the opposite of the order that was chosen.",
)
_ALIKE = Text("{label}: to svarmuligheder har samme kode.", "{label}: two options have the same code.")


def problem(link_id: str, code: str, text: Text, /, **parts: Text | int | str) -> Problem:
    """Make a problem at a question, or anywhere."""
    where = f"Questionnaire.descendants().where(linkId='{link_id}')" if link_id != ANYWHERE else "Questionnaire"
    return Problem(link_id, where, code, text.fill(**parts))


def item_problems(wanted: InstrumentItem, item: Item, form: Form, order: Order | None) -> Iterator[Problem]:
    """Give what does not fit between an item of an instrument and the question that is to be it."""
    if item.repeats or form.places[item.link_id].scopes:
        yield problem(item.link_id, "bind-repeats", _REPEATS, label=wanted.label)
    if item.type == "integer" and not item.options:
        yield from _range_problems(wanted, item)
    elif item.type == "choice":
        yield from _option_problems(wanted, item, order)
    else:
        yield problem(item.link_id, "bind-type", _TYPE, label=wanted.label)


def _range_problems(wanted: InstrumentItem, item: Item) -> Iterator[Problem]:
    if (item.min_value, item.max_value) != (wanted.low, wanted.high):
        first, last = (ANYWHERE if bound is None else str(bound) for bound in (item.min_value, item.max_value))
        scale = _RANGE.fill(label=wanted.label, low=wanted.low, high=wanted.high, first=first, last=last)
        yield problem(item.link_id, "bind-range", scale)
    if item.step not in (None, 1):
        yield problem(item.link_id, "bind-step", _STEP, label=wanted.label)


def _option_problems(wanted: InstrumentItem, item: Item, order: Order | None) -> Iterator[Problem]:
    link_id, label = item.link_id, wanted.label
    needed, given = _standing(wanted), len(item.options)
    ordinals = [option.ordinal for option in item.options if option.ordinal is not None]
    if len(needed) != given:
        yield problem(link_id, "bind-options", _OPTIONS, label=label, needed=len(needed), given=given)
    elif len({answer_key(option.value) for option in item.options}) < given:
        yield problem(link_id, "bind-alike", _ALIKE, label=label)
    elif not ordinals and order is None:
        yield problem(link_id, "bind-order", _UNORDERED, label=label)
    elif ordinals and len(ordinals) < given:
        yield problem(link_id, "bind-some", _SOME, label=label)
    elif ordinals and sorted(ordinals) != needed:
        counted = ", ".join(str(ordinal) for ordinal in ordinals)
        yield problem(link_id, "bind-numbers", _NUMBERS, label=label, low=wanted.low, high=wanted.high, given=counted)
    elif ordinals and order is not None and ordinals != _standing(wanted, order):
        yield problem(link_id, "bind-contradicted", _CONTRADICTED, label=label)


def _standing(wanted: InstrumentItem, order: Order = "lowest-first") -> list[int]:
    """Give the instrument's numbers as the options stand.

    Raises:
        KeyError: there is no such order. Taken for the other one, the score would be turned round, and nobody be told.
    """
    numbers = list(range(wanted.low, wanted.high + 1))
    return {"lowest-first": numbers, "highest-first": numbers[::-1]}[order]


def numbers(wanted: InstrumentItem, item: Item, order: Order | None) -> Mapping[str, int]:
    """Give what each answer counts in the instrument's numbers, by its name in `values`; empty: it is the number.

    The question must fit (`item_problems`).
    """
    counted = [int(option.ordinal) for option in item.options if option.ordinal is not None]
    if item.options and not counted:
        counted = _standing(wanted, order or "lowest-first")
    return {answer_key(option.value): number for option, number in zip(item.options, counted, strict=True)}

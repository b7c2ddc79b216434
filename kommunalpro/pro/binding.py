"""Binding: a shell instrument is tied to the questionnaire that holds its questions, and becomes part of a View.

Nothing is guessed. A question is found by its code or by its position in a group; what an option counts is told by its
ordinalValue, or by whoever binds. What does not fit exactly is refused, for then the score would be another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.binding_answers import ANYWHERE, Order, item_problems, numbers, problem
from kommunalpro.pro.condition import Condition
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.instrument import AcuteItem, Instrument, InstrumentItem
from kommunalpro.pro.problems import Problem
from kommunalpro.pro.score_definition import ScoreDefinition, read_score
from kommunalpro.pro.text import Text


@dataclass(frozen=True, slots=True)
class ByCode:
    """The questions are those with these codes, in the instrument's order. `codes` empty: those it knows itself."""

    system: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ByGroup:
    """The questions are those in this group, in order; what is asked about an answer is not among them."""

    link_id: str


class BindingError(Exception):
    """An instrument that this questionnaire does not hold. `args` are all the reasons (`Problem`)."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that does not fit, in the instrument's order."""
        return self.args


@dataclass(frozen=True, slots=True)
class Binding:
    """An instrument tied to a questionnaire.

    `items` is position → linkId; an optional item that the questionnaire leaves out is not there. `content` is part of
    a View: `instruments`, `scores` and `acute`. Its acute rules lack the words for the citizen: they must be written.
    """

    instrument: Instrument
    items: Mapping[int, str]
    scores: tuple[ScoreDefinition, ...]
    content: Json


_NO_CODES = Text("Instrumentet kender ingen koder i {system}.", "The instrument knows no codes in {system}.")
_CODE_COUNT = Text(
    "Der er {given} koder, men instrumentet har {needed} spørgsmål.",
    "There are {given} codes, but the instrument has {needed} items.",
)
_NOT_FOUND = Text(
    "Intet spørgsmål har koden {code}, som hører til {label}.", "No question has the code {code} of {label}."
)
_SEVERAL = Text(
    "Flere spørgsmål har koden {code}: {questions}.", "Several questions have the code {code}: {questions}."
)
_TWICE = Text("Spørgsmålet er bundet til {first} og {second}.", "The question is bound to {first} and {second}.")
_NO_GROUP = Text("Gruppen findes ikke i spørgeskemaet.", "The questionnaire has no such group.")
_COUNT = Text(
    "Gruppen har {given} spørgsmål, men instrumentet har {needed}.",
    "The group has {given} questions, but the instrument has {needed}.",
)


def bind(
    instrument: Instrument,
    form: Form,
    *,
    by: ByCode | ByGroup,
    order: Order | Mapping[int, Order] | None = None,
) -> Binding:
    """Tie an instrument to a questionnaire.

    `order` says how options without ordinalValue stand, for all questions or by position; None: all have one.

    Raises:
        BindingError: with all that does not fit.
    """
    found, problems = _by_code(instrument, form, by) if isinstance(by, ByCode) else _by_group(instrument, form, by)
    values: dict[int, Mapping[str, int]] = {}
    for position, link_id in found.items():
        item, wanted = form.item(link_id), instrument.item(position)
        stands = order.get(position) if isinstance(order, Mapping) else order
        wrong = [*item_problems(wanted, item, form, stands)]
        problems += wrong
        if not wrong:
            values[position] = numbers(wanted, item, stands)
    if problems:
        raise BindingError(*problems)
    content = _content(instrument, found, values)
    return Binding(instrument, found, tuple(read_score(each) for each in content["scores"]), content)


def _by_code(instrument: Instrument, form: Form, by: ByCode) -> tuple[dict[int, str], list[Problem]]:
    codes = by.codes or tuple(_known_codes(instrument, by.system))
    if not codes:
        return {}, [problem(ANYWHERE, "bind-codes", _NO_CODES, system=by.system)]
    if len(codes) not in _counts(instrument):
        parts = {"given": len(codes), "needed": len(instrument.items)}
        return {}, [problem(ANYWHERE, "bind-count", _CODE_COUNT, **parts)]
    found: dict[int, str] = {}
    problems = []
    for item, code in zip(_asked(instrument, len(codes)), codes, strict=True):
        matching = [each.link_id for each in form.questions() if _has_code(each, by.system, code)]
        if not matching:
            problems.append(problem(ANYWHERE, "bind-not-found", _NOT_FOUND, code=code, label=item.label))
        elif len(matching) > 1:
            questions = ", ".join(matching)
            problems.append(problem(matching[0], "bind-several", _SEVERAL, code=code, questions=questions))
        else:
            problems += _twice(found, instrument, item, matching[0])
            found[item.position] = matching[0]
    return found, problems


def _by_group(instrument: Instrument, form: Form, by: ByGroup) -> tuple[dict[int, str], list[Problem]]:
    if by.link_id not in form.places or not form.item(by.link_id).is_group:
        return {}, [problem(by.link_id, "bind-group", _NO_GROUP)]
    questions = [item.link_id for item in _questions(form.item(by.link_id).items)]
    if len(questions) not in _counts(instrument):
        parts = {"given": len(questions), "needed": len(instrument.items)}
        return {}, [problem(by.link_id, "bind-count", _COUNT, **parts)]
    asked = _asked(instrument, len(questions))
    return {item.position: link_id for item, link_id in zip(asked, questions, strict=True)}, []


def _questions(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        if item.is_question:
            yield item
        elif item.is_group:
            yield from _questions(item.items)


def _known_codes(instrument: Instrument, system: str) -> Iterator[str]:
    for item in instrument.items:
        yield from (code for known, code in item.codes if known == system)


def _has_code(item: Item, system: str, code: str) -> bool:
    return any(coding.get("system") == system and coding.get("code") == code for coding in item.codes)


def _counts(instrument: Instrument) -> set[int]:
    """How many questions there may be: all, or all but those that may be left out."""
    return {len(instrument.items), sum(not item.is_optional for item in instrument.items)}


def _asked(instrument: Instrument, count: int) -> list[InstrumentItem]:
    is_whole = count == len(instrument.items)
    return [item for item in instrument.items if is_whole or not item.is_optional]


def _twice(found: Mapping[int, str], instrument: Instrument, item: InstrumentItem, link_id: str) -> Iterator[Problem]:
    for position, other in found.items():
        if other == link_id:
            parts = {"first": instrument.item(position).label, "second": item.label}
            yield problem(link_id, "bind-twice", _TWICE, **parts)


def _content(
    instrument: Instrument, found: Mapping[int, str], values: Mapping[int, Mapping[str, int]]
) -> dict[str, Any]:
    links = {str(position): link_id for position, link_id in found.items()}
    named = {str(position): numbers for position, numbers in values.items()}
    acute = [rule for each in instrument.acute for rule in _acute(each, links[each.item], named[each.item])]
    return {
        "instruments": [instrument.name],
        "scores": [_score(each, links, named) for each in instrument.content["scores"]],
        **({"acute": acute} if acute else {}),
    }


def _score(score: Json, links: Mapping[str, str], named: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Write a score with linkIds for positions, and with answers' own names for the instrument's numbers."""
    values = {}
    for position in score["items"]:
        own = score.get("values", {}).get(position)
        answers = named[position] or {key: int(key) for key in own or ()}
        if answers:
            values[links[position]] = {key: own[str(number)] if own else number for key, number in answers.items()}
    written = {**score, "items": [links[position] for position in score["items"]]}
    if "reversed" in score:
        written["reversed"] = [links[position] for position in score["reversed"]]
    return {**written, "values": values} if values else written


def _acute(rule: AcuteItem, link_id: str, numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    """Write an acute rule for the answers as they are. Codes have no order: of a choice each code is compared."""
    written = {"id": rule.id, "item": link_id, "source": rule.source}
    if not numbers:
        return [{**written, "operator": rule.operator, "value": rule.value}]
    condition = Condition(rule.operator, "Integer", rule.value)
    met = [key for key, number in numbers.items() if condition.meets({"valueInteger": number})]
    others = [key for key in numbers if key not in met]
    if len(others) == 1:
        return [{**written, "operator": "!=", "value": others[0]}]
    return [{**written, "id": f"{rule.id}-{numbers[key]}", "operator": "=", "value": key} for key in met]

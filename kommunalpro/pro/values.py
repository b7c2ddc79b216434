"""Whether the answers to one question can be right: type, options, bounds, length, how many.

Each fault has a code and the words that tell a citizen what to do.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import MAX_PREC, Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.structure.primitives import PRIMITIVES, is_string
from kommunalpro.pro.condition import clock, is_number, kind_and_value
from kommunalpro.pro.item import Item, identity_of
from kommunalpro.pro.text import Text, moment, number

EXACT = Context(prec=MAX_PREC)
"""Arithmetic without rounding: Python's own 28 digits would take 1.00000000000000000000000000001 for a whole number."""

_TESTS = {name[0].upper() + name[1:]: primitive.test for name, primitive in PRIMITIVES.items()}
_WORDS = frozenset(("system", "version", "code", "display", "unit", "reference"))
"""Parts of a coding, quantity or reference that are text, or not there."""


class Fault(NamedTuple):
    """What is wrong with answers. `number` counts them from 0; None: it is about all of them."""

    code: str
    text: Text
    number: int | None = None


_WORDS_FOR_TYPE = {
    "boolean": Text("Svar ja eller nej.", "Answer yes or no."),
    "decimal": Text("Skriv et tal.", "Write a number."),
    "integer": Text("Skriv et helt tal.", "Write a whole number."),
    "date": Text("Skriv en dato, der findes.", "Write a date that exists."),
    "dateTime": Text("Skriv en dato og et klokkeslæt, der findes.", "Write a date and time that exist."),
    "time": Text("Skriv et klokkeslæt, for eksempel 10.30.", "Write a time of day, for example 10:30."),
    "string": Text("Skriv dit svar med ord.", "Write your answer in words."),
    "text": Text("Skriv dit svar med ord.", "Write your answer in words."),
    "url": Text("Skriv en adresse på nettet.", "Write a web address."),
    "quantity": Text("Skriv et tal.", "Write a number."),
    "choice": Text("Vælg et af svarene.", "Choose one of the answers."),
    "open-choice": Text("Vælg et af svarene, eller skriv dit eget.", "Choose one of the answers or write your own."),
    "attachment": Text("Svaret skal være en fil.", "The answer must be a file."),
    "reference": Text("Svaret kan ikke læses.", "The answer cannot be read."),
}
_BETWEEN = Text("Vælg et tal mellem {low} og {high}.", "Choose a number between {low} and {high}.")
_AT_LEAST = Text("Skriv et tal, der er {low} eller større.", "Write a number that is {low} or more.")
_AT_MOST = Text("Skriv et tal, der er {high} eller mindre.", "Write a number that is {high} or less.")
_NOT_BEFORE = Text("Det kan ikke være før {low}.", "It cannot be before {low}.")
_NOT_AFTER = Text("Det kan ikke være efter {high}.", "It cannot be after {high}.")
_STEP = Text("Vælg et tal i trin på {step}.", "Choose a number in steps of {step}.")
_PLACES = Text("Skriv højst {places} decimaler.", "Write at most {places} decimals.")
_ONE_PLACE = Text("Skriv højst én decimal.", "Write at most one decimal.")
_NO_PLACES = Text("Skriv et helt tal.", "Write a whole number.")
_LENGTH = Text("Skriv højst {length} tegn.", "Write at most {length} characters.")
_PATTERN = Text("Svaret har ikke den form, det skal have.", "The answer does not have the form it must have.")
_UNIT = Text("Vælg en af enhederne.", "Choose one of the units.")
_ONE = Text("Vælg kun ét svar.", "Choose only one answer.")
_MOST = Text("Vælg højst {most} svar.", "Choose at most {most} answers.")
_LEAST = Text("Vælg mindst {least} svar.", "Choose at least {least} answers.")
_TWICE = Text("Det samme svar er valgt to gange.", "The same answer is chosen twice.")
_EXCLUSIVE = Text(
    "”{option}” kan ikke vælges sammen med andre svar.", "“{option}” cannot be chosen with other answers."
)


def faults(item: Item, answers: tuple[Json, ...], *, is_draft: bool = False) -> list[Fault]:
    """Find what is wrong with answers to a question.

    Answers of another type, or options that it does not have, are no answers to it at all: where there are such,
    nothing else is told, nor of a draft.
    """
    not_answers: list[Fault] = []
    others: list[Fault] = []
    for index, answer in enumerate(answers):
        kind, value = kind_and_value(answer)
        if kind == "Integer" and type(value) is int and value in item.scale and len(answer) == 1:
            continue  # As most numbers are: the bounds and the step have been made one.
        if not (kind in item.kinds and _is_answer(item, answer, kind, value)):
            not_answers.append(Fault("type", _WORDS_FOR_TYPE[item.type], index))
        elif kind in _CHECKS:
            for code, text in _CHECKS[kind](item, value):
                others.append(Fault(code, text, index))
    if not_answers or is_draft:
        return not_answers
    if len(answers) > 1 or item.min_occurs is not None:
        others += [*_count_faults(item, answers), *_choice_faults(item, answers)]
    return others


def _is_answer(item: Item, answer: Json, kind: str, value: Any) -> bool:
    """Tell whether an answer whose type the question takes is a value, and the only one, and one of its options."""
    if item.options:
        option = item.option_for(answer)
        if option is None and not (item.type == "open-choice" and "valueString" in answer):
            return False
        if option is not None and kind == "Coding" and answer == option.value:
            return True  # To the letter: the option's own value has been looked at.
    return is_value(kind, value) and (len(answer) == 1 or _has_one_value(answer))


def _has_one_value(answer: Json) -> bool:
    return sum(key.startswith("value") for key in answer) == 1


def is_value(kind: str, value: Any) -> bool:
    """Tell whether JSON is a value of a FHIR type: of `Integer` a whole number of 32 bits."""
    test = _TESTS.get(kind)
    if test is not None:
        return test(value)
    if not isinstance(value, dict) or (kind == "Quantity" and not is_number(value.get("value"))):
        return False
    return all(map(is_string, [value[name] for name in value if name in _WORDS]))


def _quantity_faults(item: Item, value: Json) -> Iterator[tuple[str, Text]]:
    yield from _number_faults(item, value["value"])
    if item.units and _unit(value) not in {unit.get("code") or unit.get("display") for unit in item.units}:
        yield "unit", _UNIT


def _unit(value: Json) -> Any:
    """Give the unit of an amount: its code, and only where it has none its name."""
    return value.get("code") or value.get("unit")


def _number_faults(item: Item, value: Decimal | int) -> Iterator[tuple[str, Text]]:
    low, high = item.min_value, item.max_value
    if (low is not None and value < low) or (high is not None and value > high):
        words = _AT_MOST if low is None else _AT_LEAST if high is None else _BETWEEN
        parts = {name: number(bound) for name, bound in (("low", low), ("high", high)) if bound is not None}
        yield "range", words.fill(**parts)
    elif item.step is not None and not divides(item.step, Decimal(low or 0), Decimal(value)):
        yield "step", _STEP.fill(step=item.step)
    if item.max_decimal_places is not None and _decimals(Decimal(value)) > item.max_decimal_places:
        words = {0: _NO_PLACES, 1: _ONE_PLACE}.get(item.max_decimal_places, _PLACES)
        yield "decimals", words.fill(places=item.max_decimal_places)


def _decimals(value: Decimal) -> int:
    """Count the digits after the point; zeros at the end do not count."""
    return -int(value.normalize(EXACT).as_tuple().exponent)


def divides(step: Decimal, low: Decimal, high: Decimal) -> bool:
    """Tell whether whole steps lead from `low` to `high`."""
    return not EXACT.remainder(EXACT.subtract(high, low), step)


def _moment_faults(item: Item, value: str) -> Iterator[tuple[str, Text]]:
    if item.min_value is not None and beginning(value) < beginning(item.min_value):
        yield "range", _NOT_BEFORE.fill(low=moment(item.min_value))
    if item.max_value is not None and beginning(value) > beginning(item.max_value):
        yield "range", _NOT_AFTER.fill(high=moment(item.max_value))


def beginning(value: str) -> str:
    """Give what dates are compared by: when they begin, in UTC; times of day compare as they are written."""
    return parse_interval(value).start.isoformat() if "T" in value or ":" not in value else clock(value)


def _text_faults(item: Item, value: str) -> Iterator[tuple[str, Text]]:
    if item.max_length is not None and len(value) > item.max_length:
        yield "length", _LENGTH.fill(length=item.max_length)
    if item.pattern is not None and not compiled(item.pattern).fullmatch(value):
        yield "pattern", _PATTERN


@lru_cache(maxsize=1000)
def compiled(pattern: str) -> Any:
    """Compile a regular expression; it runs in linear time (google-re2).

    Raises:
        re2.error: it is none.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _count_faults(item: Item, answers: tuple[Json, ...]) -> Iterator[Fault]:
    most = item.max_occurs if item.repeats else 1
    if most is not None and len(answers) > most:
        yield Fault("too-many", _ONE if most == 1 else _MOST.fill(most=most))
    if answers and item.min_occurs is not None and len(answers) < item.min_occurs:
        yield Fault("too-few", _LEAST.fill(least=item.min_occurs))


def _choice_faults(item: Item, answers: tuple[Json, ...]) -> Iterator[Fault]:
    if not item.options or len(answers) < 2:
        return
    seen: set[Any] = set()
    for index, answer in enumerate(answers):
        identity = identity_of(answer)
        if identity in seen:
            yield Fault("twice", _TWICE, index)
        seen.add(identity)
        option = item.option_for(answer)
        if option is not None and option.is_exclusive:
            yield Fault("exclusive", _EXCLUSIVE.fill(option=option.text), index)


_CHECKS: Mapping[str, Callable[[Item, Any], Iterator[tuple[str, Text]]]] = {
    "Integer": _number_faults,
    "Decimal": _number_faults,
    "Quantity": _quantity_faults,
    "Date": _moment_faults,
    "DateTime": _moment_faults,
    "Time": _moment_faults,
    "String": _text_faults,
    "Uri": _text_faults,
}

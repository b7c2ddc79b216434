"""Series of questions: numbers, choices whose options have numbers or lights, and yes or no with lights.

A question is the same by its linkId within a questionnaire's base, and by its code (system and code) in another, where
exactly one question there has it; whether its answers compare is then judged as between versions. What stands in a
repeating group has no series: number 2 of one response need not be number 2 of the next.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answered import Answered
from kommunalpro.pro.condition import kind_and_value, number_of
from kommunalpro.pro.difference_over_time import Compared
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.scoring import ends, option_value
from kommunalpro.pro.series import Gap, Given, Measure, Point, Series
from kommunalpro.pro.view import View

_NUMBERS = ("integer", "decimal", "quantity")
_CHOICES = ("choice", "open-choice")


def questions(
    own: Sequence[Answered], ordered: Sequence[Answered], base: str, view: View | None, compared: Compared
) -> Iterator[Series]:
    """Give the series of the questions in one questionnaire (`own`), with what is the same in all (`ordered`)."""
    coded = {form: _by_code(form) for form in {each.form for each in ordered}}
    read = [_Read(each) for each in ordered]
    for item, form in _measured(own):
        same = [
            (each, item.link_id if each.of.base == base else _same(item, form, each.of.form, coded)) for each in read
        ]
        is_of_lights = not _has_numbers(item)
        yield Series(
            "question",
            item.link_id,
            item.name,
            tuple(each.point(link_id, is_of_lights) for each, link_id in same if link_id is not None),
            is_of_lights=is_of_lights,
            direction=view.directions.get(item.link_id) if view else None,
            compared=compared.questions,
        )


class _Read:
    """A response, with what is asked of it for each question."""

    def __init__(self, of: Answered) -> None:
        self.of = of
        self._asked = Enablement(of.form, of.answers).asked()
        self._lights: dict[str, Light] = {}
        for finding in of.record.findings if of.record else ():
            lights = [self._lights[finding.link_id]] if finding.link_id in self._lights else []
            self._lights[finding.link_id] = worst([finding.light, *lights])

    def point(self, link_id: str, is_of_lights: bool) -> Point:
        """Give the point of a question."""
        light, gap = self._lights.get(link_id, Light.NOT_ASSESSED), self._gap(link_id)
        if is_of_lights:
            return self.of.light_point(light, gap, link_id=link_id)
        given = None if gap else _number(self.of.form.item(link_id), self.of.answers[link_id][0])
        return self.of.point(light, given, gap if gap or given else "no-number", link_id=link_id)

    def _gap(self, link_id: str) -> Gap | None:
        """Say why there is no one answer; None: there is."""
        place, given = self.of.form.places.get(link_id), self.of.answers.get(link_id, ())
        if place is not None and place.scopes:
            return "several-answers"
        if link_id not in self._asked:
            return "not-asked"
        if not given:
            return "not-answered"
        return "several-answers" if len(given) > 1 else None


def _measured(own: Sequence[Answered]) -> Iterator[tuple[Item, Form]]:
    """Give the questions that have a series, each as the last version has it that has it, with that version."""
    seen: set[str] = set()
    for each in reversed(own):
        for link_id, place in each.form.places.items():
            if link_id not in seen:
                seen.add(link_id)
                if not place.scopes and (_has_numbers(place.item) or _has_lights(place.item)):
                    yield place.item, each.form


def _has_numbers(item: Item) -> bool:
    return item.type in _NUMBERS or (item.type in _CHOICES and ends(item) is not None)


def _has_lights(item: Item) -> bool:
    return item.type in (*_CHOICES, "boolean") and bool(item.rules)


_Coded = Mapping[tuple[Any, Any], frozenset[str]]
"""System and code → the linkIds of all questions that have it."""


def _by_code(form: Form) -> _Coded:
    found: dict[tuple[Any, Any], frozenset[str]] = {}
    for item in form.questions():
        for code in _codes(item):
            found[code] = found.get(code, frozenset()) | {item.link_id}
    return found


def _codes(item: Item) -> list[tuple[Any, Any]]:
    return [(each["system"], each["code"]) for each in item.codes if each.get("system") and each.get("code")]


def _same(item: Item, form: Form, other: Form, coded: Mapping[Form, _Coded]) -> str | None:
    """Give the linkId of the same question in another questionnaire; None: none is, or more than one may be."""
    shared = [code for code in _codes(item) if len(coded[form][code]) == 1]
    found = {link_id for code in shared for link_id in coded[other].get(code, ())}
    return found.pop() if len(found) == 1 else None


def _number(item: Item, answer: Json) -> Given | None:
    """Give the number that was answered, of an option its ordinal; None: it is none, or a bound such as `< 5`."""
    if item.type in _CHOICES:
        option, both = item.option_for(answer), ends(item)
        value = None if option is None else option_value(option)
        return None if value is None or both is None else Given(value, Measure("", *both))
    kind, value = kind_and_value(answer)
    number = number_of(kind, value)
    if number is None or (kind == "Quantity" and value.get("comparator")):
        return None
    unit, shown = item.unit or "", item.unit or ""
    if kind == "Quantity":
        unit, shown = value.get("code") or value.get("unit") or unit, value.get("unit") or value.get("code") or shown
    return Given(number, Measure(unit, _bound(item.min_value), _bound(item.max_value), shown=shown))


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)

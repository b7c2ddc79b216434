"""Preconditions → enableWhen.

Simple criteria and intervals, several siblings (AND), `allTrue` and `atLeastOneTrue` become plain enableWhen. What
plain enableWhen cannot say (allFalse, atLeastOneFalse, onlyOneTrue, onlyOneFalse, groupers in groupers, an interval
among alternatives) is reported as an error, and the item is left without its condition for an editor to set.

Source: `danish-domain.md` 1.4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kommunalpro.integrations.cda.document import Element, attribute, child, children, kind, local_name
from kommunalpro.integrations.cda.problems import Report

_ALL, _ANY = ("allTrue",), ("atLeastOneTrue",)
_BEYOND = {
    "allFalse": "alle skal være falske",
    "atLeastOneFalse": "mindst én skal være falsk",
    "onlyOneTrue": "netop én skal være sand",
    "onlyOneFalse": "netop én skal være falsk",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a condition needs to know of the question it asks about."""

    link_id: str
    type: str
    option_system: str | None


class Inexpressible(ValueError):
    """The condition cannot be said with plain enableWhen; the text is Danish and says why."""


class Questions:
    """The questions of a document by code; a code without code system matches when it is the only one."""

    def __init__(self) -> None:
        self._by_code: dict[str, dict[str | None, Question]] = {}

    def add(self, code: str, system: str | None, question: Question) -> None:
        """Make a question known."""
        self._by_code.setdefault(code, {})[system] = question

    def find(self, code: str, system: str | None) -> Question | None:
        """Find a question; None when there is none, or when the code alone does not tell which."""
        found: Mapping[str | None, Question] = self._by_code.get(code, {})
        return found.get(system) or (next(iter(found.values())) if len(found) == 1 else None)


def has_condition(element: Element) -> bool:
    """Tell whether an organizer, observation or feedback has a precondition."""
    return child(element, "precondition") is not None


def enable_when(element: Element, questions: Questions, where: str, report: Report) -> dict[str, Any]:
    """Give `enableWhen` and `enableBehavior` of an element's preconditions; nothing when none can be said."""
    try:
        groups = [_group(each, questions) for each in children(element, "precondition")]
        return _joined(groups)
    except Inexpressible as wrong:
        report.error(where, f"Betingelsen er ikke kommet med: {wrong}")
        return {}


def _joined(groups: list[tuple[str, list[list[dict[str, Any]]]]]) -> dict[str, Any]:
    """Join sibling preconditions: all must hold. A lone `any` may stand; among others it cannot."""
    groups = [(behavior, criteria) for behavior, criteria in groups if criteria]
    if not groups:
        return {}
    if len(groups) == 1 and groups[0][0] == "any" and len(groups[0][1]) > 1:
        if any(len(criterion) > 1 for criterion in groups[0][1]):
            raise Inexpressible("et interval kan ikke stå som ét af flere alternativer.")
        return {"enableWhen": [each for criterion in groups[0][1] for each in criterion], "enableBehavior": "any"}
    if any(behavior == "any" and len(criteria) > 1 for behavior, criteria in groups):
        raise Inexpressible("alternativer kan ikke stå sammen med andre krav.")
    flat = [each for _, criteria in groups for criterion in criteria for each in criterion]
    return {"enableWhen": flat, **({"enableBehavior": "all"} if len(flat) > 1 else {})}


def _group(precondition: Element, questions: Questions) -> tuple[str, list[list[dict[str, Any]]]]:
    criterion = child(precondition, "criterion")
    if criterion is not None:
        return "all", [_criterion(criterion, questions)]
    for each in precondition:
        name = local_name(each)
        if name in _BEYOND:
            raise Inexpressible(f"{name} ({_BEYOND[name]}) kan ikke udtrykkes.")
        if name in (*_ALL, *_ANY):
            return ("any" if name in _ANY else "all"), list(_members(each, questions))
    return "all", []


def _members(grouper: Element, questions: Questions) -> Iterator[list[dict[str, Any]]]:
    for each in children(grouper, "precondition"):
        criterion = child(each, "criterion")
        if criterion is None:
            raise Inexpressible("grupper i grupper kan ikke udtrykkes.")
        yield _criterion(criterion, questions)


def _criterion(criterion: Element, questions: Questions) -> list[dict[str, Any]]:
    code, system = attribute(criterion, "code", "code"), attribute(criterion, "code", "codeSystem")
    question = questions.find(code or "", system)
    if question is None:
        raise Inexpressible(f"spørgsmålet {code or 'uden kode'} findes ikke i dokumentet.")
    value = child(criterion, "value")
    if kind(value).startswith("IVL"):
        return _interval(question, value)
    if question.type == "choice":
        return [_when(question, "=", {"answerCoding": _coding(question, value)})]
    return [_when(question, "=", _number(question, attribute(value, "value")))]


def _interval(question: Question, value: Element | None) -> list[dict[str, Any]]:
    bounds = (("low", ">="), ("high", "<="))
    found = [
        _when(question, operator, _number(question, attribute(value, bound, "value")))
        for bound, operator in bounds
        if attribute(value, bound, "value") is not None
    ]
    if not found:
        raise Inexpressible("intervallet har ingen grænser.")
    return found


def _when(question: Question, operator: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"question": question.link_id, "operator": operator, **answer}


def _coding(question: Question, value: Element | None) -> dict[str, Any]:
    code = attribute(value, "code")
    if code is None:
        raise Inexpressible("svaret, der spørges til, har ingen kode.")
    system = attribute(value, "codeSystem")
    return {"system": f"urn:oid:{system}" if system else question.option_system, "code": code}


def _number(question: Question, text: str | None) -> dict[str, Any]:
    if question.type not in ("integer", "decimal"):
        raise Inexpressible(f"et tal kan ikke sammenlignes med svar på {question.link_id}.")
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        raise Inexpressible("grænsen er ikke et tal.") from None
    return {"answerInteger": int(number)} if question.type == "integer" else {"answerDecimal": number}

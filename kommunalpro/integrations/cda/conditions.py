"""Preconditions → enableWhen, or enableWhenExpression where enableWhen cannot say it.

Simple criteria and intervals, several siblings (AND), `allTrue` and `atLeastOneTrue` become plain enableWhen, which
every system understands. `allFalse`, `atLeastOneFalse`, `onlyOneTrue`, `onlyOneFalse`, groupers in groupers and an
interval among alternatives become FHIRPath over linkIds. A condition about what is not there is reported as an error,
and the item is left without it for an editor to set.

Source: `danish-domain.md` 1.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from kommunalpro.fhir import ehealth
from kommunalpro.integrations.cda.document import Element, attribute, child, children, kind, local_name
from kommunalpro.integrations.cda.problems import Report

_JOINED = {
    "allTrue": ("and", ""),
    "atLeastOneTrue": ("or", ""),
    "allFalse": ("or", ".not()"),
    "atLeastOneFalse": ("and", ".not()"),
}
_GROUPERS = (*_JOINED, "onlyOneTrue", "onlyOneFalse")
_SAME_ALONE = ("allTrue", "atLeastOneTrue", "onlyOneTrue")
"""Groupers that say nothing when they have one member."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a condition needs to know of the question it asks about."""

    link_id: str
    type: str
    option_system: str | None


class Inexpressible(ValueError):
    """The condition is about something that is not there, or is none; the text is Danish and says why."""


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
    """Give what an element's preconditions are in FHIR: `enableWhen` and `enableBehavior`, or one `extension`.

    Nothing when they cannot be said; what is wrong is reported.
    """
    try:
        siblings = [_rule(each, questions) for each in children(element, "precondition")]
        whole = siblings[0] if len(siblings) == 1 else Grouper("allTrue", tuple(siblings))
        return _plain(whole) or {"extension": [_expression(whole)]}
    except Inexpressible as wrong:
        report.error(where, f"Betingelsen er ikke kommet med: {wrong}")
        return {}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question and what its answer must be: one enableWhen, or two for an interval, which must both hold."""

    question: str
    conditions: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Grouper:
    """How many of its members must be true, by its name in sdtc."""

    name: str
    members: tuple["Rule", ...]


Rule: TypeAlias = Criterion | Grouper


def _rule(precondition: Element, questions: Questions) -> Rule:
    criterion = child(precondition, "criterion")
    if criterion is not None:
        return _criterion(criterion, questions)
    for each in precondition:
        name = local_name(each)
        if name in _GROUPERS:
            members = tuple(_rule(member, questions) for member in children(each, "precondition"))
            if not members:
                raise Inexpressible(f"{name} er tom.")
            return members[0] if len(members) == 1 and name in _SAME_ALONE else Grouper(name, members)
    raise Inexpressible("den har et indhold, som ikke kendes.")


def _plain(rule: Rule) -> dict[str, Any] | None:
    """Say a rule with enableWhen; None: enableWhen cannot."""
    for name, behavior in (("allTrue", "all"), ("atLeastOneTrue", "any")):
        members = _flat(rule, name)
        if all(isinstance(each, Criterion) and (behavior == "all" or len(each.conditions) == 1) for each in members):
            found = [condition for each in members if isinstance(each, Criterion) for condition in each.conditions]
            return {"enableWhen": found, **({"enableBehavior": behavior} if len(found) > 1 else {})}
    return None


def _flat(rule: Rule, name: str) -> list[Rule]:
    """Take groupers of one name inside each other for one: all of all are all."""
    if isinstance(rule, Grouper) and rule.name == name:
        return [each for member in rule.members for each in _flat(member, name)]
    return [rule]


def _expression(rule: Rule) -> dict[str, Any]:
    expression = {"language": "text/fhirpath", "expression": _said(rule)}
    return {"url": ehealth.ENABLE_WHEN_EXPRESSION, "valueExpression": expression}


def _said(rule: Rule) -> str:
    """Say a rule in FHIRPath. What is asked about a question that is not answered is false."""
    if isinstance(rule, Criterion):
        tests = " and ".join(_test(each) for each in rule.conditions)
        return f"%resource.descendants().where(linkId = {_quoted(rule.question)}).answer.where({tests}).exists()"
    members = [_said(each) for each in rule.members]
    if rule.name in _JOINED:
        word, end = _JOINED[rule.name]
        return f"({f' {word} '.join(members)}){end}"
    true = 1 if rule.name == "onlyOneTrue" else len(members) - 1
    return f"({' + '.join(f'iif({each}, 1, 0)' for each in members)} = {true})"


def _test(condition: Mapping[str, Any]) -> str:
    """Say what one enableWhen asks of an answer."""
    if "answerCoding" in condition:
        coding = condition["answerCoding"]
        system = f" and value.system = {_quoted(coding['system'])}" if coding.get("system") else ""
        return f"value.code = {_quoted(coding['code'])}{system}"
    number = Decimal(condition.get("answerInteger", condition.get("answerDecimal")))
    return f"value {condition['operator']} {number:f}"


def _quoted(text: str) -> str:
    if "\\" in text:
        raise Inexpressible("en kode har en omvendt skråstreg.")
    return "'" + text.replace("'", "\\'") + "'"


def _criterion(criterion: Element, questions: Questions) -> Criterion:
    code, system = attribute(criterion, "code", "code"), attribute(criterion, "code", "codeSystem")
    question = questions.find(code or "", system)
    if question is None:
        raise Inexpressible(f"spørgsmålet {code or 'uden kode'} findes ikke i dokumentet.")
    return Criterion(question.link_id, tuple(_conditions(question, child(criterion, "value"))))


def _conditions(question: Question, value: Element | None) -> list[dict[str, Any]]:
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

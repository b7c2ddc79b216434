"""A compiled questionnaire: an immutable tree, made once per version; everything else is a function of it.

>>> form = compile_form({"resourceType": "Questionnaire", "title": "Søvn", "item": [
...     {"linkId": "1", "type": "integer", "text": "Hvor mange nætter har du sovet dårligt?"}]})
>>> form.item("1").type
'integer'
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import OPERATORS, ORDERED_KINDS, ORDERING, Condition
from kommunalpro.pro.item import Item, Option, Rule
from kommunalpro.pro.item_expression import Expressions
from kommunalpro.pro.problems import Problem, Problems
from kommunalpro.pro.reading import read_items
from kommunalpro.pro.text import Text, fhir_text
from kommunalpro.pro.values import is_value

__all__ = ["Form", "FormError", "Item", "Option", "Place", "Rule", "compile_form"]

LONGEST_CHAIN = 100
"""Conditions that hang on each other, one after another. Ours: what is deeper cannot be understood by its editor."""

_CUT_SHORT = ("depth", "size", "type")
"""Problems by which items are left out, so that what asks about them would seem to ask about nothing."""

_NUMBERS = frozenset(("Integer", "Decimal"))
_DAYS = frozenset(("Date", "DateTime"))
_TEXTS = frozenset(("String", "Uri"))


class FormError(Exception):
    """A questionnaire that cannot be answered. `args` are all its problems (`Problem`)."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, in the questionnaire's order."""
        return self.args


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands.

    `scopes` are the linkIds of what is around it and may be there several times, outermost first. `parent` None: it
    stands at the top. `order` counts from 0 through the whole questionnaire.
    """

    item: Item
    parent: str | None
    scopes: tuple[str, ...]
    order: int


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A questionnaire, ready to be answered.

    `order`: every linkId after those that its conditions and calculations are about. Empty where nothing is evaluated:
    plain conditions find their way without it.
    """

    title: Text
    version: str
    items: tuple[Item, ...]
    places: Mapping[str, Place]
    expressions: Expressions = field(default_factory=Expressions)
    order: tuple[str, ...] = ()

    def item(self, link_id: str) -> Item:
        """Give an item by its linkId.

        Raises:
            KeyError: there is none.
        """
        return self.places[link_id].item

    def questions(self) -> Iterator[Item]:
        """Give everything that can be answered, in order."""
        return (place.item for place in self.places.values() if place.item.is_question)


def compile_form(questionnaire: Json) -> Form:
    """Compile a FHIR Questionnaire.

    Raises:
        FormError: with all problems, when it cannot be answered as it stands.
    """
    problems = Problems()
    items = read_items(questionnaire, problems)
    places = dict(_places(items))
    expressions = _expressions(questionnaire, places, problems)
    order = _check_conditions(places, expressions, problems)
    if problems:
        raise FormError(*problems)
    return Form(
        title=fhir_text(questionnaire, "title") if "title" in questionnaire else fhir_text(questionnaire, "name"),
        version=str(questionnaire.get("version", "")),
        items=items,
        places=places,
        expressions=expressions,
        order=order if expressions.enabling or expressions.calculating else (),
    )


def _expressions(questionnaire: Json, places: Mapping[str, Place], problems: Problems) -> Expressions:
    """Compile the expressions, if all items are there. The library takes 0.3 s to read: only where there is one."""
    items = (place.item for place in places.values())
    if _is_cut_short(problems) or not any(item.has_expression for item in items):
        return Expressions()
    from kommunalpro.pro.expressions import compile_expressions

    return compile_expressions(questionnaire, places, problems)


def _places(items: tuple[Item, ...]) -> Iterator[tuple[str, Place]]:
    stack: list[tuple[Item, str | None, tuple[str, ...]]] = [(item, None, ()) for item in reversed(items)]
    order = 0
    while stack:
        item, parent, scopes = stack.pop()
        yield item.link_id, Place(item, parent, scopes, order)
        order += 1
        inner = (*scopes, item.link_id) if item.has_instances else scopes
        stack += [(each, item.link_id, inner) for each in reversed(item.items)]


def _check_conditions(places: Mapping[str, Place], expressions: Expressions, problems: Problems) -> tuple[str, ...]:
    """Every condition asks about a question that can be answered so, and no item waits for itself.

    Gives the order in which they can be told.
    """
    is_whole = not _is_cut_short(problems)
    for link_id, place in places.items():
        for each in place.item.enable_when:
            if each.question in places or is_whole:
                _check_target(places, link_id, each.question, each.condition, problems)
        for rule in place.item.rules:
            for condition in rule.conditions:
                if condition.operator in OPERATORS:
                    _check_target(places, link_id, link_id, condition, problems)
    return () if problems else _check_chains(places, expressions, problems)


def _is_cut_short(problems: Problems) -> bool:
    return any(problem.code in _CUT_SHORT for problem in problems)


def _check_target(
    places: Mapping[str, Place], link_id: str, question: str, condition: Condition, problems: Problems
) -> None:
    where = f"Questionnaire.descendants().where(linkId='{link_id}')"
    if question not in places:
        problems.add(link_id, where, "condition-unknown", question=question)
    elif not places[question].item.is_question:
        problems.add(link_id, where, "condition-not-a-question", question=question)
    elif not fits(condition, places[question].item):
        problems.add(
            link_id,
            where,
            "condition-value",
            kind=condition.kind or "–",
            operator=condition.operator,
            question=question,
        )
    elif not can_be_chosen(condition, places[question].item):
        shown = condition.value.get("code") if condition.kind == "Coding" else condition.value
        problems.add(link_id, where, "condition-option", value=str(shown), question=question)


def fits(condition: Condition, item: Item) -> bool:
    """Tell whether answers to a question can meet a condition at all: the types compare, and have an order if asked."""
    if condition.operator == "exists":
        return condition.kind == "Boolean" and isinstance(condition.value, bool)
    kinds = item.kinds
    for alike in (_NUMBERS, _DAYS, _TEXTS):
        kinds |= alike if kinds & alike else set()
    if condition.kind not in kinds or (condition.operator in ORDERING and condition.kind not in ORDERED_KINDS):
        return False
    if condition.kind == "Coding" and not condition.value.get("code"):
        return False
    return condition.kind != "Attachment" and is_value(condition.kind, condition.value)


def can_be_chosen(condition: Condition, item: Item) -> bool:
    """Tell whether a condition names an answer that the question offers; a code that is misspelt never holds."""
    if condition.operator not in ("=", "!=") or not item.options or item.type == "open-choice":
        return True
    return any(Condition("=", condition.kind, condition.value).meets(option.value) for option in item.options)


def _check_chains(places: Mapping[str, Place], expressions: Expressions, problems: Problems) -> tuple[str, ...]:
    graph = {
        link_id: {each.question for each in place.item.enable_when} | ({place.parent} if place.parent else set())
        for link_id, place in places.items()
    }
    for link_id, expression in (*expressions.enabling.items(), *expressions.calculating.items()):
        graph[link_id].update(expression.questions)
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        link_ids = list(dict.fromkeys(circle.args[1]))
        problems.add(link_ids[0], "Questionnaire", "condition-circle", questions=" → ".join(link_ids))
        return ()
    depth: dict[str, int] = {}
    for link_id in order:
        depth[link_id] = 1 + max((depth[each] for each in graph[link_id]), default=0)
    deepest = max(depth, key=depth.__getitem__, default=None)
    if deepest is not None and depth[deepest] > LONGEST_CHAIN:
        problems.add(deepest, "Questionnaire", "condition-chain", limit=LONGEST_CHAIN)
    return order

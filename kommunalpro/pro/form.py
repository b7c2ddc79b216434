"""A compiled questionnaire: an immutable tree, made once per version; everything else is a function of it.

>>> form = compile_form({"resourceType": "Questionnaire", "title": "Søvn", "item": [
...     {"linkId": "1", "type": "integer", "text": "Hvor mange nætter har du sovet dårligt?"}]})
>>> form.item("1").type
'integer'
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from msgspec import Struct

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

MOST_REMEMBERED = 1000
"""So much a form remembers of what was made of it, then it begins anew. Ours: they take 0.7 MB."""

MOST_REMEMBERED_OF_EACH = 10
"""So much for each item, where that is more: else one long response would drive out what it needs itself."""

_MOST_CIRCLES = 20
"""So many are told of: each is looked for anew, and a questionnaire may be made of nothing else."""

_LONG_CHAIN = 20
"""From so many links on, what is asked is told link by link: each inside the last would take frames of the stack."""

_CUT_SHORT = ("depth", "size", "type")
"""Problems by which items are left out, so that what asks about them would seem to ask about nothing."""

_NAMELESS = ("link-id-missing", "link-id-twice")
"""Problems by which it is not clear what is called by a linkId."""

_ALIKE = {kind: alike for alike in (("Integer", "Decimal"), ("Date", "DateTime"), ("String", "Uri")) for kind in alike}
"""Type of a condition's value → the types of answer that it compares with, where there are others than its own."""


Made = TypeVar("Made")


class FormError(Exception):
    """A questionnaire that cannot be answered. `args` are all its problems (`Problem`)."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, in the questionnaire's order."""
        return self.args


class Place(Struct, frozen=True):
    """Where an item stands.

    `scopes` are the linkIds of what is around it and may be there several times, outermost first. `parent` None: it
    stands at the top. `order` counts from 0 through the whole questionnaire.
    """

    item: Item
    parent: str | None
    scopes: tuple[str, ...]
    order: int


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Form:
    """A questionnaire, ready to be answered.

    `flaws` are what it is answered without, and what must be mended before it is published (`Problem.is_flaw`).
    `order`: every linkId after those that its conditions and calculations are about. Empty where nothing is evaluated
    and no chain is long: plain conditions find their way without it.
    """

    title: Text
    version: str
    items: tuple[Item, ...]
    places: Mapping[str, Place]
    expressions: Expressions = field(default_factory=Expressions)
    order: tuple[str, ...] = ()
    flaws: tuple[Problem, ...] = ()
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, make: Callable[..., Made], *given: Any) -> Made:
        """Give what `make` makes of the form and of what is given (hashable), made once.

        The form itself remembers it, so that nothing is kept when nobody holds the form: a cache of the whole process
        would keep every form there has been, pictures and all.
        """
        key = (make, given)
        found: Made | None = self._made.get(key)
        if found is None:
            if len(self._made) >= max(MOST_REMEMBERED, MOST_REMEMBERED_OF_EACH * len(self.places)):
                self._made.clear()
            found = self._made[key] = make(self, *given)
        return found

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
    """Compile a FHIR Questionnaire, which holds its value sets itself (contained).

    Raises:
        FormError: with all problems, when it cannot be answered as it stands.
    """
    problems = Problems()
    items = read_items(questionnaire, problems)
    places = dict(_places(items))
    expressions = _expressions(questionnaire, places, problems)
    order = _check_conditions(places, expressions, problems)
    if not all(problem.is_flaw for problem in problems):
        raise FormError(*problems)
    return Form(
        title=fhir_text(questionnaire, "title") if "title" in questionnaire else fhir_text(questionnaire, "name"),
        version=str(questionnaire.get("version", "")),
        items=items,
        places=places,
        expressions=expressions,
        order=order,
        flaws=tuple(problems),
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
    return _check_chains(places, expressions, problems)


def _is_cut_short(problems: Problems) -> bool:
    return any(problem.code in _CUT_SHORT for problem in problems)


def _check_target(
    places: Mapping[str, Place], link_id: str, question: str, condition: Condition, problems: Problems
) -> None:
    code, parts = _target_problem(places, question, condition)
    if code:
        where = f"Questionnaire.descendants().where(linkId='{link_id}')"
        problems.add(link_id, where, code, question=question, **parts)


def _target_problem(places: Mapping[str, Place], question: str, condition: Condition) -> tuple[str, dict[str, str]]:
    """Give the code of what is wrong between a condition and the question it is about, and what its text names."""
    if question not in places:
        return "condition-unknown", {}
    item = places[question].item
    if not item.is_question:
        return "condition-not-a-question", {}
    if not fits(condition, item):
        return "condition-value", {"kind": condition.kind or "–", "operator": condition.operator}
    if not can_be_chosen(condition, item):
        shown = condition.value.get("code") if condition.kind == "Coding" else condition.value
        return "condition-option", {"value": str(shown)}
    return "", {}


def fits(condition: Condition, item: Item) -> bool:
    """Tell whether answers to a question can meet a condition at all: the types compare, and have an order if asked."""
    if condition.operator == "exists":
        return condition.kind == "Boolean" and isinstance(condition.value, bool)
    if condition.kind == "Attachment":
        return False
    if condition.kind not in item.kinds and item.kinds.isdisjoint(_ALIKE.get(condition.kind, ())):
        return False
    if condition.operator in ORDERING and condition.kind not in ORDERED_KINDS:
        return False
    return is_value(condition.kind, condition.value) and (condition.kind != "Coding" or "code" in condition.value)


def can_be_chosen(condition: Condition, item: Item) -> bool:
    """Tell whether a condition names an answer that the question offers; a code that is misspelt never holds."""
    if condition.operator not in ("=", "!=") or not item.options or item.type == "open-choice":
        return True
    if item.option_for({f"value{condition.kind}": condition.value}) is not None:
        return True
    same = Condition("=", condition.kind, condition.value)
    return any(same.meets(option.value) for option in item.options)


def _check_chains(places: Mapping[str, Place], expressions: Expressions, problems: Problems) -> tuple[str, ...]:
    """Note what waits for itself, and what waits too long, as far as it is known what waits for what."""
    graph = _graph(places, expressions)
    if problems:
        graph = _certain(graph, problems)
    order = _in_order(graph, problems)
    depth: dict[str, int] = {}
    for link_id in order:
        depth[link_id] = 1 + max((depth[each] for each in graph[link_id]), default=0)
    deepest = max(depth, key=depth.__getitem__, default=None)
    longest = 0 if deepest is None else depth[deepest]
    if deepest is not None and longest > LONGEST_CHAIN:
        problems.add(deepest, "Questionnaire", "condition-chain", limit=LONGEST_CHAIN)
    return order if expressions.enabling or expressions.calculating or longest > _LONG_CHAIN else ()


def _graph(places: Mapping[str, Place], expressions: Expressions) -> dict[str, set[str]]:
    """Tell of every item which others must be told before it."""
    graph = {
        link_id: {each.question for each in place.item.enable_when} | ({place.parent} if place.parent else set())
        for link_id, place in places.items()
    }
    for link_id, expression in (*expressions.enabling.items(), *expressions.calculating.items()):
        graph[link_id].update(expression.questions)
    return graph


def _certain(graph: Mapping[str, set[str]], problems: Problems) -> dict[str, set[str]]:
    """Leave out of a questionnaire with other problems what may not be as it seems: which of two is meant by a name.

    What it says besides is so, whatever else is wrong: a circle does not go away when more is read.
    """
    unclear = {each.link_id for each in problems if each.code in _NAMELESS}
    certain = graph.keys() - unclear
    return {link_id: needed & certain for link_id, needed in graph.items() if link_id in certain}


def _in_order(graph: dict[str, set[str]], problems: Problems) -> tuple[str, ...]:
    """Give every linkId after those that it depends on: the questionnaire's own order, when nothing looks ahead.

    Circles are noted, and taken out of the graph.
    """
    for _ in range(_MOST_CIRCLES):
        try:
            return _sorted(graph)
        except CycleError as circle:
            link_ids = list(dict.fromkeys(circle.args[1]))
            problems.add(link_ids[0], "Questionnaire", "condition-circle", questions=" → ".join(link_ids))
            for link_id in link_ids:
                del graph[link_id]
            for needed in graph.values():
                needed.difference_update(link_ids)
    return ()


def _sorted(graph: Mapping[str, Set[str]]) -> tuple[str, ...]:
    """Give every linkId after those that it depends on.

    Raises:
        CycleError: there is no such order.
    """
    before: set[str] = set()
    for link_id, needed in graph.items():
        if not needed <= before:
            return tuple(TopologicalSorter(graph).static_order())
        before.add(link_id)
    return tuple(graph)

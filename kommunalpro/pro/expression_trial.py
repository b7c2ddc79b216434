"""Trying an expression out, before anybody answers, on responses in which all is answered, and on an empty one.

An expression that looks for a question where it does not stand finds nothing; and nothing is no sum, and no condition
that holds: a score is lost, a question stays hidden, and nobody is told. So an expression must look at every answer
that it names, and at no other. To see that it looks at no other, there is one question more at every level.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kommunalpro.fhir.json import Json
from kommunalpro.pro.excerpt import Branch, Run, excerpt
from kommunalpro.pro.expression import Expression, ExpressionErrors
from kommunalpro.pro.item import VALUE_KINDS, Item
from kommunalpro.pro.item_expression import ItemExpression
from kommunalpro.pro.possible import possible_answers
from kommunalpro.pro.problems import ExpressionError
from kommunalpro.pro.text import Text

if TYPE_CHECKING:
    from kommunalpro.pro.form import Place

Places: TypeAlias = Mapping[str, "Place"]
Reader: TypeAlias = Callable[[list[Any]], object]
"""Reads a result, and refuses one that is of no use where the expression stands."""

_EXAMPLES: Mapping[str, Any] = {
    "Date": "2026-11-26",
    "DateTime": "2026-11-26T10:42:00+01:00",
    "Time": "10:42:00",
    "String": "tekst",
    "Uri": "https://example.org",
    "Coding": {"code": "kode"},
    "Attachment": {"contentType": "text/plain"},
    "Reference": {"reference": "Patient/1"},
}
_MORE = " "
"""Begins the linkId of the questions that are there more: none of a questionnaire may begin so."""


def try_out(
    expression: Expression, place: "Place", places: Places, read: Reader, *, gives: bool = False
) -> ItemExpression:
    """Try out the expression on an item. `gives`: it must come to something when all is answered.

    A group that it names, and whose questions it looks at without naming them, it looks at whole.

    Raises:
        ExpressionErrors: with all that is wrong.
    """
    trial = _Trial(expression, place, places, frozenset())
    trial.run(read)
    whole = frozenset(name for name in expression.link_ids if _MORE + name in trial.read)
    if whole:
        trial = _Trial(expression, place, places, whole)
        trial.run(read)
    errors = list(trial.errors(gives=gives))
    if errors:
        raise ExpressionErrors(errors)
    return ItemExpression(trial.questions, branches_to(places, trial.questions), expression.evaluate)


def branches_to(places: Places, link_ids: Iterable[str]) -> tuple[Branch, ...]:
    """Give the way from the top of the questionnaire to some of its items."""
    named = set(link_ids)
    inner: dict[str | None, set[str]] = {}
    for name in named:
        while name not in inner.get(places[name].parent, ()):
            parent = places[name].parent
            inner.setdefault(parent, set()).add(name)
            if parent is None:
                break
            name = parent

    def below(parent: str | None) -> tuple[Branch, ...]:
        names = sorted(inner.get(parent, ()), key=lambda name: places[name].order)
        return tuple(Branch(places[name].item, name in named, below(name)) for name in names)

    return below(None)


class _Trial:
    def __init__(self, expression: Expression, place: "Place", places: Places, whole: frozenset[str]) -> None:
        self._expression, self._places, self._whole = expression, places, whole
        self._here = "".join(f"{scope}[0]/" for scope in place.scopes)
        named = [places[name].item for name in expression.link_ids]
        asked = [each for item in named for each in (_all(item) if item.link_id in whole else (item,))]
        self.questions = tuple(dict.fromkeys(item.link_id for item in asked if item.is_question))
        self._texts = [item.link_id for item in named if item.is_display]
        self._failed: list[ExpressionError] = []
        self._gave = False
        self.read: set[str] = set()

    def run(self, read: Reader) -> None:
        """Evaluate on all responses; what fails is told by `errors`."""
        branches = self._with_more(branches_to(self._places, (*self._expression.link_ids, *self.questions)), "")
        for source in (_Nobody(), _Everything(self._places, 0), _Everything(self._places, -1)):
            run = Run(is_trial=True)
            try:
                result = self._expression.evaluate(excerpt(branches, self._here, source, run), run)
                self._gave |= bool(result)
                read(result)
            except ExpressionError as wrong:
                self._failed.append(wrong)
            self.read |= run.read

    def errors(self, *, gives: bool) -> Iterator[ExpressionError]:
        """Give what is wrong. What fails on a question that is not even named says nothing more."""
        if not self.questions:
            yield ExpressionError("expression-no-question")
        for name in self._texts:
            yield ExpressionError("condition-not-a-question", question=name)
        if any(name.startswith(_MORE) for name in self.read):
            yield ExpressionError("expression-unnamed")
        elif self._failed:
            yield ExpressionError("expression-trial", why=self._failed[0].text)
        else:
            unread = [name for name in self.questions if name not in self.read]
            yield from (ExpressionError("expression-unreached", question=name) for name in unread)
            if gives and self.questions and not unread and not self._gave:
                yield ExpressionError("expression-empty")
        yield from self._misspelt()

    def _misspelt(self) -> Iterator[ExpressionError]:
        """Find codes that no question offers: they are compared in vain."""
        items = [self._places[name].item for name in self.questions]
        if any(item.type == "quantity" or (item.type in _CHOICES and not item.options) for item in items):
            return
        offered = {option.value.get("valueCoding", {}).get("code") for item in items for option in item.options}
        for code in self._expression.codes:
            if code not in offered:
                yield ExpressionError("expression-option", value=code)

    def _with_more(self, branches: tuple[Branch, ...], around: str) -> tuple[Branch, ...]:
        """Put one question more on every level, but inside what is looked at whole."""
        if around in self._whole:
            return branches
        more = Branch(Item(_MORE + around, "integer", Text("")), True, ())
        wider = (
            Branch(each.item, each.is_named, self._with_more(each.inner, each.item.link_id))
            if each.inner or each.item.is_group
            else each
            for each in branches
        )
        return (*wider, more)


_CHOICES = ("choice", "open-choice")


class _Nobody:
    """Nothing is answered."""

    def instances(self, path: str, item: Item) -> tuple[int, ...]:
        return (0,)

    def counting(self, link_id: str, prefix: str) -> tuple[Json, ...]:
        return () if not link_id.startswith(_MORE) else _example(Item(link_id, "integer", Text("")), 0)


class _Everything:
    """All is answered, with the first or the last possible answer; twice where it may be."""

    def __init__(self, places: Places, pick: int) -> None:
        self._places, self._pick = places, pick

    def instances(self, path: str, item: Item) -> tuple[int, ...]:
        return (0, 1) if _may_repeat(item) else (0,)

    def counting(self, link_id: str, prefix: str) -> tuple[Json, ...]:
        if link_id.startswith(_MORE):
            return _example(Item(link_id, "integer", Text("")), 0)
        item = self._places[link_id].item
        if not _may_repeat(item):
            return _example(item, self._pick)
        return _example(item, 0) + _example(item, -1)


def _may_repeat(item: Item) -> bool:
    return item.repeats and item.max_occurs != 1


def _example(item: Item, pick: int) -> tuple[Json, ...]:
    possible = possible_answers(item)
    if possible:
        return (possible[pick],)
    kind = VALUE_KINDS[item.type][0]
    return ({f"value{kind}": _EXAMPLES[kind]},) if kind in _EXAMPLES else ()


def _all(item: Item) -> Iterator[Item]:
    yield item
    for each in item.items:
        yield from _all(each)

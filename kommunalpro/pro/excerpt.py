"""What an expression sees of a response: the answers to the questions it names, where they stand, and nothing else.

It is a QuestionnaireResponse as FHIRPath reads it. Of a repeating group that is around both the item and the question,
the same instance alone; of other groups all. Whatever is read in it is noted and counted: the one shows at publishing
that an expression finds what it names, the other bounds its time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.item import Item
from kommunalpro.pro.problems import ExpressionError

ROOT = "QuestionnaireResponse"
MOST_STEPS = 100_000
"""Parts of expressions and elements of responses that one evaluation may look at. A score that looks up each of 45
questions among 60 takes a quarter of them, the sum of 5,000 answers in a repeating group three quarters; all of them
took at most 0.7 s on one core of 2026."""


class Run:
    """One evaluation: how many steps are left, and whose answers have been read.

    `is_trial`: at publishing both sides of every choice are looked at.
    """

    __slots__ = ("is_trial", "read", "steps", "within")

    def __init__(self, *, is_trial: bool = False) -> None:
        self.steps, self.is_trial = MOST_STEPS, is_trial
        self.read: set[str] = set()
        self.within = 0
        """How many criteria the evaluation is inside of."""

    def step(self, steps: int = 1) -> None:
        """Count steps.

        Raises:
            ExpressionError: there have been too many.
        """
        self.steps -= steps
        if self.steps < 0:
            raise ExpressionError("expression-steps")


class Element(dict[str, Any]):
    """A part of the response; `link_id` is the question that it belongs to.

    `ordinal` of an answer, and of the coding in it, is the number of the chosen option; None: it has none, or it is
    no option. `is_scored`: some option of the question has one.
    """

    __slots__ = ("is_answer", "is_scored", "link_id", "ordinal", "run")

    def __init__(self, content: Json, run: Run, link_id: str, *, is_answer: bool = False) -> None:
        super().__init__(content)
        self.run, self.link_id, self.is_answer = run, link_id, is_answer
        self.ordinal: Decimal | None = None
        self.is_scored = False

    def get(self, key: str, default: Any = None) -> Any:
        """Give a child by name, as FHIRPath navigates."""
        found = super().get(key, default)
        self.run.step(len(found) if isinstance(found, list) else 1)
        if key in self and (key != "item" if self.is_answer else key == "answer"):
            self.note_read()
        return found

    def note_read(self) -> None:
        """Note that the answer of this question has been looked at."""
        self.run.read.add(self.link_id)


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """An item on the way to what an expression names. `is_named`: its own answers are seen."""

    item: Item
    is_named: bool
    inner: tuple["Branch", ...]


class Source(Protocol):
    """Where answers come from."""

    def instances(self, path: str, item: Item) -> tuple[int, ...]:
        """Give the instances of a repeating item."""
        ...

    def counting(self, link_id: str, prefix: str) -> tuple[Json, ...]:
        """Give the answers to a question that count."""
        ...


def excerpt(branches: tuple[Branch, ...], here: str, source: Source, run: Run) -> Element:
    """Give the response as it is seen from `here` (`medicine[0]/`, or empty)."""
    writer = _Writer(here, source, run)
    return Element({"resourceType": ROOT, "item": list(writer.items(branches, ""))}, run, "")


@dataclass(frozen=True, slots=True)
class _Writer:
    here: str
    source: Source
    run: Run

    def items(self, branches: tuple[Branch, ...], prefix: str) -> Iterator[Element]:
        for branch in branches:
            if branch.item.is_question:
                yield from self._question(branch, prefix)
            else:
                yield from self._group(branch, prefix)

    def _group(self, branch: Branch, prefix: str) -> Iterator[Element]:
        item, path = branch.item, prefix + branch.item.link_id
        numbers = self._numbers(item, path) if item.has_instances else (None,)
        for number in numbers:
            inner = list(self.items(branch.inner, prefix if number is None else f"{path}[{number}]/"))
            if inner:
                yield Element({"linkId": item.link_id, "item": inner}, self.run, item.link_id)

    def _question(self, branch: Branch, prefix: str) -> Iterator[Element]:
        item, path = branch.item, prefix + branch.item.link_id
        open_numbers = self._numbers(item, path) if item.has_instances else (0,)
        found = []
        for number, answer in enumerate(self.source.counting(item.link_id, prefix)):
            element = self._answer(item, answer) if branch.is_named else Element({}, self.run, item.link_id)
            if number in open_numbers:
                inner = list(self.items(branch.inner, f"{path}[{number}]/" if item.has_instances else prefix))
                element |= {"item": inner} if inner else {}
            if element:
                found.append(element)
        if found:
            yield Element({"linkId": item.link_id, "answer": found}, self.run, item.link_id)

    def _numbers(self, item: Item, path: str) -> tuple[int, ...]:
        if self.here.startswith(f"{path}["):
            return (int(self.here[len(path) + 1 : self.here.index("]", len(path))]),)
        return self.source.instances(path, item)

    def _answer(self, item: Item, answer: Json) -> Element:
        kind, value = kind_and_value(answer)
        option = item.option_for(answer) if item.options else None
        parts = [Element({}, self.run, item.link_id, is_answer=True)]
        if isinstance(value, Mapping):
            if value.get("comparator"):  # < 5 is not the number 5
                value = {name: each for name, each in value.items() if name != "value"}
            parts.append(Element(value, self.run, item.link_id, is_answer=True))
            value = parts[1]
        for part in parts:
            part.ordinal = None if option is None else option.ordinal
            part.is_scored = any(each.ordinal is not None for each in item.options)
        if kind == "Coding" and parts[0].ordinal is not None:
            score = {"url": ehealth.ORDINAL_VALUE, "valueDecimal": parts[0].ordinal}
            value["extension"] = [Element(score, self.run, item.link_id, is_answer=True)]
        parts[0][f"value{kind}"] = value
        return parts[0]

"""What is asked, given what is answered: enableWhen, per instance of whatever repeats.

Answers to what is not enabled do not count: neither in other conditions nor anywhere else. The result does not depend
on the order of answers, and asking twice gives the same.

Source: R4 `Questionnaire.item.enableWhen`, `enableBehavior`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.pro.failure import Failure, calculation_failed, condition_failed
from kommunalpro.pro.form import Form, Item, Place
from kommunalpro.pro.item import EnableWhen
from kommunalpro.pro.problems import TEXTS, ExpressionError
from kommunalpro.pro.text import Text

_INSTANCE = re.compile(r"(.*)\[(\d{1,9})\]")


def enabled_paths(form: Form, answers: Mapping[str, tuple[Json, ...]]) -> tuple[str, ...]:
    """Give the paths of all that is asked, groups and texts too, in the questionnaire's order.

    A repeating group without answers stands there once, as instance 0.
    """
    return tuple(Enablement(form, answers).asked())


def enabled_answers(form: Form, answers: Mapping[str, tuple[Json, ...]]) -> dict[str, tuple[Json, ...]]:
    """Give the answers that count: those to what is asked, in the questionnaire's order."""
    return Enablement(form, answers).counted()


class Enablement:
    """Tells what is asked, for one set of answers."""

    def __init__(self, form: Form, answers: Mapping[str, tuple[Json, ...]]) -> None:
        self._form, self._calculating = form, form.expressions.calculating
        self._answers = _Calculated(self, answers, self._calculating) if self._calculating else answers
        self._given_answers = answers
        self._known: dict[str, bool] = {}
        self._asked: dict[str, Item] = {}
        self._failures: dict[str, Failure] = {}
        for link_id in form.order:
            self._tell(link_id)

    @cached_property
    def _instances(self) -> Mapping[str, set[int]]:
        """The instances of repeating items that were answered in: looked for where something repeats."""
        return _instances(self._given_answers)

    @property
    def answers(self) -> Mapping[str, tuple[Json, ...]]:
        """The answers, those that are calculated among them: ask by `get`."""
        return self._answers

    def asked(self) -> Mapping[str, Item]:
        """Give everything that is asked, by its path, in order."""
        if not self._asked:
            self._ask(self._form.items, "")
        return self._asked

    def counted(self) -> dict[str, tuple[Json, ...]]:
        """Give the answers that count, in order."""
        answer_of = self._answers.get
        return {path: given for path, item in self.asked().items() if item.is_question and (given := answer_of(path))}

    def failures(self) -> tuple[Failure, ...]:
        """Give the expressions that had no result, in order (`failure`)."""
        if not self._form.order:
            return ()
        self.counted()
        return tuple(self._failures[path] for path in self.asked() if path in self._failures)

    def counting(self, link_id: str, prefix: str) -> tuple[Json, ...]:
        """Give the answers to a question that count.

        Raises:
            ExpressionError: they are calculated, and could not be.
        """
        path = prefix + link_id
        given = self._answers.get(path, ()) if self.is_enabled(link_id, prefix) else ()
        if link_id in self._calculating and path in self._failures:
            raise ExpressionError("expression-failed-before")
        return given

    def calculate(self, path: str, link_id: str) -> tuple[Json, ...]:
        """Compute an answer from those that count; none when it cannot be computed."""
        item = self._form.item(link_id)
        try:
            return self._calculating[link_id].answer(item, path.removesuffix(link_id), self)
        except ExpressionError as wrong:
            self._failures[path] = calculation_failed(path, item, wrong.text)
            return ()

    def instances(self, path: str, item: Item) -> tuple[int, ...]:
        """Give the instances of a repeating item that there are; the first one when there is none yet."""
        if item.is_question:
            return tuple(range(len(self._answers.get(path, ())))) or (0,)
        return tuple(sorted(self._instances.get(path, ()))) or (0,)

    def is_enabled(self, link_id: str, prefix: str) -> bool:
        """Tell whether the item below `prefix` (`medicine[0]/`, or empty) is asked."""
        path = prefix + link_id
        if path in self._asked:
            return True
        if path not in self._known:
            self._known[path] = self._is_enabled(self._form.places[link_id], prefix)
        return self._known[path]

    def _tell(self, link_id: str) -> None:
        """Tell of an item when all is told that it depends on: evaluating one inside another would take many frames."""
        for prefix in self._prefixes(self._form.places[link_id].scopes, (), ""):
            if self.is_enabled(link_id, prefix) and link_id in self._calculating:
                self._answers.get(prefix + link_id)

    def _ask(self, items: tuple[Item, ...], prefix: str) -> None:
        """Go through items whose surroundings are asked."""
        asked, known = self._asked, self._known
        for item in items:
            path = prefix + item.link_id
            if item.is_conditional:
                if path not in known:
                    is_plain = item.enable_expression is None
                    known[path] = self._are_met(item, prefix) if is_plain else self._is_met(item, prefix)
                if not known[path]:
                    continue
            asked[path] = item
            if item.items:
                self._ask_inside(item, path, prefix)

    def _ask_inside(self, item: Item, path: str, prefix: str) -> None:
        inner = item.items
        if item.is_question and not self._answers.get(path):
            inner = tuple(each for each in inner if each.is_display)
        if item.has_instances:
            for number in self.instances(path, item):
                self._ask(inner, f"{path}[{number}]/")
        else:
            self._ask(inner, prefix)

    def _is_enabled(self, place: Place, prefix: str) -> bool:
        if place.parent is not None and not self._is_parent_open(place, prefix):
            return False
        item = place.item
        return not item.is_conditional or self._is_met(item, prefix)

    def _is_met(self, item: Item, prefix: str) -> bool:
        """Tell whether the conditions hold: with both kinds on one item, both."""
        if item.enable_when and not self._are_met(item, prefix):
            return False
        return item.enable_expression is None or self._holds(item, prefix)

    def _are_met(self, item: Item, prefix: str) -> bool:
        for each in item.enable_when:
            path = prefix + each.question
            # What is asked in the same instance is at hand; elsewhere it must be looked for.
            given = self._answers.get(path, ()) if path in self._asked else self._given(each.question, item, prefix)
            is_met = each.condition.holds(given)
            if not is_met and each.question in self._calculating:
                is_met = self._is_in_doubt(each, item, prefix)
            if is_met is item.enable_any:
                return is_met
        return not item.enable_any

    def _is_in_doubt(self, each: EnableWhen, item: Item, prefix: str) -> bool:
        """Tell whether a condition on a calculated answer is about one that could not be computed."""
        here = self._form.places[item.link_id].scopes
        prefixes = self._prefixes(self._form.places[each.question].scopes, here, prefix)
        is_in_doubt = any(around + each.question in self._failures for around in prefixes)
        if is_in_doubt:
            self._fail(item, prefix, TEXTS["expression-failed-before"])
        return is_in_doubt

    def _holds(self, item: Item, prefix: str) -> bool:
        try:
            return self._form.expressions.enabling[item.link_id].holds(prefix, self)
        except ExpressionError as wrong:
            self._fail(item, prefix, wrong.text)
            return True

    def _fail(self, item: Item, prefix: str, why: Text) -> None:
        path = prefix + item.link_id
        self._failures.setdefault(path, condition_failed(path, item, why))

    def _is_parent_open(self, place: Place, prefix: str) -> bool:
        """What stands below a question is asked when that question is answered: elsewhere its answers have no place."""
        parent = self._form.places[place.parent or ""]
        around = prefix if parent.scopes == place.scopes else outer(prefix, len(parent.scopes))
        if not self.is_enabled(parent.item.link_id, around):
            return False
        return parent.item.is_group or place.item.is_display or bool(self._answers.get(around + parent.item.link_id))

    def _given(self, question: str, item: Item, prefix: str) -> tuple[Json, ...]:
        """Give the answers that count to a question, as seen from an item that lies below `prefix`.

        Where both lie in the same instance, its answers; of instances that are not around both, all.
        """
        scopes, here = self._form.places[question].scopes, self._form.places[item.link_id].scopes
        if scopes == here:
            return self._answers.get(prefix + question, ()) if self.is_enabled(question, prefix) else ()
        return tuple(
            answer
            for around in self._prefixes(scopes, here, prefix)
            for answer in self._answers.get(around + question, ())
            if self.is_enabled(question, around)
        )

    def _prefixes(self, scopes: tuple[str, ...], here: tuple[str, ...], prefix: str) -> tuple[str, ...]:
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(scopes, here, strict=False)))
        prefixes: tuple[str, ...] = (outer(prefix, shared),)
        for scope in scopes[shared:]:
            item = self._form.item(scope)
            prefixes = tuple(
                f"{around}{scope}[{number}]/" for around in prefixes for number in self.instances(around + scope, item)
            )
        return prefixes


class _Calculated(dict[str, tuple[Json, ...]]):
    """Answers of which some are calculated: computed when they are first asked for, whatever was given for them."""

    def __init__(
        self, enabled: Enablement, given: Mapping[str, tuple[Json, ...]], calculating: Collection[str]
    ) -> None:
        super().__init__({path: each for path, each in given.items() if path.rpartition("/")[2] not in calculating})
        self._enabled, self._calculating = enabled, calculating

    def get(self, path: str, default: Any = None) -> Any:
        link_id = path.rpartition("/")[2]
        if link_id in self._calculating and path not in self:
            self[path] = self._enabled.calculate(path, link_id)
        return super().get(path, default)


def _instances(answers: Mapping[str, object]) -> Mapping[str, set[int]]:
    """Find which instances of repeating items the answers lie in: `medicine` → {0, 2}."""
    found: dict[str, set[int]] = defaultdict(set)
    for path in answers:
        if "/" not in path:
            continue
        prefix = ""
        for segment in path.split("/")[:-1]:
            match = _INSTANCE.fullmatch(segment)
            if match:
                found[prefix + match[1]].add(int(match[2]))
            prefix += f"{segment}/"
    return found


def outer(prefix: str, depth: int) -> str:
    """Give the prefix of the instance `depth` levels in: what lies outside the rest."""
    return "".join(f"{segment}/" for segment in prefix.split("/")[:-1][:depth])

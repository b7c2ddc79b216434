"""What is asked, given what is answered: enableWhen, per instance of whatever repeats.

Answers to what is not enabled do not count: neither in other conditions nor anywhere else. The result does not depend
on the order of answers, and asking twice gives the same.

Source: R4 `Questionnaire.item.enableWhen`, `enableBehavior`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import takewhile

from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import Form, Item, Place

_INSTANCE = re.compile(r"(.*)\[(\d{1,4})\]")


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
        self._form, self._answers = form, answers
        self._instances = _instances(answers)
        self._known: dict[str, bool] = {}
        self._asked: dict[str, Item] = {}

    def asked(self) -> Mapping[str, Item]:
        """Give everything that is asked, by its path, in order."""
        if not self._asked:
            self._ask(self._form.items, "")
        return self._asked

    def counted(self) -> dict[str, tuple[Json, ...]]:
        """Give the answers that count, in order."""
        asked = self.asked()
        return {
            path: self._answers[path] for path, item in asked.items() if item.is_question and self._answers.get(path)
        }

    def walk(self) -> Iterator[tuple[str, Item]]:
        """Give everything that is asked, with its path, in order."""
        return iter(self.asked().items())

    def instances(self, path: str, item: Item) -> tuple[int, ...]:
        """Give the instances of a repeating item that there are; the first one when there is none yet."""
        if item.is_question:
            return tuple(range(len(self._answers.get(path, ())))) or (0,)
        return tuple(sorted(self._instances.get(path, ()))) or (0,)

    def is_enabled(self, link_id: str, prefix: str) -> bool:
        """Tell whether the item below `prefix` (`medicine[0]/`, or empty) is asked."""
        path = prefix + link_id
        if path not in self._known:
            self._known[path] = self._is_enabled(self._form.places[link_id], prefix)
        return self._known[path]

    def _ask(self, items: tuple[Item, ...], prefix: str) -> None:
        """Go through items whose surroundings are asked."""
        for item in items:
            path = prefix + item.link_id
            known = self._known.get(path)
            if known is None:
                known = self._known[path] = not item.enable_when or self._is_met(item, prefix)
            if not known:
                continue
            self._asked[path] = item
            if not item.items:
                continue
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
        return not place.item.enable_when or self._is_met(place.item, prefix)

    def _is_met(self, item: Item, prefix: str) -> bool:
        scopes = self._form.places[item.link_id].scopes
        met = (each.condition.holds(self._given(each.question, scopes, prefix)) for each in item.enable_when)
        return any(met) if item.enable_any else all(met)

    def _is_parent_open(self, place: Place, prefix: str) -> bool:
        """What stands below a question is asked when that question is answered: elsewhere its answers have no place."""
        parent = self._form.places[place.parent or ""]
        around = prefix if parent.scopes == place.scopes else outer(prefix, len(parent.scopes))
        if not self.is_enabled(parent.item.link_id, around):
            return False
        return parent.item.is_group or place.item.is_display or bool(self._answers.get(around + parent.item.link_id))

    def _given(self, question: str, here: tuple[str, ...], prefix: str) -> tuple[Json, ...]:
        """Give the answers that count to a question, as seen from `prefix`, which lies in the scopes `here`.

        Where both lie in the same instance, its answers; of instances that are not around both, all.
        """
        scopes = self._form.places[question].scopes
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

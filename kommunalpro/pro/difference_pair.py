"""Two versions of a questionnaire side by side: where items stand, when they are asked, how they are computed.

What an answer means hangs on more than its question: on the headings and texts around it, on who is asked at all, and,
where it is computed, on the answers that it is computed from. Whatever of that differs, differs for the question too.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kommunalpro.pro.difference_condition import asked_by, asked_words, computed_by
from kommunalpro.pro.difference_found import Comparability, Found, Verdict, comparability, merged, quoted
from kommunalpro.pro.difference_item import item_differences, name_of
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.text import Text

_INTO = Text("Er flyttet ind i {group}.", "Is moved into {group}.")
_OUT = Text("Er flyttet ud af {group}.", "Is moved out of {group}.")
_BETWEEN = Text("Er flyttet fra {before} til {after}.", "Is moved from {before} to {after}.")
_BEHIND = Text("Er flyttet og kommer nu efter {item}.", "Is moved and now comes after {item}.")
_FIRST = Text("Er flyttet og kommer nu først.", "Is moved and now comes first.")
_ELSEWHERE = Text("Spørgsmålet står et andet sted.", "The question stands elsewhere.")
_WHEN = Text("Vises nu, {after}. Før: {before}.", "Is now shown {after}. Before: {before}.")
_OTHERWISE = Text("Spørgsmålet stilles i andre tilfælde.", "The question is asked in other cases.")
_COMPUTED = Text("Svaret regnes ud på en anden måde.", "The answer is computed in another way.")
_AROUND = Text("Det, der står omkring spørgsmålet, er ændret.", "What stands around the question is changed.")
_INSTANCES = Text("Gruppen omkring spørgsmålet gentages anderledes.", "The group around it repeats otherwise.")
_FROM_OTHERS = Text("Svar, som det regnes ud fra, er ændret.", "Answers that it is computed from are changed.")


class Pair:
    """Two versions. `order` is that of the later one, with what it no longer has where it stood."""

    def __init__(self, before: Form, after: Form) -> None:
        self.before, self.after = before, after
        self.order = tuple(merged(before.places, after.places))
        self._moved = dict(self._moves())
        self._otherwise: dict[str, bool] = {}
        self.found = {link_id: tuple(self._differences(link_id)) for link_id in self.order if self.is_in_both(link_id)}
        self._disturbed = set(self._disturbances())
        self._around: dict[str | None, bool] = {}
        self._against: dict[str, tuple[Found, ...]] = {}

    def is_in_both(self, link_id: str) -> bool:
        """Tell whether both versions have an item."""
        return link_id in self.before.places and link_id in self.after.places

    def is_known(self, link_id: str) -> bool:
        """Tell whether either version has an item."""
        return link_id in self.after.places or link_id in self.before.places

    def item(self, link_id: str) -> Item:
        """Give an item as it is now; what is gone, as it was."""
        return (self.after if link_id in self.after.places else self.before).item(link_id)

    def name(self, link_id: str) -> Text:
        """Give what people call an item; by its linkId, where neither version has it."""
        return name_of(self.item(link_id)) if self.is_known(link_id) else Text(link_id)

    def counts_otherwise(self, link_id: str) -> bool:
        """Tell whether, with the same answers, an item may be asked in one version alone, or be computed otherwise."""
        if link_id not in self._otherwise:
            self._otherwise[link_id] = self._is_otherwise(link_id)
        return self._otherwise[link_id]

    def bearing_on(self, link_id: str) -> tuple[Found, ...]:
        """Give all that bears on comparing the answers to an item that both versions have."""
        if link_id not in self._against:
            self._against[link_id] = (*self.found[link_id], *self._further(link_id))
        return self._against[link_id]

    def comparability(self, link_id: str) -> Comparability:
        """Give whether answers to a question that both versions have can be compared."""
        return comparability(self.bearing_on(link_id))

    def _differences(self, link_id: str) -> Iterator[Found]:
        before, after = self.before.item(link_id), self.after.item(link_id)
        if link_id in self._moved:
            yield Found("moved", self._moved[link_id], Verdict.DECIDE, _ELSEWHERE)
        yield from item_differences(before, after)
        if asked_by(self.before, before) != asked_by(self.after, after):
            words = {"before": asked_words(self.before, before), "after": asked_words(self.after, after)}
            yield Found("asked", _WHEN.fill(**words), Verdict.DECIDE, _OTHERWISE)
        if computed_by(self.before, before) != computed_by(self.after, after):
            yield Found("computed", _COMPUTED, Verdict.NOT_COMPARABLE, _COMPUTED, "score", alters=True)

    def _further(self, link_id: str) -> Iterator[Found]:
        """Give what does not lie in the question itself and yet bears on its answers."""
        before, after = self.before.places[link_id], self.after.places[link_id]
        if before.scopes != after.scopes:
            yield Found("instances", _INSTANCES, Verdict.NOT_COMPARABLE, _INSTANCES, "answers")
        if self.counts_otherwise(link_id):
            yield Found("asked", _OTHERWISE, Verdict.DECIDE, _OTHERWISE, "answers")
        if link_id in self._disturbed or (before.parent == after.parent and self._is_framed_otherwise(after.parent)):
            yield Found("around", _AROUND, Verdict.DECIDE, _AROUND, "answers")
        for each in self._sources(link_id):
            verdict = self.comparability(each).verdict if self.is_in_both(each) else Verdict.NOT_COMPARABLE
            yield Found("sources", _FROM_OTHERS, verdict, _FROM_OTHERS, "answers")

    def _sources(self, link_id: str) -> tuple[str, ...]:
        """Give the questions that an answer is computed from; none where the computation itself is another."""
        computed = self.after.expressions.calculating.get(link_id)
        is_same = all(each.code != "computed" for each in self.found[link_id])
        return computed.questions if computed and is_same else ()

    def _is_otherwise(self, link_id: str) -> bool:
        if any(each.code in ("asked", "computed") for each in self.found[link_id]):
            return True
        before, after = self.before.places[link_id], self.after.places[link_id]
        needed = [each.question for each in after.item.enable_when]
        if before.parent == after.parent:
            needed += [after.parent] if after.parent else []
        elif _has_conditions_above(self.before, before.parent) or _has_conditions_above(self.after, after.parent):
            return True
        asked = self.after.expressions.enabling.get(link_id)
        looked_at = (*(asked.questions if asked else ()), *self._sources(link_id))
        return any(self._alters(each) for each in looked_at) or any(
            self.counts_otherwise(each) for each in (*needed, *looked_at) if self.is_in_both(each)
        )

    def _alters(self, link_id: str) -> bool:
        """Tell whether what an expression sees of an answer is another, such as the number of an option."""
        return not self.is_in_both(link_id) or any(each.alters for each in self.found[link_id])

    def _is_framed_otherwise(self, link_id: str | None) -> bool:
        """Tell whether anything differs that is read with what stands in a group (None: with all)."""
        if link_id not in self._around:
            self._around[link_id] = link_id in self._disturbed or (
                link_id is not None and self._has_other_words(link_id)
            )
        return self._around[link_id]

    def _has_other_words(self, link_id: str) -> bool:
        before, after = self.before.places[link_id], self.after.places[link_id]
        is_other = any(each.verdict.severity and each.code not in ("asked", "computed") for each in self.found[link_id])
        return is_other or (before.parent == after.parent and self._is_framed_otherwise(after.parent))

    def _disturbances(self) -> Iterator[str | None]:
        """Give every group, question or None (the whole) in which a text that is only read is another."""
        for link_id in self.order:
            places = [form.places[link_id] for form in (self.before, self.after) if link_id in form.places]
            is_read = any(place.item.is_display and not place.item.is_copyright for place in places)
            if is_read and (len(places) == 1 or self._is_read_otherwise(link_id)):
                yield from (place.parent for place in places)

    def _is_read_otherwise(self, link_id: str) -> bool:
        return self.counts_otherwise(link_id) or any(each.verdict.severity for each in self.found[link_id])

    def _moves(self) -> Iterator[tuple[str, Text]]:
        before, after = _children(self.before), _children(self.after)
        for link_id in filter(self.is_in_both, self.after.places):
            one, other = self.before.places[link_id].parent, self.after.places[link_id].parent
            if one != other:
                yield link_id, self._between(one, other)
        for parent, children in after.items():
            yield from self._reordered(before.get(parent, ()), children)

    def _between(self, before: str | None, after: str | None) -> Text:
        one = quoted(name_of(self.before.item(before))) if before else Text("")
        other = quoted(name_of(self.after.item(after))) if after else Text("")
        if not before or not after:
            return _INTO.fill(group=other) if after else _OUT.fill(group=one)
        return _BETWEEN.fill(before=one, after=other)

    def _reordered(self, before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, Text]]:
        place = {link_id: number for number, link_id in enumerate(after)}
        same = [each for each in before if each in place]
        for link_id, is_steady in zip(same, steady([place[each] for each in same]), strict=True):
            if not is_steady:
                number = place[link_id]
                behind = quoted(name_of(self.after.item(after[number - 1]))) if number else None
                yield link_id, _BEHIND.fill(item=behind) if behind else _FIRST


def steady(places: Sequence[int]) -> list[bool]:
    """Tell which stand still when some change places: those that every longest row in unchanged order has.

    So one that passes many others has moved alone, and two that change places have both. It is the same whichever of
    the two orders came first.

    >>> steady([1, 2, 3, 0])
    [True, True, True, False]
    """
    up_to, on_from = _longest(places), _longest([-place for place in reversed(places)])[::-1]
    lengths = [before + after - 1 for before, after in zip(up_to, on_from, strict=True)]
    longest = max(lengths, default=0)
    alone = Counter(before for before, length in zip(up_to, lengths, strict=True) if length == longest)
    return [length == longest and alone[before] == 1 for before, length in zip(up_to, lengths, strict=True)]


def _longest(places: Sequence[int]) -> list[int]:
    """Give, for each, the length of the longest growing row that ends with it."""
    ends: list[int] = []
    lengths = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length + 1)
    return lengths


def _children(form: Form) -> Mapping[str | None, list[str]]:
    """Give what stands in each group, in order; None: outside all."""
    children: dict[str | None, list[str]] = {}
    for link_id, place in form.places.items():
        children.setdefault(place.parent, []).append(link_id)
    return children


def _has_conditions_above(form: Form, link_id: str | None) -> bool:
    while link_id is not None:
        place = form.places[link_id]
        if place.item.enable_when or place.item.enable_expression:
            return True
        link_id = place.parent
    return False

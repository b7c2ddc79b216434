"""Answers, and the QuestionnaireResponse they come and go in.

A path names a question: its linkId, with the instance of every repeating item around it: `medicine[0]/dose`. Instances
have an identity of their own: removing number 0 does not make number 1 another.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import VALUE_NAMES, kind_and_value
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.item import identity_of

Answers: TypeAlias = Mapping[str, tuple[Json, ...]]
"""Path of a question → its answers as FHIR writes them: `{"smerte": ({"valueInteger": 8},)}`. Unanswered: not there."""

Stray = Literal["unknown", "misplaced", "not-a-question", "unexpected-again", "no-value"]
"""What may be wrong with an item of a response before its answers are looked at."""


Where: TypeAlias = tuple["Where | None", str, int]
"""Where something stands in a response: in what, the name of the list, the number in it. Few are ever told of."""


@dataclass(slots=True)
class Read:
    """A response, read against its questionnaire. `places` gives where what is at a path stands, or an instance."""

    answers: dict[str, tuple[Json, ...]] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    strays: list[tuple[Stray, str, Where]] = field(default_factory=list)
    """What does not belong: why, linkId, where."""


def read_response(form: Form, response: Json) -> dict[str, tuple[Json, ...]]:
    """Give the answers of a QuestionnaireResponse; what the questionnaire does not ask for is left out."""
    return walk_response(form, response).answers


def walk_response(form: Form, response: Json) -> Read:
    """Read a QuestionnaireResponse: its answers, where each stands, and what does not belong in it."""
    read = Read()
    _read_items(form, response.get("item", ()), None, "", None, read)
    return read


def fhirpath(where: Where | None) -> str:
    """Write where something stands as FHIRPath: `QuestionnaireResponse.item[0].answer[1]`; None: the response."""
    steps: list[str] = []
    while where is not None:
        where, name, number = where
        steps.append(f".{name}[{number}]")
    return "".join(["QuestionnaireResponse", *reversed(steps)])


def write_items(form: Form, answers: Answers) -> list[dict[str, Any]]:
    """Give the answers as items of a QuestionnaireResponse, in the questionnaire's order.

    Only what is asked is written: answers to questions that were hidden again stay behind. Calculated answers are
    computed. A group without any answer is left out.
    """
    enabled = Enablement(form, answers)
    return list(_write(form.items, "", enabled.answers, enabled))


def following(form: Form, before: Answers, changes: Mapping[str, Sequence[Json]]) -> dict[str, tuple[Json, ...]]:
    """Give changes to answers together with what they move; no answers at a path: what was there is gone.

    The instances of a repeating question are its answers, by number. When one is taken away or put in front, what
    stands below each answer follows it: else what was said of one would be read as said of another. What is said in
    these changes of an answer that is new in them stays with it.
    """
    moved = {path: tuple(values) for path, values in changes.items()}
    for path in sorted(changes, key=lambda path: -path.count("/")):
        item = form.item(path.rpartition("/")[2])
        if not (item.is_question and item.has_instances and before.get(path)):
            continue
        numbers = _numbers_anew(before[path], moved[path])
        below = {each: given for each, given in {**before, **moved}.items() if each.startswith(f"{path}[")}
        moved |= dict.fromkeys(below, ())
        for each, given in below.items():
            number, _, rest = each.removeprefix(f"{path}[").partition("]")
            old = int(number)
            is_of_a_new_one = each in changes and old < len(moved[path]) and old not in {*numbers, *numbers.values()}
            if old in numbers or is_of_a_new_one:
                moved[f"{path}[{numbers.get(old, old)}]{rest}"] = given
    return {path: given for path, given in moved.items() if path in changes or before.get(path, ()) != given}


def _numbers_anew(before: Sequence[Json], after: Sequence[Json]) -> dict[int, int]:
    """Give the number that each answer had → the number that it has now; those that are gone are not there."""
    left = [identity_of(answer) for answer in before]
    numbers: dict[int, int] = {}
    for new, answer in enumerate(after):
        identity = identity_of(answer)
        if identity in left:
            numbers[left.index(identity)] = new
            left[left.index(identity)] = None
    return numbers


def by_question(answers: Answers, questions: Container[str | None]) -> dict[str, list[tuple[str, tuple[Json, ...]]]]:
    """Give the answers to some questions by their linkId: its path in each instance, and what was answered there."""
    found: dict[str, list[tuple[str, tuple[Json, ...]]]] = {}
    for path, given in answers.items():
        link_id = path.rpartition("/")[2] if "/" in path else path
        if link_id in questions:
            found.setdefault(link_id, []).append((path, given))
    return found


def _read_items(form: Form, items: Any, parent: str | None, prefix: str, where: Where | None, read: Read) -> None:
    """Read items that stand directly below `parent`; None: at the top."""
    instances: dict[str, int] = {}
    places, there = form.places, read.places
    for number, each in enumerate(items):
        link_id, here = str(each.get("linkId", "")), (where, "item", number)
        place = places.get(link_id)
        if place is None or place.parent != parent:
            read.strays.append(("unknown" if place is None else "misplaced", link_id, here))
            continue
        item, path = place.item, prefix + link_id
        if path in there and not (item.is_group and item.repeats):
            read.strays.append(("unexpected-again", link_id, here))
        elif item.is_question:
            there[path] = here
            given = each.get("answer", ())
            if len(given) == 1 and len(given[0]) == 1 and "item" not in each and not VALUE_NAMES.isdisjoint(given[0]):
                read.answers[path] = tuple(given)  # Nothing but a value, as most are: there is nothing else to look at.
            else:
                _read_question(form, each, item, path, prefix, read)
        else:
            instance = instances[link_id] = instances.get(link_id, -1) + 1
            there.setdefault(path, here)
            inner = prefix
            if item.has_instances:
                there[f"{path}[{instance}]"] = here
                inner = f"{path}[{instance}]/"
            _read_group(form, each, item, inner, here, read)


def _read_group(form: Form, each: Json, item: Item, inner: str, here: Where, read: Read) -> None:
    if each.get("answer"):
        read.strays.append(("not-a-question", item.link_id, here))
    _read_items(form, each.get("item", ()), item.link_id, inner, here, read)


def _read_question(form: Form, each: Json, item: Item, path: str, prefix: str, read: Read) -> None:
    here = read.places[path]
    if each.get("item"):
        read.strays.append(("misplaced", item.link_id, (here, "item", 0)))
    values: list[Json] = []
    for number, answer in enumerate(each.get("answer", ())):
        if VALUE_NAMES.isdisjoint(answer) and not kind_and_value(answer)[0]:
            read.strays.append(("no-value", item.link_id, (here, "answer", number)))
            continue
        if item.has_instances:
            read.places[f"{path}[{len(values)}]"] = (here, "answer", number)
        if len(answer) > 1:
            # A second answer that may not be there is told by the checks; what is below it is not read.
            if "item" in answer and (not values or item.has_instances):
                inner = f"{path}[{len(values)}]/" if item.has_instances else prefix
                _read_items(form, answer["item"], item.link_id, inner, (here, "answer", number), read)
            answer = {name: value for name, value in answer.items() if name not in ("item", "id")}
        values.append(answer)
    if values:
        read.answers[path] = tuple(values)


def _write(items: tuple[Item, ...], prefix: str, answers: Answers, enabled: Enablement) -> Iterator[dict[str, Any]]:
    for item in items:
        if item.is_display or not enabled.is_enabled(item.link_id, prefix):
            continue
        path = prefix + item.link_id
        if item.is_question:
            given = [dict(answer) for answer in answers.get(path, ())]
            for number, answer in enumerate(given):
                if item.has_instances or number == 0:
                    inner = f"{path}[{number}]/" if item.has_instances else prefix
                    answer |= _items(list(_write(item.items, inner, answers, enabled)))
            if given:
                yield {"linkId": item.link_id, "answer": given}
            continue
        inners = [f"{path}[{number}]/" for number in enabled.instances(path, item)] if item.has_instances else [prefix]
        for inner in inners:
            written = list(_write(item.items, inner, answers, enabled))
            if written:
                yield {"linkId": item.link_id, "item": written}


def _items(written: list[dict[str, Any]]) -> dict[str, Any]:
    return {"item": written} if written else {}

"""The way through a questionnaire: one top-level item is one topic, and one topic one page.

Texts that stand outside a topic, and groups that ask nothing, are read on the page of the topic after them. Topics
that nothing is asked in are passed over. The number in an address is the topic's place in the questionnaire, so it is
the same whatever is answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kommunalpro.care.drafts import OpenDraft
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Form, Item
from kommunalpro.pro.item import Image
from kommunalpro.pro.text import Text
from kommunalpro.web.citizen.forms.page import is_asked

State = Literal["answered", "begun", "new"]


@dataclass(frozen=True, slots=True)
class Part:
    """What stands on one page when a citizen takes one question at a time. `number` counts from 1 in the topic."""

    number: int
    items: tuple[Item, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One topic that is asked now. `paths` are its questions, `answered` those of them that are answered."""

    number: int
    link_id: str
    title: Text
    content: tuple[Item, ...]
    """What stands on its page: a group's own items, with the texts around it."""
    images: tuple[Image, ...]
    paths: tuple[str, ...]
    answered: frozenset[str]
    left_open: tuple[str, ...]
    """Unanswered questions that are not just a place for more words."""
    parts: tuple[Part, ...]
    is_open: bool
    """Whether anything is asked in it now, be it something that a page cannot ask."""

    @property
    def state(self) -> State:
        if not self.answered:
            return "new"
        return "begun" if self.left_open else "answered"


def route(opened: OpenDraft) -> tuple[Stop, ...]:
    """Give the topics that are asked now, in order."""
    return tuple(stop for stop in _stops(opened.definition.form, opened.answers) if stop.is_open)


def find_stop(stops: tuple[Stop, ...], number: int) -> Stop | None:
    """Give the topic with this number; None: it is not asked now."""
    return next((stop for stop in stops if stop.number == number), None)


def stop_of(stops: tuple[Stop, ...], path: str) -> Stop | None:
    """Give the topic that a question stands in."""
    return next((stop for stop in stops if path in stop.paths), None)


def after(stops: tuple[Stop, ...], number: int) -> Stop | None:
    """Give the next topic; None: this was the last."""
    return next((stop for stop in stops if stop.number > number), None)


def before(stops: tuple[Stop, ...], number: int) -> Stop | None:
    """Give the topic before; None: this is the first."""
    return next((stop for stop in reversed(stops) if stop.number < number), None)


def where_left(stops: tuple[Stop, ...]) -> tuple[Stop, Part] | None:
    """Give where a citizen goes on: the last topic they began, or the one after it when it is done; None: at the end.

    Topics that were passed over before it stay so: skipping is a right.
    """
    begun = [stop for stop in stops if stop.answered]
    if not begun:
        return (stops[0], stops[0].parts[0]) if stops else None
    last = begun[-1]
    stop = last if last.left_open else after(stops, last.number)
    if stop is None:
        return None
    open_part = (part for part in stop.parts if set(part.paths) & set(stop.left_open))
    return stop, next(open_part, stop.parts[0])


def _stops(form: Form, answers: Answers) -> Iterator[Stop]:
    asked = _asked(form, answers)
    lead: list[Item] = []
    pages = list(form.items)
    while pages and not _asks(pages[-1]):  # A text after the last topic is read with it.
        pages.pop()
    closing = form.items[len(pages) :]
    for number, item in enumerate(pages, start=1):
        if not _asks(item):
            lead.append(item)
            continue
        items = (*lead, item, *(closing if number == len(pages) else ()))
        lead = []
        here = [(path, each) for path, top, each in asked if top == item.link_id]
        yield _stop(number, item, items, here, answers)


def _stop(number: int, topic: Item, items: tuple[Item, ...], asked: list[tuple[str, Item]], answers: Answers) -> Stop:
    content = tuple(each for item in items for each in (item.items if item is topic and _is_plain(item) else (item,)))
    mine = [(path, item) for path, item in asked if is_asked(item)]
    return Stop(
        number=number,
        link_id=topic.link_id,
        title=topic.text if topic.is_group else topic.name,
        content=content,
        images=topic.images,
        paths=tuple(path for path, _ in mine),
        answered=frozenset(path for path, _ in mine if answers.get(path)),
        left_open=tuple(path for path, item in mine if not answers.get(path) and _is_due(item)),
        parts=tuple(_parts(content, asked)),
        is_open=bool(asked),
    )


def _is_due(item: Item) -> bool:
    return item.required or item.type not in ("text", "string")


def _parts(content: tuple[Item, ...], asked: list[tuple[str, Item]]) -> Iterator[Part]:
    """Cut a topic into single questions; a text goes with the question after it, a group stays whole."""
    lead: list[Item] = []
    for number, item in enumerate(content, start=1):
        lead.append(item)
        below = {each.link_id for each in _all(item)}
        here = [(path, each) for path, each in asked if each.link_id in below]
        is_last = not any(_asks(each) for each in content[number:])
        if here:
            paths = tuple(path for path, each in here if is_asked(each))
            yield Part(number, (*lead, *(content[number:] if is_last else ())), paths)
            lead = []


def _asked(form: Form, answers: Answers) -> list[tuple[str, str, Item]]:
    """Give (path, linkId of its topic, item) of every question that is asked now and not hidden."""
    tops = {each.link_id: top.link_id for top in form.items for each in _all(top)}
    return [
        (path, tops[item.link_id], item)
        for path, item in Enablement(form, answers).asked().items()
        if item.is_question and not item.hidden
    ]


def _asks(item: Item) -> bool:
    return not item.hidden and any(each.is_question and not each.hidden for each in _all(item))


def _is_plain(item: Item) -> bool:
    return item.is_group and not item.has_instances


def _all(item: Item) -> Iterator[Item]:
    yield item
    for each in item.items:
        yield from _all(each)

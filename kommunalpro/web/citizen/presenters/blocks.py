"""What stands on a page of a questionnaire, from top to bottom: texts, questions, groups, groups that repeat."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from django.utils.translation import gettext as _
from markupsafe import Markup

from kommunalpro.care.answers import in_words
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.form import Item
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.forms.answers import Typed
from kommunalpro.web.citizen.forms.names import anchor
from kommunalpro.web.citizen.presenters.question import Image, QuestionBlock, images_of, question_block

_ENDS = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A text to read."""

    id: str
    text: str | Markup
    images: tuple[Image, ...]
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class GroupBlock:
    """Questions that belong together. `removes` names the instance that a button takes away; empty: it stays."""

    id: str
    title: str
    level: int
    blocks: tuple["Block", ...]
    images: tuple[Image, ...] = ()
    removes: str = ""
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True)
class RepeatedBlock:
    """A group that may be there several times. `adds` names the instance that a button adds; empty: no more."""

    id: str
    title: str
    level: int
    error: str
    instances: tuple[GroupBlock, ...]
    adds: str
    kind: Literal["repeated"] = "repeated"


Block: TypeAlias = TextBlock | QuestionBlock | GroupBlock | RepeatedBlock


@dataclass(frozen=True, slots=True)
class Told:
    """What a page knows besides the saved answers, all by path.

    `errors` stand at their questions; `typed` is shown instead of what is saved; `new` questions came by the last
    answer; `instances` are there although nothing is answered in them yet (`medicine[1]`).
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Typed] = field(default_factory=dict)
    new: Collection[str] = ()
    instances: Collection[str] = ()


def page_blocks(opened: OpenDraft, items: Sequence[Item], told: Told) -> tuple[Block, ...]:
    """Give the blocks of a page for some items at the top of the questionnaire or below a group there.

    The page's own heading stands for a group that is the only thing on it.
    """
    maker = _Maker(opened, told)
    return tuple(maker.blocks(items, "", level=2))


class _Maker:
    def __init__(self, opened: OpenDraft, told: Told) -> None:
        self._opened, self._told = opened, told
        # The engine learns of an instance without answers by an empty one.
        blank = {f"{instance}/": () for instance in told.instances}
        self._enabled = Enablement(opened.definition.form, {**opened.answers, **blank})
        self._answers = self._enabled.answers
        self._form = opened.definition.form

    def blocks(self, items: Sequence[Item], prefix: str, level: int) -> Iterator[Block]:
        for item in items:
            if item.hidden or not self._enabled.is_enabled(item.link_id, prefix):
                continue
            if item.is_display:
                if item.control not in _ENDS:
                    yield self._text(item, prefix)
            elif item.is_group:
                yield from self._group(item, prefix, level)
            else:
                yield self._question(item, prefix)
                yield from self._below(item, prefix, level)

    def _text(self, item: Item, prefix: str) -> TextBlock:
        is_danish = language() == "da" or not item.text.en
        words = Markup(item.xhtml) if item.xhtml and is_danish else item.text.say(language())  # noqa: S704  (cleaned by pro)
        return TextBlock(anchor(self._form, prefix + item.link_id), words, _images(item))

    def _question(self, item: Item, prefix: str) -> QuestionBlock:
        path = prefix + item.link_id
        return question_block(
            item,
            path,
            anchor(self._form, path),
            self._answers.get(path, ()),
            begins=self._opened.begins(item, path),
            typed=self._told.typed.get(path),
            error=self._told.errors.get(path, ""),
            is_new=path in self._told.new,
        )

    def _below(self, item: Item, prefix: str, level: int) -> Iterator[Block]:
        """What is asked below a question; of one that is answered several times, for each answer by itself."""
        if not item.has_instances:
            yield from self.blocks(item.items, prefix, level)
            return
        path = prefix + item.link_id
        for number, answer in enumerate(self._answers.get(path, ())):
            inner = tuple(self.blocks(item.items, f"{path}[{number}]/", level + 1))
            if inner:
                yield GroupBlock(
                    anchor(self._form, f"{path}[{number}]"), in_words(item, answer, language()), level, inner
                )

    def _group(self, item: Item, prefix: str, level: int) -> Iterator[Block]:
        if item.has_instances:
            yield self._repeated(item, prefix, level)
            return
        inner = tuple(self.blocks(item.items, prefix, level + 1))
        if inner:
            yield GroupBlock(
                anchor(self._form, prefix + item.link_id), item.text.say(language()), level, inner, _images(item)
            )

    def _repeated(self, item: Item, prefix: str, level: int) -> RepeatedBlock:
        path = prefix + item.link_id
        numbers = self._enabled.instances(path, item)
        is_full = item.max_occurs is not None and len(numbers) >= item.max_occurs
        return RepeatedBlock(
            id=anchor(self._form, path),
            title=item.text.say(language()),
            level=level,
            error=self._told.errors.get(path, ""),
            instances=tuple(
                GroupBlock(
                    id=anchor(self._form, f"{path}[{number}]"),
                    title=_("Nummer %(place)d") % {"place": place},
                    level=level + 1,
                    blocks=tuple(self.blocks(item.items, f"{path}[{number}]/", level + 2)),
                    removes=f"{path}[{number}]" if len(numbers) > 1 else "",
                )
                for place, number in enumerate(numbers, start=1)
            ),
            adds="" if is_full else f"{path}[{numbers[-1] + 1}]",
        )


def _images(item: Item) -> tuple[Image, ...]:
    return images_of(item.images, item.text.say(language()))

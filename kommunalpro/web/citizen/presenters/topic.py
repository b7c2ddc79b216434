"""The page of one topic, or of one question in it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kommunalpro.care.drafts import OpenDraft
from kommunalpro.pro.form import Item
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.forms.names import anchor
from kommunalpro.web.citizen.presenters import dates
from kommunalpro.web.citizen.presenters.blocks import Block, Told, page_blocks
from kommunalpro.web.citizen.presenters.question import Image, images_of
from kommunalpro.web.citizen.presenters.route import Part, Stop
from kommunalpro.web.citizen.presenters.steps import Step, steps


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the error summary. `address` leads to the question, on this page or another."""

    address: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class TopicPage:
    """All that the page shows. `part` None: the whole topic stands on it."""

    draft: str
    title: str
    heading: str
    number: int
    part: int | None
    where: str
    steps: tuple[Step, ...]
    blocks: tuple[Block, ...]
    images: tuple[Image, ...]
    faults: tuple[Fault, ...]
    saved: str
    news: str
    acute: tuple[str, ...]
    is_first: bool
    next_words: str
    back: str
    """Where the page was opened from: `1` the review, `mangler` its list of what is missing; empty: neither."""


def topic_page(
    opened: OpenDraft,
    stops: tuple[Stop, ...],
    stop: Stop,
    part: Part | None,
    told: Told,
    *,
    acute: Sequence[str],
    now: datetime,
    back: str,
) -> TopicPage:
    """Give the page; `acute` are the texts that the citizen must see now."""
    place = stops.index(stop) + 1
    content = part.items if part else stop.content
    shown = part.paths if part else stop.paths
    heading = stop.title.say(language())
    return TopicPage(
        draft=str(opened.id),
        title=opened.title.say(language()),
        heading=heading,
        number=stop.number,
        part=part.number if part else None,
        where=_where(stops, stop, part, place),
        steps=steps(stops, stop.number),
        blocks=tuple(_below_heading(block, heading) for block in page_blocks(opened, content, told)),
        images=images_of(stop.images, heading) if part in (None, stop.parts[0]) else (),
        faults=tuple(_faults(opened, told.errors)),
        saved=dates.saved(opened.saved_at, now) if opened.saved_at else "",
        news=news(set(told.new) & set(shown)),
        acute=tuple(acute),
        is_first=place == 1 and part in (None, stop.parts[0]),
        next_words=_next_words(stops, stop, part, back),
        back=back,
    )


def news(new: Collection[str]) -> str:
    """Say that the last answer brought more questions; empty when it did not."""
    if not new:
        return ""
    return ngettext(
        "Der er kommet %(count)d spørgsmål mere på siden.", "Der er kommet %(count)d spørgsmål mere på siden.", len(new)
    ) % {"count": len(new)}


def asked_words(item: Item) -> str:
    """Give the question without its explanation: up to its question mark."""
    text = item.text.say(language())
    question, mark, _rest = text.partition("?")
    return question + mark if mark else text


def _below_heading(block: Block, heading: str) -> Block:
    """A group that repeats and is all there is in the topic bears the topic's name, which is read already."""
    return replace(block, title="") if block.kind == "repeated" and block.title == heading else block


def _where(stops: tuple[Stop, ...], stop: Stop, part: Part | None, place: int) -> str:
    topic = _("Emne %(place)d af %(count)d") % {"place": place, "count": len(stops)}
    if part is None or len(stop.parts) == 1:
        return topic
    question = _("spørgsmål %(place)d af %(count)d") % {"place": stop.parts.index(part) + 1, "count": len(stop.parts)}
    return f"{topic} · {question}"


def _next_words(stops: tuple[Stop, ...], stop: Stop, part: Part | None, back: str) -> str:
    if part is not None and part != stop.parts[-1] and back in ("", "1"):
        return _("Næste spørgsmål")
    if back:
        return _("Gem, og gå tilbage")
    return _("Se dine svar igennem") if stop == stops[-1] else _("Næste emne")


def _faults(opened: OpenDraft, errors: Mapping[str, str]) -> Iterator[Fault]:
    form = opened.definition.form
    for path, text in errors.items():
        item = form.places[path.rsplit("/", 1)[-1].split("[", 1)[0]].item
        yield Fault(f"#{anchor(form, path)}", asked_words(item), text)

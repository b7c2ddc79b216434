"""One question as a page shows it: which control it is answered with, and what stands around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from kommunalpro.care.answers import number as in_words
from kommunalpro.fhir.json import Json
from kommunalpro.pro.form import Item, Option
from kommunalpro.pro.item import Image as Picture
from kommunalpro.pro.text import unit_text
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.forms.answers import UNANSWERABLE, Typed, as_typed
from kommunalpro.web.citizen.forms.names import ANSWER, CLOCK, OTHER, PROPOSED, SHOWN, SOMETHING_ELSE, UNIT, digest

Control = Literal[
    "scale", "radios", "checks", "select", "number", "slider", "line", "area", "date", "moment", "time",
    "read-only", "unanswerable",
]  # fmt: skip

MOST_POINTS = 11
"""A scale of so many points stands in a row of large targets; a longer one is a slider with a field."""
MOST_RADIOS = 15
"""More options than this are folded into a list, unless the editor says otherwise."""
SHORT = 12
"""Characters of an option that still fits a row of large targets."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture inside the page. `alt` says what it belongs to, since the questionnaire has no words for it."""

    source: str
    alt: str
    terms: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `id` of its field on the page."""

    id: str
    value: str
    words: str | Markup
    is_chosen: bool
    is_exclusive: bool = False
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    """A question. `name` of its field; `values` as typed; `low`, `high`, `step` bound a slider.

    `unit` is the one unit there is, `units` those to choose from. `is_repeated`: a line more than is written.
    `digest` marks what is saved, or that what is shown is only proposed. `is_clearable`: an answer that cannot be
    unchosen by itself may be taken away.
    """

    path: str
    id: str
    control: Control
    text: str | Markup
    name: str
    shown_name: str
    digest: str
    values: tuple[str, ...]
    is_repeated: bool
    hint: str
    error: str
    is_required: bool
    is_new: bool
    is_clearable: bool
    help: str | Markup
    feedback: str
    unit: str
    units: tuple[Choice, ...]
    unit_name: str
    inputmode: str
    choices: tuple[Choice, ...]
    images: tuple[Image, ...]
    ends: tuple[str, str]
    low: str
    high: str
    step: str
    has_other: bool
    other_name: str
    other: str
    clock_name: str
    clock: str
    kind: Literal["question"] = "question"


def question_block(
    item: Item,
    path: str,
    id: str,
    answers: Sequence[Json],
    *,
    begins: Sequence[Json],
    typed: Typed | None,
    error: str,
    is_new: bool,
) -> QuestionBlock:
    """Give a question with what is answered, or what it begins with until then.

    `typed` is what was typed and could not be saved.
    """
    control = control_of(item)
    written = typed or as_typed(item, answers or begins)
    is_repeated = item.repeats and not item.options
    values = (*filter(None, written.values), "") if is_repeated else written.values
    return QuestionBlock(
        path=path,
        id=id,
        control=control,
        text=_text(item),
        name=ANSWER + path,
        shown_name=SHOWN + path,
        digest=digest(answers) if answers or not begins else PROPOSED,
        values=values or ("",),
        is_repeated=is_repeated,
        hint=" ".join(filter(None, [hint(item, control), _proposed() if begins and not (answers or typed) else ""])),
        error=error,
        is_required=item.required,
        is_new=is_new,
        is_clearable=control in ("scale", "radios") and not item.required and bool(answers or begins),
        help=_help(item),
        feedback=" ".join(_feedback(item, answers)),
        unit=_unit(item),
        units=tuple(_units(item, written)),
        unit_name=UNIT + path,
        inputmode={"integer": "numeric", "decimal": "decimal", "quantity": "decimal"}.get(item.type, "text"),
        choices=tuple(_choices(item, control, id, written)),
        images=images_of(item.images, _text(item)),
        ends=_ends(item),
        low=_plain(item.min_value),
        high=_plain(item.max_value),
        step=_plain(item.step) or ("1" if item.type == "integer" else "any"),
        has_other=item.type == "open-choice" and bool(item.options),
        other_name=OTHER + path,
        other=written.other,
        clock_name=CLOCK + path,
        clock=written.clock,
    )


def control_of(item: Item) -> Control:
    """Choose what a question is answered with."""
    if item.type in UNANSWERABLE:
        return "unanswerable"
    if item.read_only:
        return "read-only"
    if item.options:
        return _control_of_options(item)
    if item.type in ("integer", "decimal", "quantity"):
        return _control_of_number(item)
    others: dict[str, Control] = {
        "boolean": "radios",
        "date": "date",
        "dateTime": "moment",
        "time": "time",
        "text": "area",
    }
    return others.get(item.type, "line")


def points(item: Item) -> tuple[Decimal, ...]:
    """Give the points of a scale that has few enough of them; none when it has too many or no ends."""
    low, high, step = item.min_value, item.max_value, item.step
    if item.type not in ("integer", "decimal") or low is None or high is None or item.repeats:
        return ()
    if step is None:
        if item.type == "decimal":
            return ()
        step = Decimal(1)
    count = (Decimal(high) - Decimal(low)) // step + 1
    return tuple(Decimal(low) + step * number for number in range(int(count))) if 1 < count <= MOST_POINTS else ()


def hint(item: Item, control: Control) -> str:
    """Say how to answer, where that is not plain to see."""
    if control == "checks":
        return _most(item)
    if control in ("date", "moment"):
        return _("For eksempel 26-11-2026")
    if control == "time":
        return _("For eksempel 10.42")
    if control in ("number", "slider"):
        return _span(item)
    if control in ("line", "area") and item.max_length:
        return _("Højst %(count)s tegn") % {"count": item.max_length}
    return ""


def _proposed() -> str:
    """Say that nobody has answered yet what stands there."""
    return _("Det er et forslag: ret det, hvis det ikke passer.")


def _span(item: Item) -> str:
    """Say between which numbers an answer lies; empty where the questionnaire does not say both."""
    low, high = item.min_value, item.max_value
    if low is None or high is None:
        return ""
    return _("Fra %(low)s til %(high)s") % {"low": in_words(low, language()), "high": in_words(high, language())}


def _most(item: Item) -> str:
    """Say how many one may choose; an editor who says so in the question need not be repeated."""
    if item.max_occurs:
        return ngettext("Vælg højst %(count)d", "Vælg højst %(count)d", item.max_occurs) % {"count": item.max_occurs}
    is_said = any(word in item.text.say(language()).lower() for word in ("flere", "more", "all that apply"))
    return "" if is_said else _("Du kan vælge flere")


def _control_of_options(item: Item) -> Control:
    if item.repeats:
        return "checks"
    is_row = len(item.options) <= MOST_POINTS and all(len(each.text.say(language())) <= 3 for each in item.options)
    if item.control == "slider" and is_row:
        return "scale"
    if item.control in ("drop-down", "autocomplete") and item.type != "open-choice":
        return "select"
    return "select" if len(item.options) > MOST_RADIOS and item.type == "choice" and not item.control else "radios"


def _control_of_number(item: Item) -> Control:
    if points(item):
        return "scale"
    is_bounded = item.min_value is not None and item.max_value is not None and not item.repeats
    return "slider" if item.control == "slider" and is_bounded else "number"


def _choices(item: Item, control: Control, id: str, typed: Typed) -> Iterator[Choice]:
    for number, (value, words, option) in enumerate(_offered(item, control), start=1):
        yield Choice(
            id=f"{id}_{number}",
            value=value,
            words=_marked_up(option, control) or words,
            is_chosen=value in typed.values,
            is_exclusive=bool(option and option.is_exclusive),
            images=images_of(option.images, words) if option else (),
        )


def _marked_up(option: Option | None, control: Control) -> Markup | None:
    """Give the words of an option as its editor set them; a list that folds out holds no markup."""
    if option is None or not option.xhtml or control == "select" or (language() != "da" and option.text.en):
        return None
    return Markup(option.xhtml)  # noqa: S704  (pro.markup cleans it with nh3)


def _offered(item: Item, control: Control) -> Iterator[tuple[str, str, Option | None]]:
    """Give (value that is posted, words, option)."""
    for place, option in enumerate(item.options):
        yield str(place), option.text.say(language()), option
    if item.options:
        if item.type == "open-choice":
            yield SOMETHING_ELSE, _("Andet"), None
    elif item.type == "boolean":
        yield from (("ja", _("Ja"), None), ("nej", _("Nej"), None))
    elif control == "scale":
        yield from ((in_words(each, language()), in_words(each, language()), None) for each in points(item))


def _unit(item: Item) -> str:
    """Give the one unit that answers are in; empty: there is none, or several to choose from."""
    if len(item.units) > 1:
        return ""
    text = item.unit_text or (unit_text(item.units[0]) if item.units else None)
    return text.say(language()) if text else ""


def _units(item: Item, typed: Typed) -> Iterator[Choice]:
    for place, unit in enumerate(item.units if len(item.units) > 1 else ()):
        words = unit_text(unit).say(language())
        yield Choice(id="", value=str(place), words=words, is_chosen=str(place) == (typed.unit or "0"))


def _text(item: Item) -> str | Markup:
    """Give the question; its markup was cleaned when it was read, and is in Danish only."""
    if item.xhtml and (language() == "da" or not item.text.en):
        return Markup(item.xhtml)  # noqa: S704  (pro.reading cleans it with nh3)
    return item.text.say(language()) or (item.short_text.say(language()) if item.short_text else _("Dit svar"))


def _help(item: Item) -> str | Markup:
    if item.help_xhtml and (language() == "da" or not (item.help_text and item.help_text.en)):
        return Markup(item.help_xhtml)  # noqa: S704  (as above)
    return item.help_text.say(language()) if item.help_text else ""


def _feedback(item: Item, answers: Sequence[Json]) -> Iterator[str]:
    """Give the words that the editor has for this answer."""
    for answer in answers:
        for value in (answer[key] for key in ("valueInteger", "valueDecimal") if key in answer):
            yield from (each.text.say(language()) for each in item.feedback if each.low <= value <= each.high)


def _ends(item: Item) -> tuple[str, str]:
    """Give the words at the ends of a scale: texts below the question that say which end they belong to."""
    words = {each.control: each.text.say(language()) for each in item.items if each.is_display}
    return words.get("lower", ""), words.get("upper", "")


def images_of(pictures: Sequence[Picture], words: str) -> tuple[Image, ...]:
    """Give pictures as a page shows them; `words` are those they stand beside."""
    alt = _("Billede til: %(text)s") % {"text": Markup(words).striptags()}  # noqa: S704  (only to take the markup out)
    return tuple(Image(f"data:{each.content_type};base64,{each.data}", alt, each.terms) for each in pictures)


def _plain(bound: object) -> str:
    """Write a bound as an attribute of a field: with a point, whatever the language."""
    return f"{bound:f}" if isinstance(bound, Decimal) else str(bound) if isinstance(bound, int) else ""

"""What was posted for one question → FHIR answers. Pure: no draft, no request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.pro.form import Item
from kommunalpro.pro.text import number as number_text
from kommunalpro.web.citizen.forms import values
from kommunalpro.web.citizen.forms.names import SOMETHING_ELSE
from kommunalpro.web.citizen.forms.values import Wrong, tidy

UNANSWERABLE = frozenset({"attachment", "reference"})
"""Item types that a page cannot ask for: it says so, and the citizen goes on."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sent for one question, letter for letter.

    `other` is what stands beside "something else", `clock` the time of day beside a day, `unit` the place of the unit
    beside a number; empty: the page does not ask for it.
    """

    values: tuple[str, ...] = ()
    other: str = ""
    clock: str = ""
    unit: str = ""


def read_answers(item: Item, typed: Typed) -> tuple[Json, ...]:
    """Give the answers to one question; none when nothing is answered.

    Raises:
        Wrong: what was typed is no answer; the message says what to do.
        BadRequest: the page cannot have sent this (a forged form).
    """
    if item.type in UNANSWERABLE:
        raise forged("An answer to a question that pages do not ask.")
    if not item.repeats and len(typed.values) > 1:
        raise forged("Several answers to a question that takes one.")
    if item.options:
        return _chosen(item, typed)
    found = [_READERS[item.type](item, text, typed) for text in typed.values if text.strip()]
    if not found and item.type == "dateTime" and typed.clock.strip():
        raise Wrong(_("Skriv også datoen."))
    return tuple(found)


def forged(diagnostics: str) -> BadRequest:
    """Give the refusal of a form that none of our pages sent."""
    return BadRequest(
        _("Formularen passer ikke til spørgeskemaet. Åbn siden igen fra forsiden."), diagnostics=diagnostics
    )


def number_advice(item: Item) -> str:
    """Say what to write where a number is asked for, with its bounds (*Skriv et tal mellem 0 og 10*)."""
    language = get_language() or "da"
    low, high = (
        number_text(bound).say(language) if isinstance(bound, int | Decimal) else None
        for bound in (item.min_value, item.max_value)
    )
    kind = _("et helt tal") if item.type == "integer" else _("et tal")
    if low is not None and high is not None:
        return _("Skriv %(kind)s mellem %(low)s og %(high)s.") % {"kind": kind, "low": low, "high": high}
    if low is not None:
        return _("Skriv %(kind)s på mindst %(low)s.") % {"kind": kind, "low": low}
    if high is not None:
        return _("Skriv %(kind)s på højst %(high)s.") % {"kind": kind, "high": high}
    return _("Skriv %(kind)s.") % {"kind": kind}


def _chosen(item: Item, typed: Typed) -> tuple[Json, ...]:
    """Give what was chosen, in the questionnaire's order; options are posted by their place in it."""
    places = sorted(_place(item, value) for value in set(typed.values) - {"", SOMETHING_ELSE})
    own = _own_words(item, typed, is_alone=not places)
    alone = [item.options[place] for place in places if item.options[place].is_exclusive]
    if alone and len(places) + len(own) > 1:
        words = alone[0].text.say(get_language() or "da")
        raise Wrong(_("Du har valgt ”%(option)s” sammen med andet. Vælg det ene eller det andet.") % {"option": words})
    return (*(item.options[place].value for place in places), *own)


def _place(item: Item, value: str) -> int:
    if not (value.isascii() and value.isdecimal()) or int(value) >= len(item.options):
        raise forged("An option that the question does not have.")
    return int(value)


def _own_words(item: Item, typed: Typed, *, is_alone: bool) -> tuple[Json, ...]:
    """Give the words of "something else". They are an answer where they were chosen, or where nothing else was."""
    is_chosen = SOMETHING_ELSE in typed.values
    words = tidy(typed.other)
    if item.type != "open-choice":
        if is_chosen or words:
            raise forged("Words of one's own where options are all there is.")
        return ()
    if is_chosen and not words:
        raise Wrong(_("Skriv dit svar i feltet ved ”Andet”, eller vælg noget andet."))
    return ({"valueString": words},) if words and (is_chosen or is_alone or item.repeats) else ()


def _boolean(item: Item, text: str, typed: Typed) -> Json:
    if text not in ("ja", "nej"):
        raise forged("Neither yes nor no.")
    return {"valueBoolean": text == "ja"}


def _integer(item: Item, text: str, typed: Typed) -> Json:
    return {"valueInteger": values.whole_number(text, number_advice(item))}


def _decimal(item: Item, text: str, typed: Typed) -> Json:
    return {"valueDecimal": values.number(text, number_advice(item))}


def _quantity(item: Item, text: str, typed: Typed) -> Json:
    quantity: dict[str, Any] = {"value": values.number(text, number_advice(item))}
    if typed.unit and not (typed.unit.isascii() and typed.unit.isdecimal() and int(typed.unit) < len(item.units)):
        raise forged("A unit that the question does not have.")
    coded: Json = item.units[int(typed.unit or 0)] if item.units else {}
    unit = coded.get("display") or item.unit
    parts = {"unit": unit, "system": coded.get("system"), "code": coded.get("code")}
    return {"valueQuantity": quantity | {name: part for name, part in parts.items() if part}}


def _words(item: Item, text: str, typed: Typed) -> Json:
    return {"valueString": tidy(text)}


_READERS: Mapping[str, Callable[[Item, str, Typed], Json]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "quantity": _quantity,
    "string": _words,
    "text": _words,
    "choice": _words,
    "open-choice": _words,
    "date": lambda item, text, typed: {"valueDate": values.day(text)},
    "dateTime": lambda item, text, typed: {"valueDateTime": values.moment(text, typed.clock)},
    "time": lambda item, text, typed: {"valueTime": values.clock(text)},
    "url": lambda item, text, typed: {"valueUri": values.address(text)},
}


def as_typed(item: Item, answers: Sequence[Json]) -> Typed:
    """Give what a page shows for answers that are saved: the inverse of `read_answers`."""
    if item.options:
        return _as_chosen(item, answers)
    written = [_as_written(item, answer) for answer in answers]
    clock = next((answer["valueDateTime"] for answer in answers if "valueDateTime" in answer), "")
    return Typed(values=tuple(written), clock=_clock_of(clock), unit=_unit_of(item, answers))


def _as_chosen(item: Item, answers: Sequence[Json]) -> Typed:
    places, other = [], ""
    for answer in answers:
        option = item.option_for(answer)
        if option is not None:
            places.append(str(item.options.index(option)))
        elif "valueString" in answer:
            places.append(SOMETHING_ELSE)
            other = answer["valueString"]
    return Typed(values=tuple(places), other=other)


def _as_written(item: Item, answer: Json) -> str:
    key = next((each for each in answer if each.startswith("value")), "")
    value = answer.get(key, "")
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if key == "valueQuantity":
        value = value.get("value", "")
    if isinstance(value, int | Decimal):
        return number_text(value).say(get_language() or "da")
    if key in ("valueDate", "valueDateTime"):
        return _day_of(str(value))
    return str(value)[:5].replace(":", ".") if key == "valueTime" else str(value)


def _day_of(text: str) -> str:
    """Write a FHIR date or dateTime as people type it; what is not a whole day as it stands."""
    if "T" in text:
        text = values.local(text).date().isoformat()
    parts = text.split("-")
    return "-".join(reversed(parts)) if len(parts) == 3 else text


def _unit_of(item: Item, answers: Sequence[Json]) -> str:
    """Give the place of the unit that a quantity was given in; empty where there is one unit or none."""
    if len(item.units) < 2:
        return ""
    code = next((answer["valueQuantity"].get("code") for answer in answers if "valueQuantity" in answer), None)
    return next((str(place) for place, unit in enumerate(item.units) if unit.get("code") == code), "0")


def _clock_of(text: str) -> str:
    return f"{values.local(text):%H.%M}" if "T" in text else ""

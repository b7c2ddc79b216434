"""Reading what an answer must keep to: how many, between what, in which steps, how long, in what form.

A limit that nothing would keep is noted: its editor counts on it. So is a control that nothing would show. Neither is
taken in.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import re2

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import kind_and_value
from kommunalpro.pro.item import Feedback
from kommunalpro.pro.noting import NUMBER, Extensions, Note, typed
from kommunalpro.pro.text import Text, extension_text
from kommunalpro.pro.values import beginning, compiled, divides, is_value

_NUMBERS = ("integer", "decimal")
_AMOUNTS = (*_NUMBERS, "quantity")
_WORDS = ("string", "text", "url", "open-choice")
"""The types of which answers, or the citizen's own among them, are text as it is written."""

_BOUNDED = {
    "integer": ("Integer",),
    "decimal": ("Decimal",),
    "quantity": ("Decimal", "Quantity"),
    "date": ("Date",),
    "dateTime": ("DateTime",),
    "time": ("Time",),
}
"""Item type → what its bounds may be."""

_PATTERN = Text("Et mønster (regex)", "A pattern (regex)")
_LENGTH = Text("En største længde", "A greatest length")
_PLACES = Text("Et antal decimaler", "A number of decimals")
_STEP = Text("Et trin", "A step")
_SLIDER = Text("En skyder", "A slider")
_FEEDBACK = Text("En tilbagemelding", "A feedback")


def read_limits(item: Json, own: Extensions, control: str | None, note: Note) -> dict[str, Any]:
    """Give the limits that stand in an item's extensions. `control`: what its editor wants it to be answered with."""
    least, most = _occurs(item, own, note)
    low, high = _bounds(item, own, note)
    if control == "slider":
        _check_slider(item, (low, high), note)
    return {
        "min_occurs": least,
        "max_occurs": most,
        "min_value": low,
        "max_value": high,
        "step": _step(item, own, (low, high), note),
        "max_decimal_places": _places(item, own, note),
        "pattern": _pattern(item, own, note),
    }


def read_feedback(item: Json, own: Extensions, note: Note) -> Iterator[Feedback]:
    """Give the words for numbers between two bounds."""
    for each in own.all(ehealth.QUESTIONNAIRE_FEEDBACK):
        text = extension_text(each, "value")
        low, high = (typed(each, name, NUMBER, note) for name in ("min", "max"))
        if not _has_effect(item, _NUMBERS, _FEEDBACK, note):
            continue
        if text is None or low is None or high is None:
            note("feedback")
        elif low > high:
            note("feedback-bounds")
        else:
            yield Feedback(text, Decimal(low), Decimal(high))


def read_length(item: Json, note: Note) -> int | None:
    """Give the greatest length of an answer in characters; None: there is none."""
    if "maxLength" not in item:
        return None
    length = item["maxLength"]
    if not is_value("Integer", length) or length < 1:
        note("length", length=str(length))
        return None
    return int(length) if _has_effect(item, _WORDS, _LENGTH, note) else None


def _has_effect(item: Json, types: tuple[str, ...], what: Text, note: Note) -> bool:
    if item["type"] in types:
        return True
    note("no-effect", what=what, type=item["type"])
    return False


def _occurs(item: Json, own: Extensions, note: Note) -> tuple[int | None, int | None]:
    least, most = own.value(ehealth.MIN_OCCURS, int), own.value(ehealth.MAX_OCCURS, int)
    if least is None and most is None:
        return None, None
    if (least or 0) < 0 or (most is not None and most < max(least or 0, 1)):
        note("occurs")
    elif max(least or 0, most or 0) > 1 and not item.get("repeats"):
        note("occurs-once")
        return None, None
    return least, most


def _bounds(item: Json, own: Extensions, note: Note) -> tuple[Any, Any]:
    low, high = _bound(item, own.get(ehealth.MIN_VALUE), note), _bound(item, own.get(ehealth.MAX_VALUE), note)
    if low is not None and high is not None:
        is_upside_down = beginning(low) > beginning(high) if isinstance(low, str) else low > high
        if is_upside_down:
            note("bounds")
    return low, high


def _bound(item: Json, found: Json | None, note: Note) -> Any:
    """Give a bound as what it is compared with: of a quantity its number."""
    if found is None:
        return None
    _, bound = kind_and_value(found)
    kinds = [each for each in _BOUNDED.get(item["type"], ()) if is_value(each, bound)]
    if not kinds:
        note("bound-kind")
        return None
    return bound["value"] if kinds[0] == "Quantity" else bound


def _check_slider(item: Json, ends: tuple[Any, Any], note: Note) -> None:
    """A slider goes from one number to another, or through options.

    What other controls (`itemControl`) ask for is a wish: the question is answered as well where it cannot be met.
    """
    if "answerOption" in item or "answerValueSet" in item:
        return
    if _has_effect(item, _AMOUNTS, _SLIDER, note) and None in ends:
        note("slider")


def _step(item: Json, own: Extensions, ends: tuple[Any, Any], note: Note) -> Decimal | None:
    step = own.value(ehealth.SLIDER_STEP_VALUE_DECIMAL, NUMBER)
    if step is None:
        step = own.value(ehealth.SLIDER_STEP_VALUE, NUMBER)
    if step is None or not _has_effect(item, _NUMBERS, _STEP, note):
        return None
    size = Decimal(step)
    if size <= 0 or (None not in ends and not divides(size, Decimal(ends[0]), Decimal(ends[1]))):
        note("step", step=str(step))
        return None
    return size


def _places(item: Json, own: Extensions, note: Note) -> int | None:
    """Give how many decimals an answer may have; a whole number has none, so that there it is kept anyway."""
    places: int | None = own.value(ehealth.MAX_DECIMAL_PLACES, int)
    if places is None or not _has_effect(item, _AMOUNTS, _PLACES, note):
        return None
    if places < 0:
        note("places", places=places)
        return None
    return places


def _pattern(item: Json, own: Extensions, note: Note) -> str | None:
    """Give the regular expression that the whole answer must match.

    R4 says only that it "defines the syntax for the data element": of a number or a date that would be FHIR's own way
    to write it (9.50 or 9.5, 2026-03-10), which is neither what the citizen writes nor what most editors mean. FUT has
    no such extension at all. Bounds, steps and decimals say the same without doubt, and what is said so is kept.
    """
    pattern: str | None = own.value(ehealth.REGEX, str)
    if pattern is None or not _has_effect(item, _WORDS, _PATTERN, note):
        return None
    try:
        compiled(pattern)
    except re2.error:
        note("pattern")
    return pattern

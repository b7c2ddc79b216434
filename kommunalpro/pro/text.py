"""What people read, in Danish and English."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import Any, Union

from msgspec import Struct

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, parse_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import Json


class Text(Struct, frozen=True):
    """One text in both languages. `en` empty: there is no translation, and the Danish is shown.

    >>> Text("Søvn", "Sleep").say("en")
    'Sleep'
    """

    da: str
    en: str = ""

    def say(self, language: str) -> str:
        """Give the text in a language; what has no translation is said in Danish."""
        return self.en if language == "en" and self.en else self.da

    def fill(self, **parts: Union["Text", Decimal, int, str]) -> "Text":
        """Put parts where the text names them, each in its own language.

        >>> Text("{topic} er rød", "{topic} is red").fill(topic=Text("Søvn", "Sleep")).say("en")
        'Sleep is red'
        """
        texts = {name: part if isinstance(part, Text) else _text(part) for name, part in parts.items()}
        danish = "".join([piece if name is None else texts[name].da for piece, name in _pieces(self.da)])
        english = "".join(
            [piece if name is None else texts[name].en or texts[name].da for piece, name in _pieces(self.en or self.da)]
        )
        return Text(danish, english)


@lru_cache(maxsize=512)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    """Take a template apart: words as they stand, and the names of parts. Twice as fast as `str.format`."""
    pieces: list[tuple[str, str | None]] = []
    for words, name, _, _ in Formatter().parse(template):
        pieces += [(words, None), ("", name)] if name is not None else [(words, None)]
    return tuple(pieces)


def _text(part: Decimal | int | str) -> Text:
    return Text(part) if isinstance(part, str) else number(part)


def number(value: Decimal | int) -> Text:
    """Write a number as people do, to the digits it was given with: a comma in Danish.

    >>> number(Decimal("2.50")).da
    '2,50'
    """
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    return Text(text.replace(".", ","), text)


def moment(value: str) -> Text:
    """Write a FHIR date, dateTime or time of day as people do, in Danish time; what is vaguer than a day as it stands.

    >>> moment("2026-03-10T08:30:00Z").da
    '10.3.2026 kl. 9.30'
    """
    if "T" in value:
        try:
            day, clock = parse_datetime(value).astimezone(DENMARK).isoformat().split("T")
        except OverflowError:
            return Text(value)  # The first and the last hours of the calendar are on no day in Denmark.
        return Text(f"{moment(day).da} kl. {moment(clock).da}", f"{day} {clock[:5]}")
    if ":" in value:
        return Text(value[:5].removeprefix("0").replace(":", "."), value[:5])
    if len(value) < len("2026-03-10"):
        return Text(value)
    year, month, day = value.split("-")
    return Text(f"{int(day)}.{int(month)}.{year}", value)


def joined(texts: list[Text], last: Text) -> Text:
    """Join texts as people list things; `last` stands before the last: *a, b eller c*."""
    return Text(_joined([each.da for each in texts], last.da), _joined([each.say("en") for each in texts], last.en))


def read_text(content: Json) -> Text:
    """Read `{"da": …, "en": …}`, as View and ActionGuidance write texts."""
    return Text(content["da"], content.get("en", ""))


def fhir_text(element: Json, name: str) -> Text:
    """Read an element's text with its translations (R4 `translation` extension); empty when it has none.

    What is translated into Danish was written in another language: it is the English, unless that is translated too.
    """
    text, sibling = str(element.get(name, "")), element.get(f"_{name}")
    if not sibling:
        return Text(text)
    danish, english = _translated(sibling, "da"), _translated(sibling, "en")
    return Text(danish, english or text) if danish else Text(text, english)


def unit_text(unit: Json) -> Text:
    """Read what a unit is called, of which a coding tells: its display, else its code."""
    shown = fhir_text(unit, "display")
    return shown if shown.da else Text(str(unit.get("code", "")))


def extension_text(element: Json, url: str) -> Text | None:
    """Read an extension's `valueString` with its translation; None: there is no such extension."""
    found = extension(element, url)
    return fhir_text(found, "valueString") if found is not None else None


def _translated(element: Mapping[str, Any], language: str) -> str:
    for translation in extensions(element, ehealth.TRANSLATION):
        if str(extension_value(translation, "lang")).split("-")[0] == language:
            return str(extension_value(translation, "content") or "")
    return ""


def _joined(words: list[str], last: str) -> str:
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

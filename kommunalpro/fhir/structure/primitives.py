"""The primitive types of R4: what a JSON value must be to be one of them."""

import binascii
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kommunalpro.fhir.structure.narrative import is_narrative

MAX_STRING = 1024 * 1024
MAX_EXPONENT = 308
"""R4 sets no limit to a decimal; ours is that of most systems' numbers, so that none is written out without end."""
MAX_DIGITS = 308
"""None of those has so many, and a thousand are enough for a sum or a product of two, to the last digit."""
_BEYOND: int = 10**MAX_DIGITS
_MAX_INTEGER = 2**31 - 1

# R4 says SHOULD NOT of control characters; we say no: PostgreSQL's text cannot hold NUL, and nobody can see the others.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CODE = re.compile(r"[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORD = re.compile(r"[^\s\x00-\x1f]+")
_SPACE = re.compile(r"\s+", re.ASCII)

_YEAR, _MONTH, _DAY = r"(?!0000)([0-9]{4})", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12][0-9]|3[01])"
_TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = re.compile(f"{_YEAR}(-{_MONTH}(-{_DAY})?)?")
_DATETIME = re.compile(f"{_YEAR}(-{_MONTH}(-{_DAY}(T{_TIME_OF_DAY}{_ZONE})?)?)?")
_INSTANT = re.compile(f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME_OF_DAY}{_ZONE}")
_TIME = re.compile(_TIME_OF_DAY)


@dataclass(frozen=True, slots=True)
class Primitive:
    """A primitive type: the JSON it is written as, and what it must look like in Danish and in English."""

    name: str
    json_types: tuple[type, ...]
    test: Callable[[Any], bool]
    danish: str
    english: str


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    fullmatch = pattern.fullmatch
    return lambda value: type(value) is str and fullmatch(value) is not None


def _is_word(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    """Test what is mostly one word of ASCII, which is seen without going through the pattern."""
    fullmatch = pattern.fullmatch

    def test(value: Any) -> bool:
        if type(value) is not str:
            return False
        if value.isascii() and value.isprintable() and " " not in value:
            return value != ""
        return fullmatch(value) is not None

    return test


_is_code, _is_uri = _is_word(_CODE), _is_word(_WORD)
WORDS = frozenset((_is_code, _is_uri))
"""The tests that take one word of printable ASCII for right."""


def is_string(value: Any) -> bool:
    """Tell whether a value is text with something to read in it."""
    return (
        type(value) is str
        and value != ""
        and not value.isspace()
        and len(value) <= MAX_STRING
        and (value.isprintable() or _CONTROL.search(value) is None)
    )


def _in_calendar(text: str) -> bool:
    """Tell whether a date, already of the right form, has so many days in its month."""
    day = text[8:10]
    return day <= "28" or int(day) <= monthrange(int(text[:4]), int(text[5:7]))[1]


def _is_moment(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    fullmatch = pattern.fullmatch
    return lambda value: type(value) is str and fullmatch(value) is not None and _in_calendar(value)


def _is_integer(smallest: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and smallest <= value <= _MAX_INTEGER


def _is_decimal(value: Any) -> bool:
    if type(value) is int:
        return -_BEYOND < value < _BEYOND
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        return False
    # To write it takes a fifth of the time of taking it apart, and shows of nearly every number that it is short.
    return len(str(value)) <= MAX_DIGITS or len(value.as_tuple().digits) <= MAX_DIGITS


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


def _is_base64(value: Any) -> bool:
    if type(value) is not str or not value.isascii():
        return False
    parts = _SPACE.split(value)
    try:
        data = binascii.a2b_base64("".join(parts), strict_mode=True)
    except binascii.Error:
        return False
    return data != b"" and all(len(part) % 4 == 0 for part in parts)


def _text(name: str, test: Callable[[Any], bool], danish: str, english: str) -> Primitive:
    return Primitive(name, (str,), test, danish, english)


def _whole(name: str, smallest: int, danish: str, english: str) -> Primitive:
    return Primitive(name, (int, Decimal), _is_integer(smallest), danish, english)


_DANISH_STRING = "en tekst på højst en million tegn, uden usynlige tegn"
_ENGLISH_STRING = "text of at most 1 MB, not blank, without control characters"
_DANISH_URI, _ENGLISH_URI = "en adresse uden mellemrum", "a URI without spaces"

PRIMITIVES = {
    each.name: each
    for each in (
        _text("string", is_string, _DANISH_STRING, _ENGLISH_STRING),
        _text("markdown", is_string, _DANISH_STRING, _ENGLISH_STRING),
        _text("code", _is_code, "en kode uden overflødige mellemrum", "a code: no outer or double spaces"),
        _text(
            "id",
            _matches(_ID),
            "et id på højst 64 bogstaver, tal, bindestreger og punktummer",
            "an id: 1-64 of A-Z a-z 0-9 - .",
        ),
        _text("internalId", _is_uri, "et id uden mellemrum", "an element id without spaces"),
        _text("uri", _is_uri, _DANISH_URI, _ENGLISH_URI),
        _text("url", _is_uri, _DANISH_URI, _ENGLISH_URI),
        _text("canonical", _is_uri, _DANISH_URI, _ENGLISH_URI),
        _text("oid", _matches(_OID), "et OID: urn:oid: og tal med punktum imellem", "an OID as urn:oid:1.2.3"),
        _text("uuid", _matches(_UUID), "et UUID: urn:uuid: og små bogstaver", "a UUID as urn:uuid: in lower case"),
        _text(
            "date",
            _is_moment(_DATE),
            "en dato, der findes: ÅÅÅÅ, ÅÅÅÅ-MM eller ÅÅÅÅ-MM-DD",
            "a real date: YYYY, YYYY-MM or YYYY-MM-DD",
        ),
        _text(
            "dateTime",
            _is_moment(_DATETIME),
            "en dato, der findes, evt. med klokkeslæt og tidszone",
            "a real date, or date and time with zone",
        ),
        _text(
            "instant",
            _is_moment(_INSTANT),
            "dato og klokkeslæt med sekunder og tidszone",
            "a real date and time with seconds and zone",
        ),
        _text("time", _matches(_TIME), "et klokkeslæt: TT:MM:SS", "a time of day: hh:mm:ss"),
        _text("base64Binary", _is_base64, "data i base64", "base64"),
        _text(
            "xhtml",
            is_narrative,
            "tekst i det XHTML, FHIR tillader, i et div",
            "FHIR's XHTML subset in a div (txt-1, txt-2)",
        ),
        _whole("integer", -_MAX_INTEGER - 1, "et helt tal", "a whole number of 32 bits"),
        _whole("unsignedInt", 0, "et helt tal, 0 eller større", "a whole number, 0 or more, of 31 bits"),
        _whole("positiveInt", 1, "et helt tal, 1 eller større", "a whole number, 1 or more, of 31 bits"),
        Primitive(
            "decimal",
            (int, Decimal),
            _is_decimal,
            f"et tal på højst {MAX_DIGITS} cifre, der ikke er for stort eller for tæt på nul"
            f" (eksponent fra -{MAX_EXPONENT} til {MAX_EXPONENT})",
            f"a number of at most {MAX_DIGITS} digits, with an exponent from -{MAX_EXPONENT} to {MAX_EXPONENT}",
        ),
        Primitive("boolean", (bool,), _is_boolean, "ja eller nej (true eller false)", "true or false"),
    )
}

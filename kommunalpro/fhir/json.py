"""JSON as FHIR needs it: decimals keep their digits, and nothing becomes a float."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self, TypeAlias

import msgspec

Json: TypeAlias = Mapping[str, Any]
"""One FHIR object, FHIR's camelCase keys untouched. Treated as immutable: a change makes a new dict."""

DEEPEST = 100
"""Levels of nesting. A Questionnaire of ten nested groups, with extensions, in a Bundle, has about forty."""

# The parser makes -0 an int, which has no sign; R4 has it as a decimal, and not as an integer. So it is read as one.
_MAYBE_MINUS_ZERO = re.compile(rb"-0(?=[ \t\r\n,\]}]|$)")
_TEXT_OR_MINUS_ZERO = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")|(?<![0-9eE])-0(?![0-9.eE])')
_MINUS_ZERO = "-0e00000000"
"""How it is written for the parser, so that it asks: as nobody else writes it."""


class _AsWritten(Decimal):
    """A decimal that Python would write otherwise than it was written: `0.0000001` (1E-7), `1e2` (1E+2)."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


def _read(text: str) -> Decimal:
    try:
        number = Decimal("-0" if text == _MINUS_ZERO else text)
    except InvalidOperation:
        raise ValueError("a number with an impossible exponent") from None
    return number if text == _MINUS_ZERO or str(number) == text else _AsWritten(text)


def _write(value: object) -> msgspec.Raw:
    if isinstance(value, _AsWritten):
        return msgspec.Raw(value.text)
    raise TypeError(f"Not JSON: {type(value).__name__}")


_decoder = msgspec.json.Decoder(float_hook=_read)
_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_write)
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_write, order="sorted")


def loads(text: bytes | str) -> Any:
    """Parse JSON; a number with a fraction or an exponent, and `-0`, becomes `Decimal` with its digits kept.

    Raises:
        ValueError: the text is not JSON, or is nested too deeply to be a resource.
    """
    try:
        raw = text.encode() if isinstance(text, str) else text
        value = _decoder.decode(raw)
        # Not before it is known to be JSON: in a text that does not end, every quote would be looked for an end.
        if b"-0" in raw and _MAYBE_MINUS_ZERO.search(raw):
            value = _decoder.decode(_TEXT_OR_MINUS_ZERO.sub(lambda found: found[1] or _MINUS_ZERO.encode(), raw))
        return value
    except RecursionError:
        raise ValueError(f"Nested more than {DEEPEST} levels deep") from None
    except ValueError as wrong:
        # The parser's own words, less where it is: it does not know, and says so.
        raise ValueError(f"Not valid JSON: {str(wrong).partition(' - at `')[0]}") from None


def loads_less(text: str, name: str) -> dict[str, Any]:
    """Parse an object that is known to be JSON, less what it has by one name: that is passed over, and made nothing of.

    >>> loads_less('{"a": 1.50, "b": [2]}', "b")
    {'a': Decimal('1.50')}
    """
    return {key: loads(bytes(part)) for key, part in _parts.decode(text).items() if key != name}


def dumps(value: object) -> bytes:
    """Write compact JSON; `Decimal("1.50")` becomes `1.50`.

    Raises:
        TypeError: the value holds something that JSON cannot (a float NaN is written by nobody here).
    """
    return _encoder.encode(value)


def canonical(value: object) -> bytes:
    """Write JSON in one way whatever the order of its names, to tell the same content from other content.

    >>> canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})
    True
    """
    return _sorted_encoder.encode(value)

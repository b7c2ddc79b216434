"""JSON as FHIR needs it: decimals keep their digits, and nothing becomes a float."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self, TypeAlias

import msgspec

Json: TypeAlias = Mapping[str, Any]
"""One FHIR object, FHIR's camelCase keys untouched. Treated as immutable: a change makes a new dict."""


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
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number with an impossible exponent") from None
    return number if str(number) == text else _AsWritten(text)


def _write(value: object) -> msgspec.Raw:
    if isinstance(value, _AsWritten):
        return msgspec.Raw(value.text)
    raise TypeError(f"Not JSON: {type(value).__name__}")


_decoder = msgspec.json.Decoder(float_hook=_read)
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_write)
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_write, order="sorted")


def loads(text: bytes | str) -> Any:
    """Parse JSON; a number with a fraction or an exponent becomes `Decimal` with its digits kept.

    Raises:
        ValueError: the text is not JSON, or is nested too deeply to be a resource.
    """
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"Not valid JSON: {wrong}") from None


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

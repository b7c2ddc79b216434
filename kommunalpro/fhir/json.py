"""JSON as FHIR needs it: decimals keep their digits, and nothing becomes a float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Mapping[str, Any]
"""One FHIR object, FHIR's camelCase keys untouched. Treated as immutable: a change makes a new dict."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def loads(text: bytes | str) -> Any:
    """Parse JSON; a number with a fraction or an exponent becomes `Decimal` with its digits kept.

    Raises:
        ValueError: the text is not JSON, or is nested too deeply to be a resource.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise ValueError(f"Not valid JSON: {wrong}") from None


def dumps(value: object) -> bytes:
    """Write compact JSON; `Decimal("1.50")` becomes `1.50`.

    Raises:
        TypeError: the value holds something that JSON cannot (a float NaN is written by nobody here).
    """
    return _encoder.encode(value)

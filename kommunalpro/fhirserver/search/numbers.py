"""Decimals as texts that sort as the numbers do, and what a number in a query means.

One B-tree then serves numbers, dates and words alike. Source of the meaning: R4 search.html#number.
"""

import re
from decimal import Context, Decimal

LOWEST, HIGHEST = "0", "9"
"""Before and after every number: an interval that is open."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,60}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,3})?")
_SIZES = 10_000
_LONGEST = 34
"""Digits of a number that are indexed, as many as IEEE 754's decimals have: an interval's end has 40 characters."""
_EXACT = Context(prec=200)
"""More digits than a number of a query can have, with half of its last one."""
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_AFTER_DIGITS, _BEFORE_LAST = "~", "}"
OPEN = "+"
"""Behind a number: after it and before every greater one. It sorts before digits, and after what tells two intervals
apart that begin together (`indexing.py`)."""


def number_key(number: Decimal) -> str:
    """Give a text that sorts among those of other numbers as the number itself does.

    >>> sorted([number_key(Decimal(each)) for each in ("2", "-10", "0", "1.5", "-9.5", "100")]) == [
    ...     number_key(Decimal(each)) for each in ("-10", "-9.5", "0", "1.5", "2", "100")]
    True
    """
    if not number:
        return "5"
    size = min(max(number.adjusted() + _SIZES // 2, 0), _SIZES - 1)
    digits = "".join(map(str, number.as_tuple().digits)).lstrip("0").rstrip("0")[:_LONGEST]
    magnitude = f"{size:04d}{digits}"
    return f"6{magnitude}" if number > 0 else f"4{magnitude.translate(_COMPLEMENT)}{_AFTER_DIGITS}"


def just_below(key: str) -> str:
    """Give the text that stands before a number's and after that of every lesser one.

    >>> number_key(Decimal("99.9")) < just_below(number_key(Decimal(100))) < number_key(Decimal(100))
    True
    """
    if key.endswith(_AFTER_DIGITS):
        return key[:-1] + _BEFORE_LAST
    # What was cut off may leave a zero as the last digit: the sign before it will do.
    return f"{key[:-1]}{chr(ord(key[-1]) - 1)}{_AFTER_DIGITS}"


def read_number(text: str) -> Decimal:
    """Read a number of a query.

    Raises:
        ValueError: it is none.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)


def meant_by(number: Decimal) -> tuple[Decimal, Decimal]:
    """Give the interval that a number in a query means: 100 is [99.5, 100.5), 5.40 is [5.395, 5.405).

    1e2 is [95, 105), as R4's table has it.
    """
    exponent = int(number.as_tuple().exponent)
    half = Decimal(5).scaleb(exponent - 1 if exponent <= 0 else exponent - 2)
    # Of more digits than are indexed the last of those counts: else the interval would be nothing there.
    half = max(half, Decimal(1).scaleb(number.adjusted() - _LONGEST + 1))
    return _EXACT.subtract(number, half), _EXACT.add(number, half)


def about(number: Decimal) -> tuple[Decimal, Decimal]:
    """Give the interval of `ap`: ten per cent to both sides."""
    tenth = number.copy_abs().scaleb(-1, _EXACT)
    return _EXACT.subtract(number, tenth), _EXACT.add(number, tenth)

"""One value of a query as a condition on index rows, a function for each kind of parameter; prefixes as R4 has them.

A row `i` is one index value: `i.value` to `i.high` is the interval it covers. Source: R4 search.html, "Prefixes".
"""

import re
from collections.abc import Callable
from decimal import Decimal

from kommunalpro.fhirserver.clockwork import microseconds_of
from kommunalpro.fhirserver.database import Sql
from kommunalpro.fhirserver.search.numbers import HIGHEST, LOWEST, OPEN, about, meant_by, number_key, read_number
from kommunalpro.fhirserver.search.sounds import sound_key, sounds
from kommunalpro.fhirserver.search.values import LONGEST, folded, interval

_UNIT = re.compile(r"[^|]*\|[^|]+")
PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})


class Unreadable(ValueError):
    """A value that is none of its kind; the text says what it must be."""


Comparison = Callable[[str], Sql]
"""From a value as it stands in a query to a condition on an index row `i`."""


def string_begins(value: str) -> Sql:
    """Words that begin so, in whatever case and without accents."""
    return begins(folded(value)[:LONGEST])


def string_contains(value: str) -> Sql:
    """Words that have this somewhere."""
    escaped = folded(value)[:LONGEST].replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return "i.value LIKE %s ESCAPE '!'", (f"%{escaped}%",)


def sounds_like(value: str) -> Sql:
    """Names of which words that follow each other sound so."""
    heard = sounds(value)
    if not heard:
        raise Unreadable("a name, or words of one")
    return begins(sound_key(heard)[:LONGEST])


def begins(beginning: str) -> Sql:
    """Values that begin so, to the letter."""
    return "i.value >= %s AND i.value < %s", (beginning, beginning + "\U0010ffff")


def equals(value: str) -> Sql:
    """This value."""
    return "i.value = %s", (value[:LONGEST],)


def token(value: str) -> Sql:
    """A code with or without its system; `system|` is any code of it."""
    return begins(value) if value.endswith("|") else equals(value)


def pair(first: str, second: str) -> Sql:
    """A code, and what goes with it, of one element; `system|` is any code of it, in either place."""
    if not first.endswith("|"):
        return token(f"{first}${second}")
    begun, bound = begins(first)
    if second.endswith("|"):
        return f"{begun} AND replace(i.value, %s, '') <> i.value", (*bound, f"${second}")
    end = f"${second}"
    return f"{begun} AND substr(i.value, length(i.value) - %s) = %s", (*bound, len(end) - 1, end)


def date(value: str) -> Sql:
    """A time, of which a vaguer one is a longer interval."""
    prefix, start, end = _read_date(value)
    # Of a Period that ends before it begins, which R4 lets pass within one day, nothing is inside.
    inside, bound = "i.value >= %s AND i.value < %s AND i.high > %s AND i.high <= %s", (start, end, start, end)
    return {
        "eq": (inside, bound),
        "ne": (f"NOT ({inside})", bound),
        "gt": ("i.high > %s", (end,)),
        "lt": ("i.value < %s", (start,)),
        "ge": (f"i.high > %s OR ({inside})", (end, *bound)),
        "le": (f"i.value < %s OR ({inside})", (start, *bound)),
        "sa": ("i.value >= %s", (end,)),
        "eb": ("i.high <= %s", (start,)),
        # R4 leaves open how near is near: here, when the two have a moment in common.
        "ap": ("i.value < %s AND i.high > %s", (end, start)),
    }[prefix]


def date_bound(value: str) -> Sql | None:
    """What an index of beginnings or of ends has together: what meets the comparison is among it. None: nothing is."""
    prefix, start, end = _read_date(value)
    # The index of ends has what has an end.
    ends_after, ends_before = "i.high <> '' AND i.high > %s", "i.high <> '' AND i.high <= %s"
    bounds: dict[str, Sql] = {
        "eq": ("i.value >= %s AND i.value < %s", (start, end)),
        "gt": (ends_after, (end,)),
        "lt": ("i.value < %s", (start,)),
        "ge": (ends_after, (start,)),
        "le": ("i.value < %s", (end,)),
        "sa": ("i.value >= %s", (end,)),
        "eb": (ends_before, (start,)),
        "ap": (ends_after, (start,)),
    }
    return bounds.get(prefix)


def last_updated(value: str, row: str) -> Sql:
    """When the version was written: a moment, on the resource's own row."""
    prefix, start, end = _read_date(value)
    first, last = microseconds_of(start), microseconds_of(end)
    at = f"{row}.last_updated"
    inside: Sql = (f"{at} >= %s AND {at} < %s", (first, last))
    return {
        "eq": inside,
        "ne": (f"NOT ({inside[0]})", inside[1]),
        "gt": (f"{at} >= %s", (last,)),
        "lt": (f"{at} < %s", (first,)),
        "ge": (f"{at} >= %s", (first,)),
        "le": (f"{at} < %s", (last,)),
        "sa": (f"{at} >= %s", (last,)),
        "eb": (f"{at} < %s", (first,)),
        "ap": inside,
    }[prefix]


def number(value: str, before: str = "") -> Sql:
    """A number; `before` is what stands before it in the index: a unit, or the other component."""
    prefix, text = _parted(value)
    try:
        given = read_number(text)
    except ValueError:
        raise Unreadable("a number, with a prefix or without: ge5.4") from None
    sql, keys = _of_number(prefix, given, before)
    limits = (before + LOWEST, before + HIGHEST)
    return f"i.value >= %s AND i.value <= %s AND ({sql})", (*limits, *keys)


def quantity(value: str, before: str = "") -> Sql:
    """`number`, `number|system|code` or `number||code`."""
    amount, bar, unit = value.partition("|")
    if bar and not _UNIT.fullmatch(unit):
        raise Unreadable("number, number|system|code or number||code")
    return number(amount, f"{before}{unit}|" if bar else before)


def amount_of(code: str, value: str) -> Sql:
    """A quantity of something, which stands after its code in the index."""
    if code.endswith("|"):
        raise Unreadable("a code before the $: an amount is not found by a system alone")
    return quantity(value, f"{code}$")


def _of_number(prefix: str, given: Decimal, before: str) -> Sql:
    """Low ends stand with what is before them, high ends alone."""
    exact = number_key(given)
    low, high = (number_key(each) for each in (about(given) if prefix == "ap" else meant_by(given)))
    return {
        "eq": ("i.value >= %s AND i.high < %s", (before + low, high)),
        "ne": ("NOT (i.value >= %s AND i.high < %s)", (before + low, high)),
        "gt": ("i.high > %s", (exact,)),
        "lt": ("i.value < %s", (before + exact,)),
        "ge": ("i.high >= %s", (exact,)),
        "le": ("i.value <= %s", (before + exact,)),
        "sa": ("i.value >= %s", (before + exact + OPEN,)),
        "eb": ("i.high < %s", (exact,)),
        "ap": ("i.value <= %s AND i.high >= %s", (before + high, low)),
    }[prefix]


def _read_date(value: str) -> tuple[str, str, str]:
    prefix, text = _parted(value)
    try:
        return prefix, *interval(text)
    except ValueError:
        raise Unreadable("a date or time, with a prefix or without: ge2026-01-31, 2026-01-31T08:00:00Z") from None


def _parted(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)

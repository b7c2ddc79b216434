"""What people type → the value it is. Liberal, but never guessing: what has two meanings is asked again."""

import re
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.fhir.datetime import DENMARK, in_zone, parse_datetime, to_datetime

LARGEST_INTEGER = 2**31 - 1
"""R4's integer has 32 bits."""
MOST_DIGITS = 18
"""R4 asks for no more of a decimal, and nobody measures more."""

_BLANKS = re.compile(r"[\s'\u00a0\u2009\u202f]")
_WHOLE = re.compile(r"[+-]?\d+")
_FRACTION = re.compile(r"[+-]?\d*[.,]\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_LOOKS_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ADDRESS = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)+(/\S*)?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH = {"may": "maj", "oct": "okt"}
_DIGITS_OF_DAY = re.compile(r"(\d{1,2})[\s.\-/]+(\d{1,2})[\s.\-/]+(\d{4})|(\d{2})(\d{2})(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NAMED_MONTH = re.compile(r"(\d{1,2})\.?\s*([a-zæøå]{3,9})\.?\s*(\d{4})")
_TIME_OF_DAY = re.compile(r"(?:kl\.?\s*)?(\d{1,2})(?:[.:\s]?(\d{2}))?")


class Wrong(ValueError):
    """What was typed cannot be an answer; the message says what to do, in the reader's language."""


def tidy(text: str) -> str:
    """Give a text as it is kept: line breaks as R4 has them, nothing unseen, no blanks around it."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def number(text: str, advice: str) -> Decimal:
    """Read a number as people write it, with a comma or a point. `advice` is said when it is none.

    Raises:
        Wrong: it is no number, has more digits than anybody means, or could be thousands as well as a fraction.
    """
    typed = _BLANKS.sub("", text).replace("−", "-").replace("–", "-")
    if _may_be_thousands(typed):
        raise Wrong(_("Skriv tallet uden tusindtegn, for eksempel 1250 eller 1,25."))
    if _THOUSANDS.fullmatch(typed):
        typed = typed.replace(".", "").replace(",", ".")
    elif _FRACTION.fullmatch(typed):
        typed = typed.replace(",", ".")
    elif not _WHOLE.fullmatch(typed):
        raise Wrong(advice)
    if sum(map(str.isdigit, typed)) > MOST_DIGITS:
        raise Wrong(_("Skriv tallet med færre cifre."))
    return Decimal(typed)


def whole_number(text: str, advice: str) -> int:
    """Read a whole number.

    Raises:
        Wrong: it is none, or larger than an integer may be.
    """
    value = number(text, advice)
    if value != value.to_integral_value():
        raise Wrong(advice)
    if abs(value) > LARGEST_INTEGER:
        raise Wrong(_("Tallet er for stort."))
    return int(value)


def day(text: str) -> str:
    """Read a day: 26-11-2026, 26.11.2026, 26 11 2026, 26112026, 26. november 2026, 2026-11-26. Gives a FHIR date.

    Raises:
        Wrong: it is none, or no such day exists.
    """
    typed = tidy(text).lower()
    found = _day_month_year(typed)
    if found is None:
        raise Wrong(_("Skriv datoen med dag, måned og år, for eksempel 26-11-2026."))
    try:
        return date(found[2], found[1], found[0]).isoformat()
    except ValueError:
        raise Wrong(_("Den dato findes ikke. Se efter, om dag og måned er rigtige.")) from None


def clock(text: str) -> str:
    """Read a time of day: 10.42, 10:42, 1042, kl. 10. Gives a FHIR time.

    Raises:
        Wrong: it is none.
    """
    found = _TIME_OF_DAY.fullmatch(tidy(text).lower())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise Wrong(_("Skriv klokkeslættet med timer og minutter, for eksempel 10.42."))
    return time(hour, minute).isoformat()


def moment(day_text: str, clock_text: str) -> str:
    """Read a day and a time of day in Danish time. Gives a FHIR dateTime.

    Raises:
        Wrong: one of them is missing or none.
    """
    if not day_text.strip():
        raise Wrong(_("Skriv også datoen."))
    if not clock_text.strip():
        raise Wrong(_("Skriv også klokkeslættet."))
    chosen = datetime.combine(date.fromisoformat(day(day_text)), time.fromisoformat(clock(clock_text)), DENMARK)
    return to_datetime(chosen)


def local(moment: str) -> datetime:
    """Give a FHIR dateTime with a time of day in Danish time."""
    return in_zone(parse_datetime(moment))


def address(text: str) -> str:
    """Read an address on the web; `https://` may be left out.

    Raises:
        Wrong: it is none.
    """
    typed = tidy(text)
    full = typed if "://" in typed else f"https://{typed}"
    if not _ADDRESS.fullmatch(full):
        raise Wrong(_("Skriv en adresse på nettet, for eksempel www.sundhed.dk."))
    return full


def _may_be_thousands(typed: str) -> bool:
    """1.250 is a thousand and more in Danish and little more than one in English; in English so is 1,250."""
    found = _LOOKS_LIKE_THOUSANDS.fullmatch(typed)
    return found is not None and (found[1] == "." or (get_language() or "da") == "en")


def _day_month_year(typed: str) -> tuple[int, int, int] | None:
    if found := _DIGITS_OF_DAY.fullmatch(typed):
        parts = [int(part) for part in found.groups() if part is not None]
        return parts[0], parts[1], parts[2]
    if found := _YEAR_FIRST.fullmatch(typed):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _NAMED_MONTH.fullmatch(typed):
        month = _ENGLISH.get(found[2][:3], found[2][:3])
        return (int(found[1]), _MONTHS.index(month) + 1, int(found[3])) if month in _MONTHS else None
    return None

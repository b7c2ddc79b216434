"""What may be wrong with a line, all at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.identifier import Cvr, Sor

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMATS = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d")
LONGEST_NAME = 1000


def faults_of(cells: Sequence[str], places: Mapping[str, int], width: int) -> tuple[str | None, tuple[str, ...]]:
    """Give the unit's number (None: it cannot be read) and everything that is wrong with its line.

    A row that goes over several lines has swallowed what stands on them: which units they are about, nobody can tell.
    `width` is how many cells the header has; a line's last cell, after those, is always empty.
    """
    if any("\n" in cell for cell in cells):
        return None, ("it goes on over several lines: is a quote not closed?",)
    if len(cells) != width + 1:
        # A separator within a name, or a line broken in two: what stands in which column cannot be told.
        first = next(iter(cells[places["number"] :]), "")
        return _number(first), (f"it has {len(cells) - 1} cells, the header {width}",)
    number, parent = cells[places["number"]], cells[places["parent"]]
    reasons = []
    if not _is_sor(number):
        reasons.append(f"SOR id {_quoted(number)} fails its check digit" if number else "it has no SOR id")
    if parent and not _is_parent(parent):
        reasons.append(f"the unit above, {_quoted(parent)}, fails its check digit")
    if not cells[places["name"]]:
        reasons.append("it has no name")
    if len(cells[places["name"]]) > LONGEST_NAME:
        reasons.append(f"its name is longer than {LONGEST_NAME} characters")
    if (cvr := cells[places["cvr"]]) and not _is_cvr(cvr):
        reasons.append(f"CVR number {_quoted(cvr)} is not eight digits")
    reasons += _wrong_days(cells[places["opens"]], cells[places["closes"]])
    text = "".join(cells)
    if not text.isprintable() and _UNREADABLE.search(text):
        reasons.append("it has control characters, which are no text")
    return _number(number), tuple(reasons)


def unknown_value(column: str, text: str, known: Collection[str], count: int) -> str:
    """Say of a cell that it is none of those that are known, and how many units have it."""
    units = "1 unit has it" if count == 1 else f"{count} units have it, this one first"
    return f"{column} {_quoted(text)} is none of {', '.join(sorted(known))}: {units}"


def date_of(text: str) -> date | None:
    """Read a day, with or without a time of day, as the register or a spreadsheet writes it.

    Raises:
        ValueError: it is none.

    >>> date_of("31-12-2026") == date_of("2026-12-31 00:00:00") == date_of("2026-12-31")
    True
    """
    return _day(text) if text else None


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    day = re.split(r"[ T]", text, maxsplit=1)[0]
    try:
        return date.fromisoformat(day)
    except ValueError:
        for form in _FORMATS:
            try:
                return datetime.strptime(day, form).date()  # noqa: DTZ007  (a day has no time zone)
            except ValueError:
                continue
    raise ValueError(f"{_quoted(text)} is no day")


def _wrong_days(opens: str, closes: str) -> list[str]:
    days: list[date | None] = []
    reasons = []
    for what, text in (("opens", opens), ("closes", closes)):
        try:
            days.append(date_of(text))
        except ValueError:
            reasons.append(f"it {what} on {_quoted(text)}, which is no day")
    if len(days) == 2 and days[0] and days[1] and days[1] < days[0]:
        reasons.append(f"it closes ({days[1]}) before it opens ({days[0]})")
    return reasons


def _number(text: str) -> str | None:
    return text if _is_sor(text) else None


def _is_sor(text: str) -> bool:
    try:
        Sor(text)
    except ValueError:
        return False
    return True


# Many units stand below the same.
_is_parent = lru_cache(maxsize=4096)(_is_sor)


@lru_cache(maxsize=4096)
def _is_cvr(text: str) -> bool:
    try:
        Cvr(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    """Quote a cell, which may hold anything: also a person's number, that stands in no message."""
    return repr(mask_cpr(text if len(text) <= 40 else f"{text[:40]}…"))

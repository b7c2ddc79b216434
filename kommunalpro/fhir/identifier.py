"""Danish identifiers as values: persons (CPR), health organisations (SOR), companies (CVR).

A CPR number is personal data: it is shown masked wherever it is not asked for by `digits`, and no error repeats it.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

from kommunalpro.fhir import ehealth

_CPR = re.compile(r"([0-9]{6})-?([0-9]{4})")
# In free text, with or without something between: rather too much than too little. A UUID is let be, whatever it holds.
_CPR_IN_TEXT = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?<![0-9])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:0[1-9]|1[0-2])[0-9]{2}"
    r"(?:[ \u00a0]?[-–‑][ \u00a0]?|[ \u00a0]|%20|%2D)?[0-9]{4}(?![0-9])",
    re.IGNORECASE,
)
# As some write the date too, or all of it two by two. It is a number by itself, not part of a longer one (an OID, an
# address, a list of two digits each).
_CPR_SET_APART = re.compile(
    r"(?<![\w./-])(?=[0-9]{2})(?:(?:[0-9]{2}([./-])[0-9]{2}\1[0-9]{2}[-–‑./]|[0-9]{6}\."
    r"|[0-9]{2}[ \u00a0][0-9]{2}[ \u00a0][0-9]{2}(?:[ \u00a0]?[-–‑][ \u00a0]?|[ \u00a0]))[0-9]{4}(?!\w|[./-]\d)"
    r"|(?<!\+)(?<![0-9][ \u00a0])(?P<pairs>[0-9]{2}([ \u00a0-])[0-9]{2}\3[0-9]{2}\3[0-9]{2}\3[0-9]{2})"
    r"(?!\w|[./-]\d|[ \u00a0]\d))"
)
# As nothing but a CPR number is written: not even a telephone number, of which there are many in two by two.
_CPR_WRITTEN = re.compile(r"(?<![\w./+-])[0-9]{2}([./-]?)[0-9]{2}\1[0-9]{2}[-–‑][0-9]{4}(?!\w|[./-]\d)")
# Without a date, in whichever of these ways, there is none; most texts have not so much, and are looked through once.
_SIX_DIGITS = re.compile("[0-9]{2}[-./ \u00a0]?[0-9]{2}[-./ \u00a0]?[0-9]{2}")
# The number of a place of work (P-nummer, CVR's register): ten digits too, and many begin with a date.
_OF_PLACE = re.compile(r"\bP[-–‑ ]?(?:nr|nummer|no)\b[.:]{0,2}\s*$", re.IGNORECASE)
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"[\w./-]"), re.compile(r"\w|[./-]\d")
_MODULUS_11 = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_MASKED = "xxxxxx-xxxx"
_NOT_CPR = "Not a CPR number: ten digits that begin with a date"


@dataclass(frozen=True, slots=True)
class Cpr:
    """A person's number. `digits` are the ten digits, without hyphen; `str` and `repr` are masked.

    A number is never refused for its check digit: since 2007 numbers are issued without, and must be handled.
    A replacement number (erstatningspersonnummer) has 60 added to its day.

    Source:
        The CPR office's table of centuries, by the seventh digit and the year.

    >>> Cpr.parse("251248-9996")
    Cpr(xxxxxx-xxxx)
    >>> Cpr.parse("251248-9996").birth_date
    datetime.date(1948, 12, 25)
    """

    digits: str = field(repr=False)

    system: ClassVar[str] = ehealth.CPR

    def __post_init__(self) -> None:
        if re.fullmatch("[0-9]{10}", self.digits) is None:
            raise ValueError(_NOT_CPR)
        _birth_date(self.digits)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as people write it, with or without hyphen.

        Raises:
            ValueError: it cannot be a CPR number; the message does not repeat it.
        """
        match = _CPR.fullmatch(text.strip())
        if match is None:
            raise ValueError(_NOT_CPR)
        return cls(match[1] + match[2])

    @property
    def birth_date(self) -> date:
        """The date of birth that the number tells. Of a replacement number it is a claim, no more."""
        return _birth_date(self.digits)

    @property
    def is_replacement(self) -> bool:
        """Tell whether it is a replacement number, given to somebody without a CPR number."""
        return self.digits[0] > "3"

    @property
    def sex(self) -> Literal["female", "male"]:
        """The sex that the number tells, as FHIR's AdministrativeGender: the last digit is odd for men."""
        return "male" if int(self.digits[9]) % 2 else "female"

    @property
    def passes_modulus_11(self) -> bool:
        """Tell whether the check digit fits. For information only: numbers that fail are as good."""
        return sum(int(digit) * weight for digit, weight in zip(self.digits, _MODULUS_11, strict=True)) % 11 == 0

    def to_fhir(self) -> dict[str, Any]:
        """Give the number as a FHIR Identifier, unmasked."""
        return {"use": "official", "system": self.system, "value": self.digits}

    def __str__(self) -> str:
        """Give the mask: a number slips into a text only by `digits`."""
        return _MASKED

    def __repr__(self) -> str:
        return f"Cpr({_MASKED})"


def _birth_date(digits: str) -> date:
    day, month, year, seventh = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day - 60 if day > 60 else day)
    except ValueError:
        raise ValueError(_NOT_CPR) from None


def mask_cpr(text: str, masked: str = _MASKED) -> str:
    """Mask everything in a text that looks like a CPR number, for logs and audit; `masked` stands there instead.

    Rather too much than too little: any ten digits that begin with a day and a month, with or without hyphen or space,
    and whatever `names_cpr` finds.

    >>> mask_cpr("Nancy (251248-9996) er 77")
    'Nancy (xxxxxx-xxxx) er 77'
    """
    if _SIX_DIGITS.search(text) is None:
        return text
    in_a_row = _CPR_IN_TEXT.sub(lambda match: match["uuid"] or masked, text)
    return _CPR_SET_APART.sub(lambda match: match[0] if match["pairs"] and not _is_apart(match) else masked, in_a_row)


def names_cpr(text: str) -> bool:
    """Tell whether a text holds a CPR number, to refuse what everybody may read.

    Rather too little than too much, unlike `mask_cpr`: the date exists, and ten digits in a row stand by themselves,
    not in a longer number or an address, as a document's do, nor are they said to be a P-nummer. The date may be
    written with dots, slashes, hyphens or spaces, or all of it two by two (`25 12 48 99 96`), where it is no series
    (`08 09 10 11 12`). Modulus 11 is not asked for: numbers are issued without.

    >>> names_cpr("Ring til Nancy (251248-9996)"), names_cpr("Vejledning 310248-9996"), names_cpr("1.2.2512489996")
    (True, False, False)
    """
    return any(map(_is_apart, _CPR_SET_APART.finditer(text))) or any(
        _is_cpr(match) for match in _CPR_IN_TEXT.finditer(text)
    )


def is_written_as_cpr(text: str) -> bool:
    """Tell whether a text holds a CPR number as nothing else is written: a date that exists, a hyphen, four digits.

    For what mostly is another number: a telephone's, an identifier of whichever system. Ten digits alone, or two by
    two, are those of telephones in Sweden and France, of a P-nummer, and of many a system's own: not sure, and let be.

    >>> is_written_as_cpr("251248-9996"), is_written_as_cpr("25/12/48-9996"), is_written_as_cpr("2512489996")
    (True, True, False)
    """
    return any(_reads(match[0]) for match in _CPR_WRITTEN.finditer(text))


def address_names_cpr(url: str) -> bool:
    """Tell whether an address holds a CPR number between two of its marks, to refuse what everybody may follow.

    Neither ten digits of its path nor part of a page's name is one: pages have such ids.

    >>> address_names_cpr("https://pro.example/251248-9996/plan"), address_names_cpr("https://sst.example/2512489996")
    (True, False)
    """
    return any(_is_cpr(match) and _stands_alone(match) for match in _CPR_IN_TEXT.finditer(url))


def _stands_alone(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    return not (re.match(r"[\w.-]", text[max(0, start - 1) : start]) or re.match(r"[\w.-]", text[end : end + 1]))


def _is_cpr(match: re.Match[str]) -> bool:
    found, text, (start, end) = match[0], match.string, match.span()
    is_in_longer = _JOINED_BEFORE.match(text[max(0, start - 1) : start]) or _JOINED_AFTER.match(text[end : end + 2])
    is_another = is_in_longer or _OF_PLACE.search(text[max(0, start - 12) : start])
    return not (match["uuid"] or (is_another and len(found) == 10)) and _reads(found)


def _is_apart(match: re.Match[str]) -> bool:
    """Two by two, numbers that go on as they began are what can be chosen from, or when somewhere is open."""
    numbers = [int(each) for each in re.findall("[0-9]{2}", match["pairs"] or "")]
    is_series = len({later - earlier for earlier, later in pairwise(numbers)}) == 1
    return _reads(match[0]) and not is_series


def _reads(found: str) -> bool:
    """Tell whether the digits of a text can be somebody's number; `%20` within holds none of them."""
    digits = re.sub("[^0-9]", "", found.replace("%20", "").replace("%2D", "").replace("%2d", ""))
    try:
        Cpr(digits)
    except ValueError:
        return False
    return True


# Verhoeff: multiplication in the dihedral group of order 10, and the permutation by place.
_D5 = tuple(
    tuple(
        (row + column) % 5 + (5 if (row < 5) != (column < 5) else 0)
        if row < 5
        else (row - column) % 5 + (5 if column < 5 else 0)
        for column in range(10)
    )
    for row in range(10)
)
_FIRST_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permuted(times: int) -> tuple[int, ...]:
    digits = tuple(range(10))
    for _ in range(times):
        digits = tuple(_FIRST_PERMUTATION[digit] for digit in digits)
    return digits


_PERMUTATIONS = tuple(_permuted(times) for times in range(8))


def passes_verhoeff(digits: str) -> bool:
    """Tell whether the last of some digits is the Verhoeff check digit of the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _D5[check][_PERMUTATIONS[place % 8][int(digit)]]
    return check == 0


@dataclass(frozen=True, slots=True)
class Sor:
    """The id of an organisation in the health service's register: 6 to 18 digits, the last a Verhoeff check digit.

    It is text, never a number: spreadsheets round it.

    >>> str(Sor("634491000016008"))
    '634491000016008'
    """

    digits: str

    system: ClassVar[str] = ehealth.SOR

    def __post_init__(self) -> None:
        if re.fullmatch(r"[1-9][0-9]{5,17}", self.digits) is None or not passes_verhoeff(self.digits):
            raise ValueError("Not a SOR id: 6 to 18 digits with a check digit that fits")

    def to_fhir(self) -> dict[str, Any]:
        """Give the id as a FHIR Identifier."""
        return {"system": self.system, "value": self.digits}

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, slots=True)
class Cvr:
    """A company's or authority's number in the central business register: eight digits, the first never 0.

    The check digit is not looked at: the register issues numbers without, as CPR does.
    """

    digits: str

    system: ClassVar[str] = ehealth.CVR

    def __post_init__(self) -> None:
        if re.fullmatch(r"[1-9][0-9]{7}", self.digits) is None:
            raise ValueError("Not a CVR number: eight digits")

    def to_fhir(self) -> dict[str, Any]:
        """Give the number as a FHIR Identifier."""
        return {"system": self.system, "value": self.digits}

    def __str__(self) -> str:
        return self.digits

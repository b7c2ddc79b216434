"""Danish identifiers as values: persons (CPR), health organisations (SOR), companies (CVR).

A CPR number is personal data: it is shown masked wherever it is not asked for by `digits`, and no error repeats it.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal, Self

from kommunalpro.fhir import ehealth

_CPR = re.compile(r"([0-9]{6})-?([0-9]{4})")
_MODULUS_11 = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
MASKED = "xxxxxx-xxxx"
"""What people read where a CPR number is not asked for."""
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
        return MASKED

    def __repr__(self) -> str:
        return f"Cpr({MASKED})"


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

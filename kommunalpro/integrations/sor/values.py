"""What a line of the file says, as frozen values."""

from dataclasses import dataclass
from datetime import date

from msgspec import Struct


class Address(Struct, frozen=True):
    """A Danish address; parts that are not known are empty. A Struct, for there are three in a line."""

    street: str
    building: str
    floor: str
    suite: str
    code: str
    city: str

    @property
    def line(self) -> str:
        """Street, house, floor and door as one line.

        >>> Address("Skolegade", "4", "2", "tv", "8000", "Aarhus C").line
        'Skolegade 4, 2. tv'
        """
        floor = f"{self.floor}." if self.floor.isdecimal() else self.floor
        parts = (f"{self.street} {self.building}".strip(), f"{floor} {self.suite}".strip())
        return ", ".join(part for part in parts if part)


class SorUnit(Struct, frozen=True):
    """One unit of the register.

    `kind` is its place in the register's tree (IO owner, SI or HI institution, OE or IE unit) and `type` what it does,
    in the register's words. `parent` is the number of the unit above; None: it is at the top. `opens` and `closes` are
    the first and the last day; None: it has always been there, or no end is known. Addresses are as the register
    inherits them, None where nobody above has one either.
    """

    line: int
    number: str
    name: str
    kind: str
    type: str
    parent: str | None
    cvr: str | None
    region: str | None
    municipality: str | None
    opens: date | None
    closes: date | None
    postal: Address | None
    visiting: Address | None
    activity: Address | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line. `number` is the unit's, None when that is what cannot be read.

    `is_skipped` False: the unit goes in, without what the fault is about.
    """

    line: int
    number: str | None
    reasons: tuple[str, ...]
    is_skipped: bool = True

    def __str__(self) -> str:
        about = f" ({self.number})" if self.number else ""
        return f"line {self.line}{about}: {'; '.join(self.reasons)}"

"""The demo's forty citizens: names that nobody bears, CPR numbers that nobody can have, and how they are getting on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_GIVEN = (
    "Birk",
    "Viol",
    "Asp",
    "Hyld",
    "Pil",
    "Rose",
    "Gran",
    "Timian",
    "Ask",
    "Lyng",
    "Ene",
    "Kamille",
    "Bøg",
    "Malva",
)
_FAMILY = ("Mosefryd", "Klitlærke", "Bakkeblik", "Fjordnip", "Engstjerne", "Skovtåge", "Havgnist", "Hedeflint", "Åbrus")

COURSES = ("improving", "worsening", "steady-good", "steady-low", "wavering")
"""How a citizen gets on over three months."""


@dataclass(frozen=True, slots=True)
class DemoCitizen:
    """One citizen: `number` 0 is Nancy, 1 is Tjørn, both well-known test persons; the others are made up."""

    number: int
    cpr: str
    given: str
    family: str
    team: str
    course: str

    def level(self, progress: float) -> float:
        """Say how well they are (0 to 1) at a point of the three months (0 to 1)."""
        match self.course:
            case "improving":
                return 0.1 + 0.75 * progress
            case "worsening":
                return 0.85 - 0.75 * progress
            case "steady-good":
                return 0.95
            case "steady-low":
                return 0.25
            case _:
                return 0.55 + (0.25 if round(progress * 6) % 2 else -0.25)


def demo_citizens() -> Iterator[DemoCitizen]:
    """Give all forty: most in the first team, so that its worklist looks like a real one."""
    yield DemoCitizen(0, "2512489996", "Nancy Ann", "Berggren", "nord", "worsening")
    yield DemoCitizen(1, "2910534703", "Tjørn Egon", "Simonsen", "nord", "improving")
    for number in range(2, 40):
        given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number * 5 % len(_FAMILY)]
        team = "syd" if number % 4 == 3 else "hjerte" if number % 8 == 6 else "nord"
        yield DemoCitizen(number, _cpr(number), given, family, team, COURSES[number % len(COURSES)])


def _cpr(number: int) -> str:
    """Give a number that fails modulus 11 and is not born on 1 January: no living person has it."""
    born = date(1938, 2, 3) + timedelta(days=number * 331)
    if (born.month, born.day) == (1, 1):
        born += timedelta(days=1)
    for serial in range(1000 + number * 37, 4000):
        digits = f"{born:%d%m%y}{serial:04d}"
        if sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11:
            return digits
    raise AssertionError("one in eleven serials passes, so one of the first two fails")

"""The traffic light: how much something asks for attention."""

from collections.abc import Iterable
from enum import Enum
from operator import attrgetter

_SEVERITY = {"red": 3, "yellow": 2, "not-assessed": 1, "green": 0}


class Light(Enum):
    """red > yellow > not assessed > green: the worst decides, and what is not known is never green.

    `severity` is how pressing it is, 3 (red) to 0 (green).
    """

    RED = "red"
    YELLOW = "yellow"
    NOT_ASSESSED = "not-assessed"
    GREEN = "green"

    __hash__ = object.__hash__  # Each is one object, and Enum's own takes ten times as long.

    def __init__(self, code: str) -> None:
        self.severity = _SEVERITY[code]

    @property
    def code(self) -> str:
        """The code in resources, views and pages."""
        return self.value


def worst(lights: Iterable[Light]) -> Light:
    """Give the most pressing of some lights; of none, not assessed."""
    return max(lights, key=attrgetter("severity"), default=Light.NOT_ASSESSED)

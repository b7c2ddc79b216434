"""The traffic light: how much something asks for attention."""

from collections.abc import Iterable
from enum import Enum


class Light(Enum):
    """red > yellow > not assessed > green: the worst decides, and what is not known is never green."""

    RED = "red"
    YELLOW = "yellow"
    NOT_ASSESSED = "not-assessed"
    GREEN = "green"

    @property
    def code(self) -> str:
        """The code in resources, views and pages."""
        return self.value

    @property
    def severity(self) -> int:
        """How pressing, 3 (red) to 0 (green)."""
        return _SEVERITY[self]


_SEVERITY = {Light.RED: 3, Light.YELLOW: 2, Light.NOT_ASSESSED: 1, Light.GREEN: 0}


def worst(lights: Iterable[Light]) -> Light:
    """Give the most pressing of some lights; of none, not assessed."""
    return max(lights, key=lambda light: light.severity, default=Light.NOT_ASSESSED)

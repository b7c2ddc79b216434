"""An expression that had no result for these answers, and what is then done, in words for staff.

The rule: a question whose condition cannot be evaluated is asked, since asking too much is safe and hiding is not; a
calculated answer that cannot be computed is none, and what depends on it is in doubt and asked too. The light is at
best *not assessed*: what the answers mean is not known in full. A red or yellow light stays what it is.
"""

from dataclasses import dataclass

from kommunalpro.pro.item import Item
from kommunalpro.pro.text import Text

_ASKED = Text(
    "Det kunne ikke afgøres, om {name} skulle stilles, og spørgsmålet er stillet. {why}",
    "Whether to ask {name} could not be told, and it is asked. {why}",
)
_COMPUTED = Text("{name} kunne ikke beregnes. {why}", "{name} could not be computed. {why}")


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, at which path."""

    path: str
    link_id: str
    text: Text


def condition_failed(path: str, item: Item, why: Text) -> Failure:
    """Say that the condition of an item could not be evaluated."""
    return Failure(path, item.link_id, _ASKED.fill(name=item.name, why=why))


def calculation_failed(path: str, item: Item, why: Text) -> Failure:
    """Say that an answer could not be computed."""
    return Failure(path, item.link_id, _COMPUTED.fill(name=item.name, why=why))

"""What the demo's citizens answer: between the two golden answer sets, by how well they are at the time.

Level 0 is the citizen of `smerter-og-daarlig-soevn`, level 1 the one of `god-hverdag`. Each topic of each citizen leans
a little its own way, so that a page shows more than one colour.
"""

from collections.abc import Mapping
from typing import Any

from kommunalpro.config.publishing import DEFINITIONS
from kommunalpro.fhir.json import Json, loads

_POLES = ("smerter-og-daarlig-soevn", "god-hverdag")
_FOLDER = "hverdagen-med-kronisk-sygdom"


def poles() -> tuple[Mapping[str, list[Json]], Mapping[str, list[Json]]]:
    """Give the answers of level 0 and of level 1."""
    low, high = (loads((DEFINITIONS / _FOLDER / "golden" / f"{name}.json").read_bytes())["answers"] for name in _POLES)
    return low, high


def answers_at(level: float, citizen: int) -> dict[str, list[Json]]:
    """Give the answers of a citizen who is this well (0 to 1); answers to disabled questions are left to the engine."""
    low, high = poles()
    return {
        link_id: _between(low.get(link_id), high.get(link_id), _leaning(level, citizen, link_id))
        for link_id in {**low, **high}
    }


def _leaning(level: float, citizen: int, link_id: str) -> float:
    """Move the level by at most 0.3 either way, the same for all questions of a topic."""
    topic = link_id.split("-")[0]
    lean = (sum(map(ord, topic)) * 7 + citizen * 13) % 7 / 10 - 0.3
    return min(1.0, max(0.0, level + lean))


def _between(low: Any, high: Any, level: float) -> list[Json]:
    """Whole numbers are taken in between, everything else from the nearer pole.

    What the better pole was not asked about (cigarettes, pain in the way) goes down to nothing on the way there.
    """
    if low and "valueInteger" in low[0]:
        worst, best = low[0]["valueInteger"], high[0]["valueInteger"] if high else 0
        return [{"valueInteger": round(worst + (best - worst) * level)}]
    if not low or not high:
        return list(low or high)
    return list(high if level >= 0.5 else low)

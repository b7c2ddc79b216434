"""What the demo's citizens answer: between the two golden answer sets, by how well they are at the time.

Level 0 is the citizen of `smerter-og-daarlig-soevn`, level 1 the one of `god-hverdag`. Each topic of each citizen leans
its own way, moves its own way over the months, and has its ups and downs, so that no two curves are the same. All of it
is arithmetic on the citizen's number: the demo is the same every time.
"""

from collections.abc import Mapping
from typing import Any

from kommunalpro.config.publishing import DEFINITIONS
from kommunalpro.fhir.json import Json, loads

_POLES = ("smerter-og-daarlig-soevn", "god-hverdag")
_FOLDER = "hverdagen-med-kronisk-sygdom"
_WISHES = "samtale-emner"
_TOPICS = ("trivsel", "smerte", "soevn", "bevaegelse", "tobak", "arbejdsliv", "samtale")
_CODES = {"tobak": "tobak-alkohol"}
_VOLUNTARY = ("kost-groent", "netvaerk-hjaelp", "soevn-traethed")
_LOW_ENOUGH = 0.45
"""Below this level a topic is something that a citizen wants to talk about."""


def poles() -> tuple[Mapping[str, list[Json]], Mapping[str, list[Json]]]:
    """Give the answers of level 0 and of level 1."""
    low, high = (loads((DEFINITIONS / _FOLDER / "golden" / f"{name}.json").read_bytes())["answers"] for name in _POLES)
    return low, high


def answers_at(level: float, citizen: int, progress: float) -> dict[str, list[Json]]:
    """Give the answers of a citizen who is this well (0 to 1) at a point of the three months (0 to 1).

    Answers to disabled questions are left to the engine.
    """
    low, high = poles()
    answers = {
        link_id: _between(low.get(link_id), high.get(link_id), _leaning(level, citizen, _topic(link_id), progress))
        for link_id in {**low, **high}
        if link_id not in (_WISHES, _skipped(citizen))
    }
    wishes = _wishes(low[_WISHES][0], level, citizen, progress)
    return {**answers, _WISHES: wishes} if wishes else answers


def _wishes(example: Json, level: float, citizen: int, progress: float) -> list[Json]:
    """Give what the citizen wants to talk about: the topics that are worst now, at most three."""
    levels = sorted((_leaning(level, citizen, topic, progress), topic) for topic in _TOPICS)
    chosen = [topic for value, topic in levels if value < _LOW_ENOUGH][: 1 + citizen % 3]
    system = example["valueCoding"]["system"]
    return [{"valueCoding": {"system": system, "code": _CODES.get(topic, topic)}} for topic in chosen]


def _skipped(citizen: int) -> str:
    """Give the question that one citizen in four would rather not answer; empty: they answer all."""
    return _VOLUNTARY[citizen // 4 % len(_VOLUNTARY)] if citizen % 4 == 2 else ""


def _topic(link_id: str) -> str:
    return link_id.split("-")[0]


def _leaning(level: float, citizen: int, topic: str, progress: float) -> float:
    """Move the level for one topic: by where it stands, which way it goes, and how it is today."""
    seed = sum(map(ord, topic)) * 7 + citizen * 13
    stands = seed % 7 / 10 - 0.3
    goes = (seed % 5 / 5 - 0.4) * (progress - 0.5)
    today = (seed + round(progress * 12) * 11) % 5 / 20 - 0.1
    return min(1.0, max(0.0, level + stands + goes + today))


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

"""How a score is computed, as a View or an instrument declares it. Reading and checking; computing is `scoring.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from kommunalpro.fhir.json import Json
from kommunalpro.pro.content import decimal
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.text import Text, read_text

Direction = Literal["high-is-better", "high-is-worse"]
Values = Mapping[str, Decimal | None]
"""Code or number of an answer → what it counts; None: as if it were not answered."""


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a score's scale, both ends included. `light` not assessed: the band has a name (`text`) alone."""

    low: Decimal
    high: Decimal
    light: Light = Light.NOT_ASSESSED
    text: Text | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a score can be, both ends included."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Added:
    """Added to the total, once, when what any item counts compares so with `value`."""

    add: Decimal
    operator: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class MinimalChange:
    """The least change that is important, and who has found it; a smaller one may be chance."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class ScoreDefinition:
    """How a score is computed: `factor` × (sum or mean of its items) ÷ `divisor` + `offset`.

    What an item counts is its number, or what `values` says of it; `reversed` items count from the other end of their
    own scale. `added` comes on top of the sum or mean; `table` None: it is not looked up. `at_least`: how many items
    must be answered. `is_prorated`: a sum over fewer is scaled up to all. `decimals` None: it is not rounded.
    `minimal_change` None: none is known.
    """

    id: str
    title: Text
    method: Literal["sum", "mean"]
    items: tuple[str, ...]
    reversed: frozenset[str]
    factor: Decimal
    offset: Decimal
    scale: Scale
    direction: Direction
    at_least: int
    bands: tuple[Band, ...]
    source: str
    values: Mapping[str, Values] = field(default_factory=dict)
    added: tuple[Added, ...] = ()
    table: Mapping[Decimal, Decimal] | None = None
    divisor: Decimal = Decimal(1)
    decimals: int | None = None
    is_prorated: bool = False
    minimal_change: MinimalChange | None = None

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def carries_rule(self) -> bool:
        """Whether it has lights at all; a score without only tells a number."""
        return any(band.light is not Light.NOT_ASSESSED for band in self.bands)

    def light_of(self, value: Decimal | None) -> Light:
        """Give the light of a value. Between two bands the worse of them holds; outside all: not assessed."""
        if value is None:
            return Light.NOT_ASSESSED
        return worst(self._lights_of(value) or self._lights_around(value))

    def is_in_band(self, value: Decimal) -> bool:
        """Tell whether a value lies in a band, and not between two or outside all."""
        return bool(self._lights_of(value))

    def _lights_of(self, value: Decimal) -> list[Light]:
        return [band.light for band in self.bands if band.low <= value <= band.high]

    def _lights_around(self, value: Decimal) -> list[Light]:
        around = (pair for pair in pairwise(self.bands) if pair[0].high < value < pair[1].low)
        return [band.light for pair in around for band in pair]


def read_score(score: Json) -> ScoreDefinition:
    """Read a score whose form the schema has checked."""
    items = tuple(score["items"])
    return ScoreDefinition(
        id=score["id"],
        title=read_text(score["title"]),
        method=score["method"],
        items=items,
        reversed=frozenset(score.get("reversed", ())),
        factor=decimal(score.get("factor", 1)),
        offset=decimal(score.get("offset", 0)),
        scale=Scale(decimal(score["scale"]["low"]), decimal(score["scale"]["high"])),
        direction=score["direction"],
        at_least=_at_least(score["missing"], len(items)),
        bands=tuple(sorted((_band(each) for each in score["bands"]), key=lambda band: band.low)),
        source=score["source"],
        values={item: _values(values) for item, values in score.get("values", {}).items()},
        added=tuple(
            Added(decimal(each["add"]), each["operator"], decimal(each["value"])) for each in score.get("added", ())
        ),
        table=_table(score["table"]) if "table" in score else None,
        divisor=decimal(score.get("divisor", 1)),
        decimals=score.get("decimals"),
        is_prorated=score["missing"].get("prorated", False),
        minimal_change=_minimal_change(score.get("minimalImportantChange")),
    )


def _at_least(missing: Json, items: int) -> int:
    if missing["rule"] == "half":
        return (items + 1) // 2
    return items if missing["rule"] == "all" else int(missing["answered"])


def _band(band: Json) -> Band:
    return Band(
        low=decimal(band["low"]),
        high=decimal(band["high"]),
        light=Light(band["light"]) if "light" in band else Light.NOT_ASSESSED,
        text=read_text(band["text"]) if "text" in band else None,
        source=band.get("source", ""),
    )


def _values(values: Json) -> Values:
    return {key: None if value is None else decimal(value) for key, value in values.items()}


def _table(table: Json) -> Mapping[Decimal, Decimal]:
    return {decimal(raw): decimal(value) for raw, value in table.items()}


def _minimal_change(change: Json | None) -> MinimalChange | None:
    return None if change is None else MinimalChange(decimal(change["value"]), change["source"])

"""What an activity measures, in which unit, and which alarm a limit is of.

Source: ConceptMaps activitydefinition-code-to-observation-code and conceptmap-obs-code-to-ucum of the guide, made into
data by scripts/generate_codes.py; `fut.md` 2.6.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fut.at_hand import codings_in_guide
from kommunalpro.fut.terminology import Key

Level = Literal["red", "yellow"]
LIMIT_TYPES: Mapping[Level, Key] = {"red": (ehealth.MEDCOM, "RAL"), "yellow": (ehealth.MEDCOM, "GAL")}
"""Level of alarm → the type of a reference range that holds its limits."""
RELATIVE_LIMIT_TYPES: Mapping[Level, Key] = {
    "red": (ehealth.REFERENCE_RANGE_TYPES, "RELRAL"),
    "yellow": (ehealth.REFERENCE_RANGE_TYPES, "RELGAL"),
}
"""The same, where the limits are relative to a value that is the citizen's own."""


def level_of(type: Any) -> Level | None:
    """Give the level of alarm whose limits a reference range holds, by its type; None: those of none."""
    given = set(keys(type))
    return next(
        (level for table in (LIMIT_TYPES, RELATIVE_LIMIT_TYPES) for level, code in table.items() if code in given), None
    )


def observables() -> tuple[Json, ...]:
    """Give what an activity can measure, as codings: what the guide's list has, by which its code is checked too."""
    return codings_in_guide(ehealth.OBSERVATION_CODES)


def measured_by(activity: Json) -> frozenset[Key]:
    """Give the codes of the Observations that an activity, or a request of it, asks for: its own, or its parts."""
    own = frozenset(keys(activity.get("code")))
    return own | {part for each in own for part in _codes("parts").get(each, ())}


def unit_of(code: Key) -> str | None:
    """Give the UCUM code in which something is measured; None: it has none, or FUT does not say."""
    return next((unit for system, unit in _codes("units").get(code, ())), None)


def _codes(what: str) -> Mapping[Key, tuple[Key, ...]]:
    return _table()[what]


@cache
def _table() -> dict[str, dict[Key, tuple[Key, ...]]]:
    table = loads(resources.files("kommunalpro.fut.data").joinpath("observations.json").read_bytes())
    return {what: {_key(code): tuple(map(_key, to)) for code, to in each.items()} for what, each in table.items()}


def _key(text: str) -> Key:
    system, _, code = text.rpartition("|")
    return system, code

"""The tables that `scripts/generate_structure.py` writes from HL7's R4 definitions.

`types.json`:

- `resources`: the resource types that can be validated; `known`: all resource types of R4.
- `primitives`: primitive type → R4's regex, kept for the tests: the checks themselves are in `primitives.py`.
- `types`: type or path of a nested element → its elements. Key `""` names the type it extends. An element is
  `[min, max, types, value set]`: max 0 is any number, -1 none; types are words (`boolean Reference(Patient,Group)`,
  `#Patient.contact` for a nested element); a value set is there only when its binding is required and it can be
  enumerated.

`codes.json`: `codes`: value set → system → codes; `skipped`: value sets with a required binding that R4 leaves to
others (MIME types, currencies), and which are therefore not checked.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kommunalpro.fhir.json import loads


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type. `maximum` None means any number; a name that ends in `[x]` is a choice."""

    name: str
    minimum: int
    maximum: int | None
    types: tuple[str, ...]
    value_set: str | None

    @property
    def is_array(self) -> bool:
        """Tell whether JSON writes the element as an array."""
        return self.maximum != 1

    @property
    def is_choice(self) -> bool:
        """Tell whether the element's JSON name carries its type (`valueString`)."""
        return self.name.endswith("[x]")

    @property
    def path_name(self) -> str:
        """The element's name in FHIRPath, which for a choice is without its type."""
        return self.name.removesuffix("[x]")

    def json_names(self) -> dict[str, str]:
        """Give every JSON name the element can have, with the type that it then holds."""
        if not self.is_choice:
            return {self.name: self.types[0]}
        return {self.path_name + code[:1].upper() + code.partition("(")[0][1:]: code for code in self.types}


@cache
def _table(name: str) -> Any:
    return loads(files("kommunalpro.fhir.structure").joinpath(name).read_bytes())


@cache
def resource_types() -> frozenset[str]:
    """Give the resource types that can be validated."""
    return frozenset(_table("types.json")["resources"])


@cache
def known_resource_types() -> frozenset[str]:
    """Give all resource types of R4."""
    return frozenset(_table("types.json")["known"])


@cache
def known_types() -> frozenset[str]:
    """Give all types of R4: of resources and of data, and what they extend."""
    table = _table("types.json")
    of_data = (name for name in table["types"] if "." not in name)
    return frozenset({*table["known"], *table["primitives"], *of_data})


def primitive_regexes() -> dict[str, str]:
    """Give R4's own regex of each primitive type; empty when it has none."""
    return dict(_table("types.json")["primitives"])


def lineage(type_name: str) -> tuple[str, ...]:
    """Give a type and everything it extends, the nearest first."""
    parent = _table("types.json")["types"][type_name].get("")
    return (type_name, *(lineage(parent) if parent else ()))


@cache
def elements(type_name: str) -> tuple[Element, ...]:
    """Give the elements of a type or nested element, inherited ones first. Elements a profile forbids are left out."""
    types = _table("types.json")["types"]
    rows: dict[str, list[Any]] = {}
    for each in reversed(lineage(type_name)):
        rows |= types[each]
    return tuple(_read(name, row) for name, row in rows.items() if name and row[1] != -1)


def _read(name: str, row: list[Any]) -> Element:
    value_set = row[3] if len(row) > 3 else None
    return Element(name, row[0], row[1] or None, tuple(row[2].split()), value_set)


@cache
def codes(value_set: str) -> frozenset[str]:
    """Give the codes of an enumerated value set, whatever their system."""
    return frozenset(code for found in _table("codes.json")["codes"][value_set].values() for code in found)


@cache
def codings(value_set: str) -> frozenset[tuple[str, str]]:
    """Give the (system, code) pairs of an enumerated value set."""
    systems = _table("codes.json")["codes"][value_set]
    return frozenset((system, code) for system, found in systems.items() for code in found)


def skipped_value_sets() -> frozenset[str]:
    """Give the value sets with a required binding that nobody can enumerate."""
    return frozenset(_table("codes.json")["skipped"])

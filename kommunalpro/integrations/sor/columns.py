"""Which column of the file is what: by the names in its header, from a mapping that is data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import loads


class ColumnsMissing(ValueError):
    """The file lacks columns; the message names all of them."""


class MappingBroken(ValueError):
    """A mapping is not as `columns.json` is."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A mapping: field → the names that its column may have. `status` says whether anybody has checked them.

    `values`: of a field whose cells are of few kinds, those that are known; another is told of, and goes in.
    """

    status: str
    reason: str
    names: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    values: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, content: bytes) -> "Columns":
        """Read a mapping of one's own, of the same shape as `columns.json`; what it leaves out is as there.

        Raises:
            MappingBroken: it cannot be read, or knows fields that there are not.
        """
        try:
            own = _parsed(loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise MappingBroken(f"The mapping of columns cannot be read: {wrong}") from None
        ours = standard()
        if unknown := sorted(set(own.names) - set(ours.names)):
            raise MappingBroken(f"The mapping of columns has fields that there are not: {', '.join(unknown)}")
        kept = {field for field in ours.optional if field not in own.names}
        names, values = {**ours.names, **own.names}, {**ours.values, **own.values}
        return Columns(own.status, own.reason, names, own.optional | kept, values)

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Give where each field stands in a line; an optional one that is not there stands after the last.

        Raises:
            ColumnsMissing: names every column that is not there.
        """
        places = {name.strip().casefold(): place for place, name in reversed(list(enumerate(header)))}
        found = {
            field: next((places[name.casefold()] for name in names if name.casefold() in places), None)
            for field, names in self.names.items()
        }
        missing = [field for field, place in found.items() if place is None and field not in self.optional]
        if missing:
            wanted = ", ".join(f"{field} ({' or '.join(self.names[field])})" for field in missing)
            known = f"The names are {self.status}: {self.reason}" if self.status != "verified" else ""
            raise ColumnsMissing(f"The file has no column for: {wanted}.\nIt has: {_shown(header)}.\n{known}".rstrip())
        return {field: len(header) if place is None else place for field, place in found.items()}


@cache
def standard() -> Columns:
    """Give the mapping that comes with the program."""
    return _parsed(loads(resources.files(__package__).joinpath("columns.json").read_bytes()))


def _shown(header: Sequence[str]) -> str:
    """Give the names of a header; of what is no such file at all, not much."""
    return ", ".join(mask_cpr(name[:60]) if name.isprintable() else ascii(name[:20]) for name in header[:60]) or "none"


def _parsed(given: Any) -> Columns:
    columns = given["columns"]
    return Columns(
        str(given.get("status", "unverified")),
        str(given.get("reason", "")),
        {field: tuple(map(str, each["names"])) for field, each in columns.items()},
        frozenset(field for field, each in columns.items() if each.get("optional")),
        {field: frozenset(map(str, each["values"])) for field, each in columns.items() if "values" in each},
    )

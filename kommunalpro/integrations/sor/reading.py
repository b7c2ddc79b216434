"""The file as units: looked through once for what is wrong, then given one by one, with addresses inherited.

Nothing of a unit is kept but its number and that of the unit above, so that a file of any length fits.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kommunalpro.integrations.sor.checking import date_of, faults_of, unknown_value
from kommunalpro.integrations.sor.columns import Columns, standard
from kommunalpro.integrations.sor.rows import read_rows
from kommunalpro.integrations.sor.tree import above, cycles
from kommunalpro.integrations.sor.values import Address, Fault, SorUnit

_PARTS = ("street", "building", "floor", "suite", "code", "city")


@dataclass(frozen=True, slots=True)
class Overview:
    """What a file is about. `parents` has every unit's number, and that of the unit above it, in the file's order.

    `skipped` are lines that cannot be taken, `named_there` the numbers that are read in them all the same, and
    `unidentified` how many of them do not say which unit they are about. `addresses` are those that others inherit.
    """

    parents: Mapping[str, str | None]
    faults: tuple[Fault, ...]
    skipped: frozenset[int]
    named_there: frozenset[str]
    unidentified: int
    addresses: Mapping[str, Address] = field(repr=False)

    def postal(self, number: str) -> Address | None:
        """Give the postal address of the nearest unit above that has one of its own."""
        return next((found for each in above(self.parents, number) if (found := self.addresses.get(each))), None)


@dataclass(frozen=True, slots=True)
class SorFile:
    """A daily file on disk; `columns` says what its columns are called."""

    path: Path
    columns: Columns = field(default_factory=standard)

    def overview(self, told: Callable[[int], object] = lambda lines: None) -> Overview:
        """Look through the whole file; `told` hears how many lines are done.

        Raises:
            ColumnsMissing: columns are missing; names all of them.
            OSError: it cannot be read.
        """
        parents: dict[str, str | None] = {}
        lines: dict[str, int] = {}
        faults: list[Fault] = []
        lacking: set[str] = set()
        kinds: Counter[str] = Counter()
        first: dict[str, tuple[int, str]] = {}
        for line, cells, places, width in self._rows():
            told(line)
            number, reasons = faults_of(cells, places, width)
            if number in parents:
                reasons = (*reasons, f"the unit stands on line {lines[number]} already")
            if reasons or number is None:
                faults.append(Fault(line, number, reasons))
                continue
            parents[number], lines[number] = cells[places["parent"]] or None, line
            kinds[kind := cells[places["kind"]]] += 1
            first.setdefault(kind, (line, number))
            if not _address(cells, places, "postal"):
                lacking.add(number)
        skipped = frozenset(fault.line for fault in faults)
        for number in cycles(parents):
            reason = f"it stands below itself ({parents[number]}): it goes to the top"
            faults.append(Fault(lines[number], number, (reason,), is_skipped=False))
            parents[number] = None
        faults += self._unknown_kinds(kinds, first)
        named = frozenset(fault.number for fault in faults if fault.number and fault.is_skipped)
        unidentified = sum(fault.number is None for fault in faults)
        faults.sort(key=lambda fault: fault.line)
        inherited = self._addresses(_givers(parents, lacking), skipped) if lacking else {}
        return Overview(parents, tuple(faults), skipped, named, unidentified, inherited)

    def units(self, overview: Overview) -> Iterator[SorUnit]:
        """Give the units that can be taken, in the file's order."""
        for line, cells, places, _ in self._rows():
            if line not in overview.skipped:
                yield _unit(line, cells, places, overview)

    def _unknown_kinds(self, kinds: Counter[str], first: Mapping[str, tuple[int, str]]) -> Iterator[Fault]:
        """Tell once of each kind of unit that nobody knows: they go in, for nothing goes by it."""
        known, column = self.columns.values["kind"], self.columns.names["kind"][0]
        for kind, count in kinds.items():
            if kind and kind not in known:
                yield Fault(*first[kind], (unknown_value(column, kind, known, count),), is_skipped=False)

    def _rows(self) -> Iterator[tuple[int, list[str], dict[str, int], int]]:
        try:
            rows = read_rows(self.path)
            _, header = next(rows, (0, []))
            places = self.columns.places(header)
            for line, cells in rows:
                # The last cell is that of columns which are not there.
                yield line, [*cells, ""], places, len(header)
        except csv.Error as wrong:
            raise OSError(f"it is no CSV file {wrong}") from None

    def _addresses(self, numbers: frozenset[str], skipped: frozenset[int]) -> dict[str, Address]:
        return {
            cells[places["number"]]: address
            for line, cells, places, _ in self._rows()
            if line not in skipped and cells[places["number"]] in numbers
            if (address := _address(cells, places, "postal"))
        }


def _givers(parents: Mapping[str, str | None], lacking: set[str]) -> frozenset[str]:
    """Give whose postal address others inherit: of each that lacks one, the nearest above that has its own."""
    found = (next((each for each in above(parents, number) if each not in lacking), None) for number in lacking)
    return frozenset(number for number in found if number is not None)


def _unit(line: int, cells: list[str], places: Mapping[str, int], overview: Overview) -> SorUnit:
    number = cells[places["number"]]
    postal = _address(cells, places, "postal") or overview.postal(number)
    # The register's rules: one visits where the post goes, and works where one visits (danish-domain 4.2).
    visiting = _address(cells, places, "visiting") or postal
    return SorUnit(
        line,
        number,
        cells[places["name"]],
        cells[places["kind"]],
        cells[places["type"]],
        overview.parents[number],
        cells[places["cvr"]] or None,
        cells[places["region"]] or None,
        cells[places["municipality"]] or None,
        date_of(cells[places["opens"]]),
        date_of(cells[places["closes"]]),
        postal,
        visiting,
        _address(cells, places, "activity") or visiting,
    )


def _address(cells: list[str], places: Mapping[str, int], which: str) -> Address | None:
    # Of the three addresses most lines have one.
    if not cells[places[f"{which}_street"]] and not cells[places[f"{which}_code"]]:
        return None
    return Address(*[cells[places[f"{which}_{part}"]] for part in _PARTS])

"""The file of units: what its columns are, what may be wrong, and the units one by one.

Source: the file is ours, docs/reference/fk-organisation-file.md.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from uuid import UUID

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.identifier import Cvr, Sor

COLUMNS = ("uuid", "name", "parent_uuid", "type", "cvr", "sor_id", "active_from", "active_to")
TYPES = ("Organisation", "OrganisationEnhed")
LONGEST_NAME = 1000
_LINE_END = re.compile(r"\r\n|\r|\n")


class NotThisFile(ValueError):
    """The file is not as documented; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class FkUnit:
    """One unit: an authority (`Organisation`) or a part of it. `closes` is its last day; None: no end is known."""

    line: int
    uuid: str
    name: str
    parent: str | None
    type: str
    cvr: str | None
    sor: str | None
    opens: date | None
    closes: date | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line. `number` is the unit's UUID, None when that is what cannot be read.

    `is_skipped` False: the unit goes in, without what the fault is about.
    """

    line: int
    number: str | None
    reasons: tuple[str, ...]
    is_skipped: bool = True

    def __str__(self) -> str:
        about = f" ({self.number})" if self.number else ""
        return f"line {self.line}{about}: {'; '.join(self.reasons)}"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a file is about: every unit's UUID with that of the unit above it, and what is wrong."""

    parents: Mapping[str, str | None]
    faults: tuple[Fault, ...]
    skipped: frozenset[int]
    named_there: frozenset[str]
    unidentified: int


@dataclass(frozen=True, slots=True)
class FkFile:
    """A file on disk."""

    path: Path

    def overview(self, told: Callable[[int], object] = lambda lines: None) -> Overview:
        """Look through the whole file; `told` hears how many lines are done.

        Raises:
            NotThisFile: columns are missing, all of which are named; or it is no text.
            OSError: it cannot be read.
        """
        found = _Found()
        for line, cells in self._rows():
            told(line)
            found.take(line, cells)
        found.cut_circles()
        skipped = frozenset(fault.line for fault in found.faults if fault.is_skipped)
        named = frozenset(fault.number for fault in found.faults if fault.number and fault.is_skipped)
        unidentified = sum(fault.number is None for fault in found.faults)
        in_order = tuple(sorted(found.faults, key=lambda fault: fault.line))
        return Overview(found.parents, in_order, skipped, named, unidentified)

    def units(self, overview: Overview) -> Iterator[FkUnit]:
        """Give the units that can be taken, in the file's order."""
        for line, cells in self._rows():
            if line not in overview.skipped:
                yield _unit(line, cells, overview)

    def _rows(self) -> Iterator[tuple[int, dict[str, str | None]]]:
        last = 0
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as stream:
                header = stream.readline()
                separator = ";" if header.count(";") >= header.count(",") else ","
                reader = csv.reader(chain([header], stream), delimiter=separator)
                names = next(reader, [])
                missing = [name for name in COLUMNS if name not in names]
                if missing:
                    wanted = ", ".join(missing)
                    raise NotThisFile(f"The file has no column for: {wanted}. Columns are separated by ; or ,")
                last = reader.line_num
                for row in reader:
                    first, last = last + 1, reader.line_num
                    if row:
                        yield first, _by_name(names, row)
        except UnicodeDecodeError:
            raise NotThisFile(f"Line {self._not_utf_8()} is not in UTF-8: save the file as CSV in UTF-8") from None
        except csv.Error as wrong:
            raise NotThisFile(f"It is no CSV file from line {last + 1} on: {wrong}; is a quote not closed?") from None

    def _not_utf_8(self) -> int:
        with self.path.open("rb") as stream:
            lines = enumerate(stream, 1)
            return next(number for number, line in lines if line.decode(errors="ignore").encode() != line)


def _by_name(names: list[str], row: list[str]) -> dict[str, str | None]:
    """Give the cells of a row; None: it has too few. `more`: what is beyond the header."""
    cells = {**dict.fromkeys(names), **dict(zip(names, row, strict=False))}
    return {**cells, "more": ";".join(row[len(names) :])} if len(row) > len(names) else cells


def _breaks(cell: str | None) -> int:
    """Count the ends of lines within a cell."""
    return len(_LINE_END.findall(cell or ""))


@dataclass(slots=True)
class _Found:
    """What has been seen of a file so far."""

    parents: dict[str, str | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def take(self, line: int, cells: Mapping[str, str | None]) -> None:
        if any(map(_breaks, cells.values())):
            # It has swallowed what stands on them: which units they are about, nobody can tell.
            self.faults.append(Fault(line, None, ("it goes on over several lines: is a quote not closed?",)))
            return
        uuid, reasons = _cell(cells, "uuid").lower(), _faults(cells)
        if uuid in self.parents:
            reasons.append(f"the unit stands on line {self.lines[uuid]} already")
        if reasons:
            self.faults.append(Fault(line, uuid if _is_uuid(uuid) else None, tuple(reasons)))
        else:
            self.parents[uuid], self.lines[uuid] = _cell(cells, "parent_uuid").lower() or None, line

    def cut_circles(self) -> None:
        """A unit that stands below itself goes to the top, and is told of."""
        settled: set[str] = set()
        for uuid in self.parents:
            path: list[str] = []
            each: str | None = uuid
            while each is not None and each in self.parents and each not in settled and each not in path:
                path.append(each)
                each = self.parents[each]
            if each is not None and each in path:
                reason = f"it stands below itself ({self.parents[each]}): it goes to the top"
                self.faults.append(Fault(self.lines[each], each, (reason,), is_skipped=False))
                self.parents[each] = None
            settled.update(path)


def _unit(line: int, cells: Mapping[str, str | None], overview: Overview) -> FkUnit:
    uuid = _cell(cells, "uuid").lower()
    return FkUnit(
        line,
        uuid,
        _cell(cells, "name"),
        overview.parents[uuid],
        _cell(cells, "type"),
        _cell(cells, "cvr") or None,
        _cell(cells, "sor_id") or None,
        _day(_cell(cells, "active_from")),
        _day(_cell(cells, "active_to")),
    )


def _faults(cells: Mapping[str, str | None]) -> list[str]:
    if "more" in cells or any(value is None for value in cells.values()):
        return ["it has not as many cells as the header"]
    uuid, parent, name = _cell(cells, "uuid"), _cell(cells, "parent_uuid"), _cell(cells, "name")
    checks = (
        (_is_uuid(uuid), f"uuid {mask_cpr(uuid[:40])!r} is no UUID"),
        (not parent or _is_uuid(parent), f"parent_uuid {mask_cpr(parent[:40])!r} is no UUID"),
        (bool(name), "it has no name"),
        (len(name) <= LONGEST_NAME, f"its name is longer than {LONGEST_NAME} characters"),
        (all(map(str.isprintable, map(str, cells.values()))), "it has control characters, which are no text"),
        (_cell(cells, "type") in TYPES, f"type is not {' or '.join(TYPES)}"),
        (_is_right(Cvr, _cell(cells, "cvr")), "cvr is not eight digits"),
        (_is_right(Sor, _cell(cells, "sor_id")), "sor_id fails its check digit"),
        *((_is_right(_day, _cell(cells, name)), f"{name} is no day (2026-12-31)") for name in COLUMNS[-2:]),
    )
    reasons = [reason for is_right, reason in checks if not is_right]
    if not reasons and (to := _day(_cell(cells, "active_to"))) and to < (_day(_cell(cells, "active_from")) or to):
        reasons.append("active_to is before active_from")
    return reasons


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and _is_right(UUID, text)


def _is_right(kind: Callable[[str], object], text: str) -> bool:
    """Tell whether a cell is empty, or of a kind."""
    try:
        kind(text) if text else None
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _cell(cells: Mapping[str, str | None], name: str) -> str:
    return (cells[name] or "").strip()

"""From a file to its lines as cells: two encodings, two separators, and spreadsheets' way of quoting numbers."""

import csv
from collections.abc import Iterator
from pathlib import Path

_BOM = "\ufeff"


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give (number of its first line, cells) of each row, the header first; empty rows are passed over.

    Raises:
        OSError: the file cannot be read.
        csv.Error: it is no such file; says from which line on.
    """
    with path.open("rb") as stream:
        lines = map(_decoded, stream)
        header = next(lines, "").removeprefix(_BOM)
        separator = ";" if header.count(";") >= header.count(",") else ","
        reader, last = csv.reader(_again(header, lines), delimiter=separator), 0
        try:
            for cells in reader:
                first, last = last + 1, reader.line_num
                if any(cells):
                    yield first, [_plain(cell) if cell[:1] == "=" else cell.strip() for cell in cells]
        except csv.Error as wrong:
            raise csv.Error(f"from line {last + 1} on: {wrong}; is a quote not closed?") from None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _decoded(line: bytes) -> str:
    """Each line by itself: a file that is put together from two encodings is read all the same."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _plain(cell: str) -> str:
    """Take away what keeps a spreadsheet from reading a number as one: `="634491000016008"`."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell.strip()

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import typer

from kommunalpro.config import wiring
from kommunalpro.config.failure import CommandFailed
from kommunalpro.config.progress import Bar
from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.organizations import registers
from kommunalpro.fut.organizations.importing import Event, Tell, import_register
from kommunalpro.fut.organizations.registers import Overview, Register, Wanted
from kommunalpro.integrations.fk_organisation import FkFile, NotThisFile
from kommunalpro.integrations.sor import Columns, ColumnsMissing, MappingBroken, SorFile

MOST_TOLD = 50
"""Events of a kind that are told one by one; a report has them all."""

WITH_FAULTS = 3
"""Exit code: done, but for lines that are faulty, or units that the file lacks. A nightly job looks at nothing else."""

_QUIET = frozenset({"new", "changed", "unchanged"})
_WORDS = {
    "new": ("new", "new"),
    "changed": ("changed", "changed"),
    "closed": ("closed", "closed"),
    "reopened": ("open again", "open again"),
    "unchanged": ("unchanged", "unchanged"),
    "kept": ("not following the register", "not following the register"),
    "disagreement": ("disagreement", "disagreements"),
    "remark": ("remark", "remarks"),
    "fault": ("fault", "faults"),
}
"""What one event of a kind is called, and what several are."""

File = Annotated[Path, typer.Argument(help="The register's CSV file.")]
Mapping = Annotated[
    Path | None, typer.Option("--columns", help="A mapping of one's own for the file's columns (JSON).")
]
Report = Annotated[
    Path | None, typer.Option("--report", help="Write everything that was found and done to a CSV file.")
]
Many = Annotated[bool, typer.Option("--close-many", help="Close what the file no longer has, however many they are.")]


def import_sor(file: File, columns: Mapping = None, report: Report = None, close_many: Many = False) -> None:
    """Bring organisations in from SOR's open daily file. The same file again changes nothing.

    Exit code 3 when lines were faulty: they are told, and skipped; or when too many units are missing to be closed.
    """
    wiring.check_base_url()
    with _told(file):
        read = SorFile(file, Columns.read(_content(columns))) if columns else SorFile(file)
        overview = read.overview(_counted("Checking"))
        _bring_in(
            registers.SOR,
            file,
            overview,
            lambda: registers.from_sor(read.units(overview), _today()),
            report,
            close_many,
        )


def import_fk_organisation(file: File, report: Report = None) -> None:
    """Bring organisations in from a file of FK Organisation's units. The same file again changes nothing.

    Exit code 3 when lines were faulty: they are told, and skipped.
    """
    wiring.check_base_url()
    read = FkFile(file)
    with _told(file):
        overview = read.overview(_counted("Checking"))
        _bring_in(
            registers.STS_ORG, file, overview, lambda: registers.from_fk(read.units(overview), _today()), report, False
        )


def _bring_in(
    register: Register,
    file: Path,
    overview: Overview,
    units: Callable[[], Iterator[Wanted]],
    report: Path | None,
    closes_many: bool,
) -> None:
    if not (overview.parents or overview.faults):
        raise CommandFailed(f"{file.name}: it has no units; is it whole? Nothing was stored.")
    bar = Bar()
    with _telling(report) as tell, wiring.server().session(SYSTEM, now=wiring.clock().now()) as session:
        counts = import_register(
            session,
            register,
            overview,
            units(),
            file=f"{file.name} sha256 {_sha256(file)}",
            tell=tell,
            progress=lambda done, total: bar("Importing", done, total),
            closes_many=closes_many,
        )
    _sum_up(counts, report)


def _sum_up(counts: Counter[str], report: Path | None) -> None:
    for kind, count in counts.items():
        if kind not in _QUIET and count > MOST_TOLD and report is None:
            typer.echo(f"… and {_number_of(kind, count - MOST_TOLD, 'more ')}: --report FILE has them all.")
    told = [_number_of(kind, counts[kind]) for kind in _WORDS if counts[kind]]
    typer.echo(f"Imported: {', '.join(told) or 'nothing'}.")
    if counts["fault"]:
        raise typer.Exit(WITH_FAULTS)


def _number_of(kind: str, count: int, more: str = "") -> str:
    one, several = _WORDS[kind]
    return f"{count} {more}{one if count == 1 else several}"


@contextmanager
def _telling(report: Path | None) -> Iterator[Tell]:
    """Print what matters as it is found, the first of each kind, and write everything to the report."""
    told: Counter[str] = Counter()

    def say(event: Event) -> None:
        told[event.kind] += 1
        if event.kind not in _QUIET and told[event.kind] <= MOST_TOLD:
            about = " ".join(part for part in (event.number, event.name) if part)
            typer.echo(mask_cpr(f"{event.kind}: {': '.join(part for part in (about, event.detail) if part)}"))

    if report is None:
        yield say
        return
    with _written(report):
        # Line by line: when there is no room for one, nothing has been stored yet.
        stream = report.open("w", encoding="utf-8", newline="", buffering=1)
    rows = csv.writer(stream, delimiter=";")

    def write(event: Event) -> None:
        with _written(report):
            rows.writerow((event.kind, event.number, mask_cpr(event.name), mask_cpr(event.detail)))
        say(event)

    try:
        with _written(report):
            rows.writerow(("kind", "number", "name", "detail"))
        yield write
    finally:
        with _written(report):
            stream.close()


@contextmanager
def _written(report: Path) -> Iterator[None]:
    """Say of a report that cannot be written just that."""
    try:
        yield
    except OSError as wrong:
        raise CommandFailed(f"{report} cannot be written: {wrong.strerror or wrong}") from None


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say in one line what keeps a file from being read."""
    try:
        yield
    except (ColumnsMissing, MappingBroken, NotThisFile) as wrong:
        raise CommandFailed(f"{file.name}: {wrong}") from None
    except OSError as wrong:
        raise CommandFailed(f"{wrong.filename or file} cannot be read: {wrong.strerror or wrong}") from None


def _content(columns: Path) -> bytes:
    try:
        return columns.read_bytes()
    except OSError as wrong:
        raise CommandFailed(f"{columns} cannot be read: {wrong.strerror}") from None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _counted(label: str) -> Callable[[int], None]:
    """Give what shows every ten thousandth line: how many there will be is not known."""
    bar = Bar()

    def told(lines: int) -> None:
        if lines % 10_000 == 0:
            bar(label, lines, lines)

    return told


def _today() -> date:
    return wiring.clock().now().astimezone(DENMARK).date()

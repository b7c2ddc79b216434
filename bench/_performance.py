"""What was measured goes into docs/reference/performance.md: the figures, the machine, the day, and how."""

import platform
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "performance.md"
_TITLE = """# Performance

What the store costs, next to the least that the same rows can cost on the same database in the same run. A ratio means
the same on every machine; milliseconds hold for the one they were measured on. Each section is written by the
measurement that it names; what was tried, and why it is as it is, stands in `bench/README.md`.
"""


@dataclass(frozen=True)
class Measured:
    """Medians in milliseconds of what we do and of its floor, and the ratio floor / ours in each stretch of the run."""

    ours: float
    floor: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How near to the floor: 0.50 is half as fast."""
        return self.floor / self.ours

    @property
    def cells(self) -> tuple[str, ...]:
        """Ours, the floor, the ratio, and the lowest and highest ratio of a stretch, for a table."""
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        return f"{self.ours:.2f}", f"{self.floor:.2f}", f"{self.ratio:.2f}", spread

    def __str__(self) -> str:
        ours, floor, ratio, spread = self.cells
        return f"{ours} ms, floor {floor} ms, ratio {ratio} ({spread})"


def write_section(room: str, method: str, table: list[tuple[str, ...]]) -> None:
    """Put a measurement into the document in place of its last one; the table's first row is its head."""
    head, *rows = table
    lines = [f"## {room}", "", f"`make {room}`, {time.strftime('%Y-%m-%d')}, {machine()}.", "", method.strip(), ""]
    lines += [_row(head), _row(tuple("---" for _ in head)), *(_row(each) for each in rows), ""]
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else _TITLE
    kept = re.sub(rf"\n## {re.escape(room)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL)
    DOCUMENT.write_text(kept.rstrip() + "\n\n" + "\n".join(lines), encoding="utf-8")


def machine() -> str:
    """Name the machine by what matters: processors, memory, system, Python, PostgreSQL."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").count("processor\t")
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"))[1]) // 1024 // 1024  # type: ignore[index]
    postgres = subprocess.run(("psql", "--version"), capture_output=True, text=True, check=False).stdout.split()  # noqa: S607
    return (
        f"{cpus} processors, {memory} GB, {platform.system()} {platform.machine()}, Python {platform.python_version()},"
        f" PostgreSQL {postgres[2] if len(postgres) > 2 else 'unknown'}"
    )


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"

"""The clock: the one place that asks what time it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time; everything below takes it as an argument."""

    def now(self) -> datetime:
        """Give the time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  (this is the Clock)


class SetClock:
    """A time that somebody has set: for a single process, in tests and when demo data is made."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class FileClock:
    """The time that a file says, for all processes of a demo or a test; the machine's while the file is empty."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        """Give the file's instant (`2026-11-24T10:00:00+01:00`).

        Raises:
            ValueError: the file holds something else than an instant with its zone.
        """
        text = self.path.read_text(encoding="ascii").strip() if self.path.exists() else ""
        if not text:
            return SystemClock().now()
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(f"{self.path}: an instant needs its zone")
        return moment.astimezone(UTC)

"""What the system has read in one unit of work, so that it is not read again; whoever writes makes it forget."""

from dataclasses import dataclass, field
from typing import Any

from kommunalpro.fhirserver.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Current:
    """The current version of a resource as it was read, with what a new version must follow."""

    resource: dict[str, Any] = field(repr=False)
    version: int
    last_updated: int


@dataclass(slots=True)
class Known:
    """Current rows, and stamps, by type and id."""

    rows: dict[tuple[str, str], Current] = field(default_factory=dict)
    stamps: dict[tuple[str, str], Stamp] = field(default_factory=dict)

    def forget(self, type: str, id: str) -> None:
        """A new version was written."""
        self.rows.pop((type, id), None)
        self.stamps.pop((type, id), None)

    def clear(self) -> None:
        """What was written has been rolled back."""
        self.rows.clear()
        self.stamps.clear()

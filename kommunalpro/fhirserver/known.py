"""What has been read in one unit of work, so that it is not read again; whoever writes makes it forget."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhirserver.access import Filter
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.stamp import Stamp

Referring = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]
"""Some rows, by type and id; and of which types, by which parameter, what refers to them was looked for."""


@dataclass(frozen=True)
class Current:
    """The current version of a resource as it was read, with what a new version must follow.

    `text` is its JSON, parsed when somebody wants it: of many it is only asked whether they may be seen, and most are
    answered as they are stored. `patient` is the id of whose it is, empty: nobody's; None: the row was not asked.
    """

    text: str = field(repr=False)
    version: int
    last_updated: int
    patient: str | None = None

    @property
    def meta(self) -> dict[str, Any]:
        """What the server says of the version in `Resource.meta`."""
        return {"versionId": str(self.version), "lastUpdated": to_instant(from_microseconds(self.last_updated))}

    @cached_property
    def resource(self) -> dict[str, Any]:
        """The resource itself, the same for everybody who asks."""
        found: dict[str, Any] = loads(self.text)
        return found


@dataclass(slots=True)
class Known:
    """Current rows, and stamps, by type and id. `seen` are the rows that the user themself was let see.

    `referred` is what refers to some rows, by their type and ids and by how it was looked for; `referring` are the
    stamps of what refers to one.

    `pinned` are the stamps of versions by their numbers, which are for ever.

    `coming` is what this unit of work writes together: of what another names, it may not be there yet.

    `noted`: the version of each row that the trail already names as read by the system.

    `last` is what was written, or read as a version, last, with its text as the database has it. `has_context`: that
    the user may have their context has been looked at. `held`: who may, and nothing has been written since. `presumed`
    is a condition by which the unit of work goes, and which is looked at when it ends.
    """

    rows: dict[tuple[str, str], Current] = field(default_factory=dict)
    stamps: dict[tuple[str, str], Stamp] = field(default_factory=dict)
    pinned: dict[tuple[str, str, int] | None, Stamp] = field(default_factory=dict)
    referred: dict[Referring, list[Current]] = field(default_factory=dict)
    referring: dict[tuple[tuple[str, str], tuple[str, str]], list[Stamp]] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    coming: set[tuple[str, str]] = field(default_factory=set)
    noted: dict[tuple[str, str], int] = field(default_factory=dict)
    last: tuple[Json, str | bytes] | None = field(default=None, repr=False)
    has_context: bool = False
    held: Principal | None = field(default=None, repr=False)
    presumed: Filter | None = None

    def forget(self, type: str, id: str) -> None:
        """A new version was written; who may see what may be another matter after it."""
        self.rows.pop((type, id), None)
        self.stamps.pop((type, id), None)
        self.referred = {
            asked: found for asked, found in self.referred.items() if not any(each[0] == type for each in asked[1])
        }
        self.referring = {asked: found for asked, found in self.referring.items() if asked[1][0] != type}
        self.seen.clear()
        self.held = None

    def clear(self) -> None:
        """What was written has been rolled back."""
        self.rows.clear()
        self.stamps.clear()
        self.pinned.clear()
        self.referred.clear()
        self.referring.clear()
        self.seen.clear()
        self.noted.clear()
        self.held = None

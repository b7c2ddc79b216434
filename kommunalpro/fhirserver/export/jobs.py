"""Exports as rows: what was asked, by whom, and how far it has come. Files and rows agree at every commit."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhirserver.database import change, is_postgresql, rows
from kommunalpro.fhirserver.export.order import Order
from kommunalpro.fhirserver.principal import Context, Principal

log = logging.getLogger(__name__)

UNREADABLE = "This version of the server cannot read what was asked for; ask anew"
_COLUMNS = "id, principal, wanted, request, asked_at, until, complete_to, finished_at, parts, error"


@dataclass(frozen=True, slots=True)
class Part:
    """One file: the resources of a type, or which of them were deleted. `last` is the id that it has come to."""

    type: str
    is_deletions: bool = False
    count: int = 0
    size: int = 0
    last: str = ""
    is_done: bool = False

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.type}-deleted.ndjson" if self.is_deletions else f"{self.type}.ndjson"


@dataclass(frozen=True, slots=True)
class Job:
    """One export; times are the store's microseconds, 0 means not yet.

    It shows everything as it was at `until`, and has certainly all that was changed up to `complete_to`. `error` says
    why it ended without.
    """

    id: str
    principal: Principal
    order: Order
    request: str = field(repr=False)
    asked_at: int
    until: int = 0
    complete_to: int = 0
    finished_at: int = 0
    parts: tuple[Part, ...] = ()
    error: str = ""

    @property
    def count(self) -> int:
        """How many resources are written."""
        return sum(part.count for part in self.parts if not part.is_deletions)

    def with_part(self, part: Part) -> "Job":
        """Give the job with one part further on."""
        parts = tuple(part if each.name == part.name else each for each in self.parts)
        return replace(self, parts=parts)


def add(job: Job) -> None:
    """Keep a new job."""
    change(
        f"INSERT INTO fhir_export ({_COLUMNS}, owner) VALUES (%s, %s, %s, %s, %s, 0, 0, 0, '[]', '', %s)",
        (job.id, _written_principal(job.principal), _text(asdict(job.order)), job.request, job.asked_at, _owner(job)),
    )


def find(id: str, principal: Principal) -> Job | None:
    """Find somebody's own job; anybody else's is not there.

    One that another version has written, and this one cannot read, has ended with an error: its files are not known.
    """
    found = rows(f"SELECT {_COLUMNS} FROM fhir_export WHERE id = %s AND owner = %s", (id, principal.user))
    if not found:
        return None
    try:
        return _read(found[0])
    except (AttributeError, KeyError, TypeError, ValueError):
        log.exception("Export %s cannot be read", id)
        return _unreadable(found[0], principal)


def count_unfinished(principal: Principal) -> int:
    """Count the exports that somebody waits for."""
    return int(rows("SELECT count(*) FROM fhir_export WHERE owner = %s AND finished_at = 0", (principal.user,))[0][0])


def is_any_unfinished() -> bool:
    """Tell whether somebody waits for an export; of what others do, nobody is held up by this question."""
    return bool(rows("SELECT 1 FROM fhir_export WHERE finished_at = 0 LIMIT 1"))


def take() -> str | None:
    """Give the id of the oldest unfinished job, held until the transaction ends; None: there is none for us.

    SQLite needs no lock: a transaction is the only writer as it is.
    """
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    found = rows(f"SELECT id FROM fhir_export WHERE finished_at = 0 ORDER BY asked_at, id LIMIT 1{lock}")
    return str(found[0][0]) if found else None


def read(id: str) -> Job:
    """Read a job that there is."""
    return _read(rows(f"SELECT {_COLUMNS} FROM fhir_export WHERE id = %s", (id,))[0])


def save(job: Job) -> None:
    """Keep how far a job has come."""
    change(
        "UPDATE fhir_export SET until = %s, complete_to = %s, finished_at = %s, parts = %s, error = %s WHERE id = %s",
        (job.until, job.complete_to, job.finished_at, _text([asdict(part) for part in job.parts]), job.error, job.id),
    )


def end(id: str, moment: int, error: str) -> None:
    """End a job without what was asked for, and keep why."""
    change("UPDATE fhir_export SET finished_at = %s, error = %s WHERE id = %s", (moment, error, id))


def remove(id: str) -> None:
    """Forget a job; waits for the batch that is being written."""
    change("DELETE FROM fhir_export WHERE id = %s", (id,))


def remove_older(moment: int) -> None:
    """Forget jobs that were finished before a moment, or asked for before it and still are not."""
    change("DELETE FROM fhir_export WHERE CASE WHEN finished_at > 0 THEN finished_at ELSE asked_at END < %s", (moment,))


def exists(id: str) -> bool:
    """Tell whether there is such a job."""
    return bool(rows("SELECT 1 FROM fhir_export WHERE id = %s", (id,)))


def _owner(job: Job) -> str:
    return job.principal.user


def _written_principal(principal: Principal) -> str:
    return _text(
        {
            "user": principal.user,
            "user_type": principal.user_type,
            "privileges": sorted(principal.privileges),
            "context": asdict(principal.context),
            "system_tags": sorted(principal.system_tags),
        }
    )


def _read_principal(text: str) -> Principal:
    kept: Mapping[str, Any] = loads(text)
    return Principal(
        user=kept["user"],
        user_type=kept["user_type"],
        privileges=frozenset(kept["privileges"]),
        context=Context(**kept["context"]),
        system_tags=frozenset(kept["system_tags"]),
    )


def _read_order(text: str) -> Order:
    kept: Mapping[str, Any] = loads(text)
    filters = tuple((type, query) for type, query in kept["filters"])
    return Order(kept["patients_only"], tuple(kept["types"]), kept["since"], filters)


def _read(row: tuple[Any, ...]) -> Job:
    id, principal, wanted, request, asked_at, until, complete_to, finished_at, parts, error = row
    return Job(
        id=id,
        principal=_read_principal(principal),
        order=_read_order(wanted),
        request=request,
        asked_at=asked_at,
        until=until,
        complete_to=complete_to,
        finished_at=finished_at,
        parts=tuple(Part(**each) for each in loads(parts)),
        error=error,
    )


def _unreadable(row: tuple[Any, ...], principal: Principal) -> Job:
    id, _, _, request, asked_at, _, _, finished_at, _, error = row
    return Job(
        id, principal, Order(), request, asked_at, finished_at=finished_at or asked_at, error=error or UNREADABLE
    )


def _text(value: object) -> str:
    return dumps(value).decode()

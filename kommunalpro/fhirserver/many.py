"""Many resources in one unit of work: found by whose numbers they have, read together, written in batches.

For whoever brings a whole register. Checks, rules, versions, index rows and the audit are those of one resource at a
time; nothing read here is kept for later, so that memory does not grow with the register.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from django.db import connection
from psycopg.errors import DeadlockDetected

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, PreconditionFailed
from kommunalpro.fhirserver.access import Everything, Request
from kommunalpro.fhirserver.copying import copy_many
from kommunalpro.fhirserver.database import in_parts, placeholders, rows, rows_by_key
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.storing import note, prepared
from kommunalpro.fhirserver.writer import Write, write_change, write_new

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

_TURN = 0.0005
"""Seconds until one thread gives way to another."""


def ids_by_identifier(session: "Session", type: str, system: str) -> dict[str, list[str]]:
    """Give the ids of everything of a type that has an identifier of a system, by that identifier's value."""
    _check_sees_all(session, type)
    # Compared letter by letter, whatever rules of order the database has.
    sql = (
        "SELECT substr(value, %s), id FROM fhir_index WHERE type = %s AND parameter = 'identifier'"
        " AND substr(value, 1, %s) = %s ORDER BY id"
    )
    prefix = f"{system}|"
    found: dict[str, list[str]] = {}
    for number, id in rows(sql, (len(prefix) + 1, type, len(prefix), prefix)):
        found.setdefault(number, []).append(id)
    return found


def read_many(session: "Session", type: str, ids: Sequence[str]) -> dict[str, Current]:
    """Read current versions together, by id; what is not there, or deleted, is passed over."""
    _check_sees_all(session, type)
    found: dict[str, Current] = {}
    for some in in_parts(ids):
        sql = (
            "SELECT id, json, version, last_updated FROM fhir_resource"
            f" WHERE type = %s AND id IN ({placeholders(len(some))}) AND NOT deleted"
        )
        found.update({id: Current(*current) for id, *current in rows_by_key(sql, (type, *some))})
    return found


@dataclass(slots=True)
class Writing:
    """Batches on their way to the database. On PostgreSQL one is written while the next is made ready."""

    session: "Session"
    _hand: ThreadPoolExecutor
    _last: Future[None] | None = None

    def write(
        self,
        new: Sequence[tuple[str, Json]],
        changes: Sequence[tuple[Json, Current]],
        refused: Callable[[str, FhirError], object] | None = None,
    ) -> None:
        """Write new resources under their ids (`new_id`), and others anew, each as it was read with `read_many`.

        `refused` hears the id of each that may not be stored, and why; the rest is written all the same.

        Raises:
            FhirError: one may not be stored, and there is no `refused`; or somebody else has written one since.
                Nothing is to be kept then.
        """
        wanted = [(id, resource, None) for id, resource in new]
        made = []
        for id, resource, before in (*wanted, *((each[1].resource["id"], *each) for each in changes)):
            try:
                made.append(self._prepared(resource, before, id))
            except FhirError as wrong:
                if refused is None:
                    raise
                refused(id, wrong)
        self.wait()
        writes = [write for write in made if write.expected is None], [write for write in made if write.expected]
        if isinstance(connection.connection, psycopg.Connection):
            self._last = self._hand.submit(_copy, connection.connection, *writes)
        else:
            write_new(writes[0])
            _refuse_unless(all(map(write_change, writes[1])))

    def wait(self) -> None:
        """Wait until everything is written.

        Raises:
            PreconditionFailed: somebody else has written one of them since.
        """
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def _prepared(self, resource: Json, before: Current | None, id: str) -> Write:
        session, type = self.session, str(resource["resourceType"])
        _check_sees_all(session, type)
        session.authorise(Request("update", type, id) if before else Request("create", type))
        made = prepared(session, dict(resource), before, id)
        note(session, made)
        return made.write


@contextmanager
def writing(session: "Session") -> Iterator[Writing]:
    """Write in batches; on leaving, all of them are written, though not committed."""
    if session.only_reads or session.only_creates or not connection.in_atomic_block:
        raise RuntimeError("Many are written within a transaction, which takes all of them back when one fails")
    usual = sys.getswitchinterval()
    # Whoever hands a batch over needs the interpreter a dozen times, and each time would wait 5 ms for its turn.
    sys.setswitchinterval(_TURN)
    try:
        with ThreadPoolExecutor(1, "writing") as hand:
            batches = Writing(session, hand)
            yield batches
            batches.wait()
    finally:
        sys.setswitchinterval(usual)


def _copy(driver: psycopg.Connection, new: Sequence[Write], changes: Sequence[Write]) -> None:
    try:
        _refuse_unless(copy_many(driver, new, changes))
    except DeadlockDetected:
        _refuse_unless(False)


def _refuse_unless(is_written: bool) -> None:
    if not is_written:
        raise PreconditionFailed("En anden har ændret det imens.", diagnostics="Lost the race for the next version")


def _check_sees_all(session: "Session", type: str) -> None:
    """Nothing here is filtered row by row."""
    session.check_type(type)
    if not isinstance(session.visible(type), Everything):
        raise RuntimeError(f"{type} is read by whose it is, not all together")

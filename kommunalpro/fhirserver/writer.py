"""Writing one version of a resource with its index rows: two small writers, one for each database.

A new version is written only where the current one is still the expected: whoever comes second changes no row.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from msgspec import Struct
from psycopg.errors import DeadlockDetected, UniqueViolation

from kommunalpro.fhir.json import dumps
from kommunalpro.fhirserver.database import (
    NeedsTransaction,
    NoLongerSo,
    Sql,
    change,
    change_many,
    is_postgresql,
    rows_by_key,
)
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of
from kommunalpro.fhirserver.unindexing import UNINDEX_ON_POSTGRESQL, unindex


class IndexRow(Struct, frozen=True, order=True):
    """One searchable value; `high` is the end of a date's interval, empty otherwise.

    A Struct, for a resource has dozens: made, sorted and written as JSON, each in a fifth of a dataclass's time.
    """

    parameter: str
    value: str
    high: str = ""

    def __repr__(self) -> str:
        return f"IndexRow({self.parameter!r}, …)"


class Write(Struct, frozen=True):
    """One version to be written. `expected` is the version it replaces, None when the resource is new."""

    type: str
    id: str
    version: int
    expected: int | None
    last_updated: int
    deleted: bool
    patient: str
    episode: str
    tag: str
    text: str
    index: tuple[IndexRow, ...]
    keep_version: bool = True

    def __repr__(self) -> str:
        return f"Write({self.type}/{self.id}, {self.version}, …)"


@dataclass(frozen=True, slots=True)
class Submission:
    """That something was submitted: under which key, the digest of its content, and the result as JSON."""

    key: str
    digest: str
    result: str = field(repr=False)


AT_ONCE = 1_000
"""Resources in one statement: PostgreSQL takes 65,535 parameters."""


def write_new(writes: Sequence[Write], submissions: Sequence[Submission] = ()) -> None:
    """Write resources that did not exist before, and submissions, all or none; on SQLite within a transaction.

    There are no submissions without resources.

    Raises:
        NeedsTransaction: somebody else has submitted the same meanwhile; a transaction is to be rolled back.
    """
    if not writes:
        return
    if is_postgresql():
        _all_on_postgresql(writes, submissions, None)
    else:
        _new_on_sqlite(writes)
        _submissions_on_sqlite(submissions)


def write_by_itself(writes: Sequence[Write], submissions: Sequence[Submission], only_if: Sql | None) -> None:
    """Write new resources, and submissions, on PostgreSQL by a statement that is its own commit.

    `only_if`: under which condition, where there are no submissions; None: in any case.

    When the connection breaks meanwhile, nobody can tell whether it came so far. The same is then written once more on
    a new one: either it is written now, or it meets itself.

    Raises:
        NeedsTransaction: somebody else has submitted the same meanwhile.
        NoLongerSo: the condition does not hold; nothing is written.
    """
    try:
        _all_on_postgresql(writes, submissions, only_if)
    except DATABASE_ERRORS as wrong:
        if kind_of(wrong) != "lost":
            raise
        connection.close()
        _write_again(writes, submissions, only_if)


def _write_again(writes: Sequence[Write], submissions: Sequence[Submission], only_if: Sql | None) -> None:
    try:
        _all_on_postgresql(writes, submissions, only_if)
    except (UniqueViolation, NeedsTransaction):
        last = writes[-1]
        same = "SELECT 1 FROM fhir_resource WHERE type = %s AND id = %s AND json = %s"
        if not rows_by_key(same, (last.type, last.id, last.text)):
            raise


def write_change(write: Write) -> bool:
    """Write the next version of a resource; False when somebody else was first."""
    return (_change_on_postgresql if is_postgresql() else _change_on_sqlite)(write)


_INSERT = """INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_UPDATE = """UPDATE fhir_resource SET version = %s, last_updated = %s, deleted = %s, patient = %s, episode = %s,
tag = %s, json = %s WHERE type = %s AND id = %s AND version = %s"""
_VERSION = "INSERT INTO fhir_version (type, id, version, last_updated, deleted, json) VALUES (%s, %s, %s, %s, %s, %s)"
_SUBMISSION = "INSERT INTO fhir_submission (key, digest, result) VALUES {}"
_SUBMITTED = "(%s, %s, %s)"
_INDEX = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated) VALUES (%s, %s, %s, %s, %s, %s)"


# --- SQLite: several statements, for it has no INSERT inside WITH, and a statement costs it no round trip.
def _new_on_sqlite(writes: Sequence[Write]) -> None:
    change_many(_INSERT, [(write.type, write.id, *_values(write)) for write in writes])
    _versions_and_indexes_on_sqlite(writes)


def _submissions_on_sqlite(submissions: Sequence[Submission]) -> None:
    try:
        change_many(_SUBMISSION.format(_SUBMITTED), map(_submission, submissions))
    except sqlite3.IntegrityError as wrong:
        raise NeedsTransaction from wrong


def _change_on_sqlite(write: Write) -> bool:
    if change(_UPDATE, (*_values(write), write.type, write.id, write.expected)) != 1:
        return False
    unindex(write.type, [write.id])
    _versions_and_indexes_on_sqlite((write,))
    return True


def _versions_and_indexes_on_sqlite(writes: Sequence[Write]) -> None:
    change_many(_VERSION, [_version(write) for write in writes if write.keep_version])
    change_many(_INDEX, [row for write in writes for row in _index(write)])


def _version(write: Write) -> tuple[object, ...]:
    return write.type, write.id, write.version, write.last_updated, write.deleted, write.text


# --- PostgreSQL: one statement, for round trips dominate (docs/reference/performance.md). Index rows go as JSON: of
# arrays, psycopg looks at each value in Python, which takes half as long again.
_ROWS = "json_to_recordset({}::json) AS row (parameter text, value text, high text)"
_ONE = "(%s::text, %s::text, %s::int, %s::bigint, %s::boolean, %s::text, %s::text, %s::text, %s::text, %s::boolean, %s)"
_NEW = f"""WITH new (type, id, version, last_updated, deleted, patient, episode, tag, json, keep_version, index)
AS ({{}}),
written AS (INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)
SELECT type, id, version, last_updated, deleted, patient, episode, tag, json FROM new),
versioned AS (INSERT INTO fhir_version (type, id, version, last_updated, deleted, json)
SELECT type, id, version, last_updated, deleted, json FROM new WHERE keep_version){{}}
INSERT INTO fhir_index (type, id, parameter, value, high, last_updated)
SELECT new.type, new.id, row.parameter, row.value, row.high, new.last_updated FROM new, {_ROWS.format("new.index")}"""
_CHANGE = f"""WITH written AS ({_UPDATE} RETURNING type, id, version, last_updated, deleted, json),
versioned AS (INSERT INTO fhir_version (type, id, version, last_updated, deleted, json)
SELECT type, id, version, last_updated, deleted, json FROM written),
unindexed AS ({UNINDEX_ON_POSTGRESQL} AND EXISTS (SELECT 1 FROM written)),
indexed AS (INSERT INTO fhir_index (type, id, parameter, value, high, last_updated)
SELECT written.type, written.id, row.parameter, row.value, row.high, written.last_updated
FROM written, {_ROWS.format("%s")})
SELECT count(*) FROM written"""


def _all_on_postgresql(writes: Sequence[Write], submissions: Sequence[Submission], only_if: Sql | None) -> None:
    if len(writes) <= AT_ONCE:
        _new_on_postgresql(writes, submissions, only_if)
        return
    with transaction.atomic():
        for begin in range(0, len(writes), AT_ONCE):
            _new_on_postgresql(writes[begin : begin + AT_ONCE], () if begin else submissions, only_if)


def _new_on_postgresql(writes: Sequence[Write], submissions: Sequence[Submission], only_if: Sql | None) -> None:
    parameters = [each for many in (*map(_row, writes), *map(_submission, submissions)) for each in many]
    new, submitted = f"VALUES {', '.join([_ONE] * len(writes))}", ", ".join([_SUBMITTED] * len(submissions))
    also = f",\nsubmitted AS ({_SUBMISSION.format(submitted)})" if submissions else ""
    if only_if:
        new, parameters = f"SELECT * FROM ({new}) given WHERE {only_if[0]}", [*parameters, *only_if[1]]
    try:
        count = change(_NEW.format(new, also), parameters)
    except UniqueViolation as wrong:
        if wrong.diag.table_name == "fhir_submission":
            raise NeedsTransaction from wrong
        raise
    if only_if and not count:
        raise NoLongerSo


def _submission(submission: Submission) -> tuple[object, ...]:
    return submission.key, submission.digest, submission.result


def _row(write: Write) -> tuple[object, ...]:
    return write.type, write.id, *_values(write), write.keep_version, _as_json(write.index)


def _change_on_postgresql(write: Write) -> bool:
    updated = (*_values(write), write.type, write.id, write.expected)
    parameters = (*updated, write.type, write.type, write.type, [write.id], _as_json(write.index))
    try:
        return rows_by_key(_CHANGE, parameters) == [(1,)]
    except DeadlockDetected:
        # Two transactions each wait for a row that the other holds: whom the database breaks off came second.
        return False


def _as_json(index: Sequence[IndexRow]) -> str:
    return dumps(index).decode()


def _values(write: Write) -> tuple[object, ...]:
    return write.version, write.last_updated, write.deleted, write.patient, write.episode, write.tag, write.text


def _index(write: Write) -> list[tuple[object, ...]]:
    return [(write.type, write.id, row.parameter, row.value, row.high, write.last_updated) for row in write.index]

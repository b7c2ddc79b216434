"""Writing one version of a resource with its index rows: two small writers, one for each database.

A new version is written only where the current one is still the expected: whoever comes second changes no row.
"""

from dataclasses import dataclass, field

from psycopg.errors import DeadlockDetected

from kommunalpro.fhirserver.database import change, change_many, is_postgresql, rows


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One searchable value; `high` is the end of a date's interval, empty otherwise."""

    parameter: str
    value: str = field(repr=False)
    high: str = ""


@dataclass(frozen=True, slots=True)
class Write:
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
    text: str = field(repr=False)
    index: tuple[IndexRow, ...] = field(repr=False)
    keep_version: bool = True


def write_version(write: Write) -> bool:
    """Write one version on the database at hand; False when somebody else was first."""
    return (_write_postgresql if is_postgresql() else _write_sqlite)(write)


_INSERT = """INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_UPDATE = """UPDATE fhir_resource SET version = %s, last_updated = %s, deleted = %s, patient = %s, episode = %s,
tag = %s, json = %s WHERE type = %s AND id = %s AND version = %s"""
_VERSION = "INSERT INTO fhir_version (type, id, version, last_updated, deleted, json) VALUES (%s, %s, %s, %s, %s, %s)"
_INDEX = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated) VALUES (%s, %s, %s, %s, %s, %s)"
_UNINDEX = "DELETE FROM fhir_index WHERE type = %s AND id = %s AND last_updated < %s"


def _current(write: Write) -> tuple[str, tuple[object, ...]]:
    """Give the statement that writes the current row, and its parameters."""
    values = (write.version, write.last_updated, write.deleted, write.patient, write.episode, write.tag, write.text)
    if write.expected is None:
        return _INSERT, (write.type, write.id, *values)
    return _UPDATE, (*values, write.type, write.id, write.expected)


def _write_sqlite(write: Write) -> bool:
    """Several statements: SQLite has no INSERT inside WITH, and a statement costs it no round trip."""
    sql, parameters = _current(write)
    if change(sql, parameters) != 1:
        return False
    if write.keep_version:
        key = (write.type, write.id, write.version)
        change(_VERSION, (*key, write.last_updated, write.deleted, write.text))
    if write.expected is not None:
        change(_UNINDEX, (write.type, write.id, write.last_updated))
    change_many(
        _INDEX,
        ((write.type, write.id, row.parameter, row.value, row.high, write.last_updated) for row in write.index),
    )
    return True


def _write_postgresql(write: Write) -> bool:
    """One statement: round trips dominate (1.63 times as fast as four statements, bench/README.md)."""
    sql, parameters = _current(write)
    parts = [f"WITH written AS ({sql} RETURNING type, id, version, last_updated, deleted, json)"]
    if write.keep_version:
        parts.append(
            ", versioned AS (INSERT INTO fhir_version (type, id, version, last_updated, deleted, json)"
            " SELECT type, id, version, last_updated, deleted, json FROM written)"
        )
    if write.expected is not None:
        parts.append(
            ", unindexed AS (DELETE FROM fhir_index USING written WHERE fhir_index.type = written.type"
            " AND fhir_index.id = written.id AND fhir_index.last_updated < written.last_updated)"
        )
    parts.append(
        ", indexed AS (INSERT INTO fhir_index (type, id, parameter, value, high, last_updated)"
        " SELECT type, id, new.parameter, new.value, new.high, last_updated FROM written,"
        " unnest(%b::text[], %b::text[], %b::text[]) AS new (parameter, value, high))"
        " SELECT count(*) FROM written"
    )
    index = tuple(zip(*((row.parameter, row.value, row.high) for row in write.index), strict=True)) or ((), (), ())
    try:
        return rows("".join(parts), (*parameters, *(list(column) for column in index))) == [(1,)]
    except DeadlockDetected:
        # Two transactions each wait for a row that the other holds: whom the database breaks off came second.
        return False

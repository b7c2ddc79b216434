"""Writing many versions to PostgreSQL by COPY: a third of what one statement with their values takes.

Everything goes through one connection and touches nothing else, so that any thread may do it while another prepares
what comes next (docs/reference/performance.md).
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import psycopg

from kommunalpro.fhirserver.unindexing import UNINDEX_ON_POSTGRESQL
from kommunalpro.fhirserver.writer import IndexRow, Write

_RESOURCE = "COPY fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json) FROM STDIN"
_VERSION = "COPY fhir_version (type, id, version, last_updated, deleted, json) FROM STDIN"
_INDEX = "COPY fhir_index (type, id, parameter, value, high, last_updated) FROM STDIN"
_UPDATE = """UPDATE fhir_resource AS old SET version = new.version, last_updated = new.last_updated,
deleted = new.deleted, patient = new.patient, episode = new.episode, tag = new.tag, json = new.json
FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::bigint[], %s::boolean[], %s::text[], %s::text[],
%s::text[], %s::text[])
AS new (type, id, expected, version, last_updated, deleted, patient, episode, tag, json)
WHERE old.type = new.type AND old.id = new.id AND old.version = new.expected"""
# COPY's own signs in text (PostgreSQL, sql-copy.html, "Text Format").
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_many(driver: psycopg.Connection, new: Sequence[Write], changes: Sequence[Write]) -> bool:
    """Write new resources and next versions of others; False when a change is not of the version that it replaces.

    Within a transaction, which is to be rolled back then.
    """
    with psycopg.Cursor(driver) as cursor:
        if changes and not _change(cursor, changes):
            return False
        _copy(cursor, _RESOURCE, map(_resource, new))
        _copy(cursor, _VERSION, (_version(write) for write in (*new, *changes) if write.keep_version))
        # In the order of the index by value: an eighth less work for the database.
        rows = [(row.parameter, row.value, _index(write, row)) for write in (*new, *changes) for row in write.index]
        rows.sort(key=itemgetter(0, 1))
        _copy(cursor, _INDEX, (line for *_, line in rows))
    return True


def _change(cursor: psycopg.Cursor, changes: Sequence[Write]) -> bool:
    # By type and id: whoever else writes several takes them in this order too, and none waits for the other.
    ordered = sorted(changes, key=lambda write: (write.type, write.id))
    names = ("type", "id", "expected", "version", "last_updated", "deleted", "patient", "episode", "tag", "text")
    cursor.execute(_UPDATE, [[getattr(write, name) for write in ordered] for name in names])
    if cursor.rowcount != len(changes):
        return False
    for type, some in groupby(ordered, key=lambda write: write.type):
        cursor.execute(UNINDEX_ON_POSTGRESQL, (type, type, type, [write.id for write in some]))
    return True


def _copy(cursor: psycopg.Cursor, sql: str, lines: Iterable[str]) -> None:
    if text := "".join(lines):
        with cursor.copy(sql) as copy:
            copy.write(text)


def _resource(write: Write) -> str:
    owner = f"{_escaped(write.patient)}\t{_escaped(write.episode)}\t{_escaped(write.tag)}"
    return f"{_head(write)}\t{owner}\t{_escaped(write.text)}\n"


def _version(write: Write) -> str:
    return f"{_head(write)}\t{_escaped(write.text)}\n"


def _head(write: Write) -> str:
    return f"{write.type}\t{write.id}\t{write.version}\t{write.last_updated}\t{'t' if write.deleted else 'f'}"


def _index(write: Write, row: IndexRow) -> str:
    # What is not the value is the server's own: names of parameters, and days.
    return f"{write.type}\t{write.id}\t{row.parameter}\t{_escaped(row.value)}\t{row.high}\t{write.last_updated}\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text

"""What holds for a database for good: the base URL that everything is named by; renaming, and rebuilding indexes."""

from collections.abc import Iterator, Sequence
from itertools import count
from time import monotonic, sleep
from typing import Any

from django.db import transaction

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import Row, change, change_many, is_postgresql, placeholders, rows
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, kind_of
from kommunalpro.fhirserver.server import Server
from kommunalpro.fhirserver.unindexing import unindex
from kommunalpro.fhirserver.writer import IndexRow

_ON_POSTGRESQL, _ON_SQLITE = 50, 200
"""Resources in a batch. Who writes waits for 28 ms on PostgreSQL, of a log of half a million; of 200 for 109 ms, and it
takes six sevenths of the time. On SQLite each writer comes to its turn by trying again, and of 50 it takes three times
as long as of 200."""
_PATIENCE, _PAUSE = 100, 1.0
"""For how many milliseconds others are held up by waiting for those that hold the index, and for how many seconds they
then are not."""
_OF_AUTOVACUUM, _EVERY = 1500, 30
"""The same, at every thirtieth attempt. PostgreSQL ends an autovacuum for whoever has waited for it for a second
(`deadlock_timeout`), and for nobody who gives up before: that would wait for one that takes hours to sweep a large
index, and it is the batches here that leave it something to sweep."""


class WrongBaseUrl(Exception):
    """The setting and the database name things differently; starting would store references to nothing."""


def record_base_url(base_url: str) -> None:
    """Fix the base URL of a new database; on one that has it already, check that it is the same.

    Raises:
        WrongBaseUrl: it is not.
    """
    change(
        "INSERT INTO fhir_fact (name, value) VALUES ('base_url', %s) ON CONFLICT (name) DO NOTHING",
        (base_url,),
    )
    check_base_url(base_url)


def check_base_url(base_url: str) -> None:
    """Check that the setting is what the database was made with.

    Raises:
        WrongBaseUrl: it is not, or the database was never migrated.
    """
    known = _base_url()
    if known != base_url:
        raise WrongBaseUrl(
            f"KOMMUNALPRO_FHIR_BASE_URL is {base_url}, but the database was made with {known}. Set it back, or rename"
            f" everything with `kommunalpro rebase {known} {base_url}`."
        )


def _base_url() -> str:
    found = rows("SELECT value FROM fhir_fact WHERE name = 'base_url'")
    if not found:
        raise WrongBaseUrl("The database has no base URL yet: run `kommunalpro migrate` first.")
    return str(found[0][0])


def rebase(old: str, new: str) -> int:
    """Rename everything stored from one base URL to another; gives how many texts were changed.

    Only whole URLs below the base are changed: `old/…`. AuditEvents keep the names that things had: they are sealed.
    One transaction: all or nothing.

    Raises:
        WrongBaseUrl: the database's base URL is not `old`.
    """
    if (known := _base_url()) != old:
        raise WrongBaseUrl(f"The database was made with {known}, not with {old}.")
    with transaction.atomic():
        changed = sum(
            change(
                f"UPDATE {table} SET json = replace(json, %s, %s) WHERE type <> 'AuditEvent' AND json LIKE %s",
                (f'"{old}/', f'"{new}/', f'%"{old}/%'),
            )
            for table in ("fhir_resource", "fhir_version")
        )
        change("UPDATE fhir_submission SET result = replace(result, %s, %s)", (f'"{old}/', f'"{new}/'))
        change("UPDATE fhir_fact SET value = %s WHERE name = 'base_url'", (new,))
        name = f"former_base_url_{len(_former_base_urls()) + 1}"
        change("INSERT INTO fhir_fact (name, value) VALUES (%s, %s)", (name, old))
    return changed


def reindex(server: Server) -> Iterator[int]:
    """Rebuild the index rows from the resources, in batches; gives how many are done after each.

    Others may go on reading and writing; who writes waits while a batch is put in its place, and then has as long.
    Whoever has written for long, or sweeps the table (VACUUM), is waited for: how many are done is then given again.
    Who writes meanwhile waits a tenth of a second at each attempt, and a second and a half at every thirtieth.
    """
    done, former = 0, _former_base_urls()
    for batch in _batches():
        # Made before anybody has to wait. What is written meanwhile has its new rows from whoever writes it.
        made = [(row[:4], _index(server, row[0], row[4], former)) for row in batch]
        attempts = count(1)
        while (held := _put(batch[0][0], made, _patience(next(attempts)))) is None:
            yield done
            sleep(_PAUSE)
        done += len(batch)
        yield done
        # Whoever waited has as long: a lock that is taken again at once is had by nobody else.
        sleep(held)


def _patience(attempt: int) -> int:
    return _PATIENCE if attempt % _EVERY else _OF_AUTOVACUUM


_Made = tuple[Sequence[Any], Sequence[IndexRow]]
"""A version (type, id, version, last_updated), and the index rows made of it."""


def _batches() -> Iterator[list[Row]]:
    """Give what is stored and not deleted, a batch of one type at a time: (type, id, version, last_updated, json).

    Each type as far as it goes when its turn comes: what is made after that has its rows from whoever makes it, and
    beside somebody who makes more all the time there would be no end.
    """
    most, type = _ON_POSTGRESQL if is_postgresql() else _ON_SQLITE, ""
    while found := rows(_FOLLOWING, (type,)):
        [(type, end)], last = found, ""
        while batch := rows(f"{_WITHIN} LIMIT {most}", (type, last, end)):
            yield batch
            last = batch[-1][1]


_FOLLOWING = (
    "SELECT r.type, (SELECT max(m.id) FROM fhir_resource m WHERE m.type = r.type) FROM fhir_resource r"
    " WHERE r.type > %s ORDER BY r.type LIMIT 1"
)
_WITHIN = (
    "SELECT type, id, version, last_updated, json FROM fhir_resource"
    " WHERE type = %s AND id > %s AND id <= %s AND NOT deleted ORDER BY id"
)


def _put(type: str, made: Sequence[_Made], patience: int) -> float | None:
    """Put a batch of a type in its place; gives for how many seconds others were held up. None: they hold the index.

    `patience`: for how many milliseconds that is waited for.
    """
    begun = monotonic()
    try:
        with transaction.atomic():
            if is_postgresql():
                # While it is waited for here, whoever wants to write waits behind.
                change(f"SET LOCAL lock_timeout = {patience}")
                # Rows locked one by one would not do: a writer that waits for one has begun its statement already,
                # and would not take away the index rows that are made meanwhile.
                change("LOCK TABLE fhir_index IN SHARE ROW EXCLUSIVE MODE")
            _replace(type, made)
    except DATABASE_ERRORS as wrong:
        if kind_of(wrong) != "locked":
            raise
        return None
    return monotonic() - begun


def _replace(type: str, made: Sequence[_Made]) -> None:
    """Put the index rows of those versions of a type that are still the current ones in the place of what there is."""
    current = _current(type, [id for (_, id, *_), _ in made])
    still = [each for each in made if each[0] in current]
    unindex(type, [id for (_, id, *_), _ in still])
    values = [
        (type, id, row.parameter, row.value, row.high, last_updated)
        for (_, id, _, last_updated), index in still
        for row in index
    ]
    if values and is_postgresql():
        columns = [list(column) for column in zip(*values, strict=True)]
        texts = ", ".join(["%s::text[]"] * 5)
        change(f"{_INSERT} SELECT * FROM unnest({texts}, %s::bigint[])", columns)
    else:
        change_many(f"{_INSERT} VALUES (%s, %s, %s, %s, %s, %s)", values)


def _current(type: str, ids: Sequence[str]) -> set[Row]:
    """Give the current versions of some resources of a type, without those that are deleted.

    By their keys: what a range of (type, id) holds PostgreSQL guesses by the type alone, and reads all of it.
    """
    which = f"id IN ({placeholders(len(ids))})"
    sql = f"SELECT type, id, version, last_updated FROM fhir_resource WHERE type = %s AND {which} AND NOT deleted"
    return set(rows(sql, (type, *ids)))


_INSERT = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated)"


def _former_base_urls() -> list[str]:
    return [
        value
        for (value,) in rows("SELECT value FROM fhir_fact WHERE name LIKE %s ORDER BY name", ("former_base_url%",))
    ]


def _index(server: Server, type: str, text: str, former: list[str]) -> Sequence[IndexRow]:
    """Give an AuditEvent's as if it were written now, so that what it is about is found by its name of now."""
    for old in former if type == "AuditEvent" else ():
        text = text.replace(f'"{old}/', f'"{server.base_url}/')
    return server.index_rows(loads(text))

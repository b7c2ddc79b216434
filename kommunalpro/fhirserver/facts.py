"""What holds for a database for good: the base URL that everything is named by; renaming, and rebuilding indexes."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from django.db import transaction

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import change, change_many, is_postgresql, rows
from kommunalpro.fhirserver.server import Server
from kommunalpro.fhirserver.unindexing import unindex

_BATCH = 500


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

    Others may go on reading and writing; who writes waits while a batch is done.
    """
    last, done, former = ("", ""), 0, _former_base_urls()
    while True:
        with transaction.atomic():
            if is_postgresql():
                # Rows locked one by one would not do: a writer that waits for one has begun its statement already,
                # and would not take away the index rows that are made meanwhile.
                change("LOCK TABLE fhir_index IN SHARE ROW EXCLUSIVE MODE")
            batch = rows(
                "SELECT type, id, json, last_updated FROM fhir_resource"
                " WHERE NOT deleted AND (type > %s OR (type = %s AND id > %s))"
                f" ORDER BY type, id LIMIT {_BATCH}",
                (last[0], last[0], last[1]),
            )
            for type, some in groupby(batch, key=itemgetter(0)):
                unindex(type, [id for _, id, *_ in some])
            for type, id, text, last_updated in batch:
                _reindex(server, type, id, _as_named_now(server, type, text, former), last_updated)
        if not batch:
            return
        last = batch[-1][0], batch[-1][1]
        done += len(batch)
        yield done


def _former_base_urls() -> list[str]:
    return [
        value
        for (value,) in rows("SELECT value FROM fhir_fact WHERE name LIKE %s ORDER BY name", ("former_base_url%",))
    ]


def _as_named_now(server: Server, type: str, text: str, former: list[str]) -> str:
    """Give an AuditEvent as it would be written now, so that what it is about is found by its name of now."""
    for old in former if type == "AuditEvent" else ():
        text = text.replace(f'"{old}/', f'"{server.base_url}/')
    return text


def _reindex(server: Server, type: str, id: str, text: str, last_updated: int) -> None:
    index = server.index_rows(loads(text))
    insert = "INSERT INTO fhir_index (type, id, parameter, value, high, last_updated) VALUES (%s, %s, %s, %s, %s, %s)"
    values = [(type, id, row.parameter, row.value, row.high, last_updated) for row in index]
    if is_postgresql():
        for each in values:
            change(insert, each)
    else:
        change_many(insert, values)

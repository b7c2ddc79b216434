"""Doing exports: a batch of rows at a time, each committed with its place in the file, so that any process may go on.

What an export shows, exactly:

- Every resource as it was at `until`, the moment at which the worker began with it.
- All that was changed up to `complete_to`, the manifest's transactionTime: whoever asks again with this as `_since`
  misses nothing (`horizon.py`). What lies between `complete_to` and `until` is there as far as it was committed, and
  comes again next time.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction

from kommunalpro.fhirserver.access import Nothing
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.database import is_postgresql, stream
from kommunalpro.fhirserver.export import jobs
from kommunalpro.fhirserver.export.failing import passes, reason
from kommunalpro.fhirserver.export.jobs import Job, Part
from kommunalpro.fhirserver.export.place import FileLost, Place
from kommunalpro.fhirserver.export.reading import batch_sql, is_shown, read_key
from kommunalpro.fhirserver.horizon import complete_to
from kommunalpro.fhirserver.installation import installation
from kommunalpro.fhirserver.protocols import Rules
from kommunalpro.fhirserver.search.filters import Visible

if TYPE_CHECKING:
    from kommunalpro.fhirserver.server import Server

# SQLite has one writer: others wait while a batch is written.
_ON_POSTGRESQL, _ON_SQLITE = 20_000, 2_000


def run_batch(server: "Server", place: Place, now: datetime) -> bool:
    """Write the next batch of the oldest export; False when there is nothing to do, or others are doing it.

    Whatever is wrong with an export ends that one, and whoever asked for it is told: it never would be done, and others
    wait behind it.
    """
    if not jobs.is_any_unfinished():
        return False
    # Made outside the transaction: what is rolled back would take the name away from the files that bear it.
    installation()
    with transaction.atomic():
        id = jobs.take()
        if id is None:
            return False
        try:
            with transaction.atomic():
                jobs.save(_further(server, place, jobs.read(id), now))
        except Exception as wrong:
            if passes(wrong):
                raise
            jobs.end(id, to_microseconds(now), reason(wrong, id))
            transaction.on_commit(lambda: place.remove(id))
    return True


def sweep(place: Place, now: datetime) -> None:
    """Remove what is kept no longer, and the files of what was cancelled."""
    jobs.remove_older(to_microseconds(now - place.keep))
    for each in place.jobs():
        if not jobs.exists(each):
            place.remove(each)


def _further(server: "Server", place: Place, job: Job, now: datetime) -> Job:
    begun = job if job.until else _begun(server, job, now)
    part = next((each for each in begun.parts if not each.is_done), None)
    return _one_on(server, place, begun, part, now) if part else replace(begun, finished_at=to_microseconds(now))


def _begun(server: "Server", job: Job, now: datetime) -> Job:
    until = to_microseconds(now)
    visible = _visible(server, job, now)
    types = [each for each in job.order.types or sorted(server.rules.types) if visible(each) != Nothing()]
    kinds = (False,) if job.order.since is None else (False, True)
    parts = tuple(Part(type, is_deletions) for type in types for is_deletions in kinds)
    return replace(job, until=until, complete_to=complete_to(now), parts=parts)


def _one_on(server: "Server", place: Place, job: Job, part: Part, now: datetime) -> Job:
    limit = _ON_POSTGRESQL if is_postgresql() else _ON_SQLITE
    sql, parameters = batch_sql(job, part, server.queries, _visible(server, job, now), limit)
    try:
        with (
            place.appending(job.id, part.name, part.size) as file,
            # Closed when the disk is full too: else the connection would still be sending.
            closing(stream(sql, parameters)) as lines,
        ):
            return job.with_part(_written(server.rules, file, part, lines, limit))
    except FileLost:
        # Nothing of it can be trusted: from the beginning, and still as it was at the same moment.
        return replace(job, parts=tuple(Part(each.type, each.is_deletions) for each in job.parts))


def _written(rules: Rules, file: BinaryIO, part: Part, lines: Iterable[tuple[str, bytes]], limit: int) -> Part:
    read, count, last = 0, 0, part.last
    for key, text in lines:
        last, whose = read_key(key)
        read += 1
        if text and is_shown(rules, text, whose):
            file.write(text)
            file.write(b"\n")
            count += 1
    return replace(part, count=part.count + count, size=file.tell(), last=last, is_done=read < limit)


def _visible(server: "Server", job: Job, now: datetime) -> Visible:
    return lambda of: server.access.visible(of, job.principal, now)

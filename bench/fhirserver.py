"""How fast the FHIR server writes and reads, next to the least that the same rows can cost on the same database.

Run:  make bench room=fhirserver

Writing: a QuestionnaireResponse of 40 items comes as bytes, is parsed, checked against R4 and the dialect, stored with
its version, its index rows and its AuditEvent, and answered as bytes. The floor is the very same rows, read back from
the database, written under new ids by bare driver calls in one durable transaction. With eight clients, both do it in
eight threads. Reading: a request through the door, with its token, next to a bare WSGI callable that selects the row,
writes the same AuditEvent and answers. Printed is floor time / our time: 0.50 is half as fast as the floor.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from django.db import connection

from bench._floor import Insert, Rows, added_by, renamed, ways
from bench._performance import Measured, write_section
from bench._reading import bare_reader, reader
from bench._responses import nancys_response, nurse, stores
from kommunalpro.fhir.json import dumps, loads
from tests.databases import ENGINES
from tests.store.cast import NOW, TRACE_ID, Store

BLOCKS, ROUNDS, WARM_UP = 6, 40, 30
CLIENTS = 8
_LOT = Random(1)
Work = Callable[[], object]
METHOD = """
Writing: a QuestionnaireResponse of 40 items (9.5 KB) comes as bytes, is parsed, checked against R4 and the dialect,
stored with its version, its index rows and its AuditEvent by somebody of the citizen's team, and answered as bytes; the
floor is the very same rows under new ids, by bare driver calls in one durable transaction. Reading: a request through
the door, with its token, next to a bare WSGI callable that selects the row, writes the same AuditEvent and answers. The
two take turns, drawn by lot, on one connection; with eight clients, each has eight threads of one process, and the time
is that of one request when all are busy. Medians.
"""


def main() -> int:
    """Print what was measured, and as the last line the ratios at one client."""
    if "postgresql" not in ENGINES:
        print("There is no PostgreSQL here (KOMMUNALPRO_TEST_POSTGRES): run `make bench room=fhirserver`.")
        return 1
    found: dict[str, Measured] = {}
    with Path(os.devnull).open("w") as nowhere:
        for handler in logging.getLogger().handlers:
            handler.setStream(nowhere)  # type: ignore[attr-defined]  # the log is written, and not read
        # SQLite first: what PostgreSQL tidies up after its turn (checkpoints, autovacuum) would be in its time.
        for engine in ("sqlite", "postgresql"):
            with stores(engine) as store:
                for name, measured in _measure(store):
                    found[f"{name}, {engine}"] = measured
                    print(f"{name}, {engine}: {measured}", flush=True)
    head = ("what", "ours, ms", "floor, ms", "floor / ours", "in six stretches")
    write_section("bench room=fhirserver", METHOD, [head, *((name, *each.cells) for name, each in found.items())])
    ratios = {name: f"{each.ratio:.2f}" for name, each in found.items()}
    print(
        f"create_pg={ratios['create, postgresql']} create_sqlite={ratios['create, sqlite']}"
        f" read={ratios['read, postgresql']}"
    )
    return 0


def _measure(store: Store) -> Iterator[tuple[str, Measured]]:
    create = _creator(store)
    rows = _warm(create)
    insert = _fastest(rows)
    yield "create", _in_turn(create, lambda: partial(insert, renamed(rows)))
    yield f"create by {CLIENTS} clients", _together(create, rows, insert)
    id = loads(create())["id"]
    read = reader(store, id)
    audit = _warm(read)
    yield "read", _in_turn(read, lambda: bare_reader(audit, insert, id))


def _creator(store: Store) -> Callable[[], bytes]:
    seconds, sent, who = count(3600), dumps(nancys_response()), nurse()

    def create() -> bytes:
        now = NOW + timedelta(seconds=next(seconds))
        with store.server.session(who, now=now, trace_id=TRACE_ID, only_creates=True) as session:  # as the door does
            return session.text_of(session.create(loads(sent)))

    return create


def _warm(ours: Work) -> tuple[Rows, ...]:
    for _ in range(WARM_UP):
        ours()
    rows = added_by(ours)
    print(f"{connection.vendor}: " + ", ".join(f"{len(each.values)} {each.table}" for each in rows))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does before long
    return rows


def _fastest(rows: tuple[Rows, ...]) -> Insert:
    """Try every bare way on this database, and give the fastest."""
    times = {}
    for name, insert in ways().items():
        copies = [renamed(rows) for _ in range(WARM_UP + ROUNDS)]
        times[name] = median([_time(partial(insert, copy)) for copy in copies][WARM_UP:])
    return ways()[min(times, key=times.__getitem__)]


def _in_turn(ours: Work, floor: Callable[[], Work]) -> Measured:
    """Let the two take turns, drawn by lot (`_submitting.py`); `floor` makes ready what is not measured."""
    blocks = [_block(ours, [floor() for _ in range(ROUNDS)]) for _ in range(BLOCKS)]
    return Measured(
        median(time for block in blocks for time in block[0]),
        median(time for block in blocks for time in block[1]),
        tuple(median(block[1]) / median(block[0]) for block in blocks),
    )


def _block(ours: Work, floors: Sequence[Work]) -> tuple[list[float], list[float]]:
    mine: list[float] = []
    bare: list[float] = []
    turns = [(mine, ours)] * len(floors) + [(bare, floor) for floor in floors]
    for times, work in _LOT.sample(turns, len(turns)):
        times.append(_time(work))
    return mine, bare


def _together(ours: Work, rows: tuple[Rows, ...], insert: Insert) -> Measured:
    """Let several threads do it at once: time for one each, as throughput has it."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        mine, bare = [], []
        for _ in range(BLOCKS):
            mine.append(_throughput(clients, [ours] * ROUNDS * 4))
            bare.append(_throughput(clients, [partial(insert, renamed(rows)) for _ in range(ROUNDS * 4)]))
        list(clients.map(lambda _: connection.close(), range(CLIENTS * 4)))
    ratios = tuple(floor / our for our, floor in zip(mine, bare, strict=True))
    return Measured(median(mine), median(bare), ratios)


def _throughput(clients: ThreadPoolExecutor, works: Sequence[Work]) -> float:
    start = perf_counter()
    list(clients.map(lambda work: work(), works))
    return (perf_counter() - start) * 1000 / len(works)


def _time(work: Work) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())

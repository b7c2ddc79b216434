"""How fast a citizen's submission is, next to the least that its rows can cost on the same database.

One submission is `$submit-measurement` through the gateway, 34 questions answered: validated, stored, scored, triaged;
Provenance, ClinicalImpression, Task, AuditEvent and the row that knows a repetition. The floor is the very same rows,
read back from the database, written under new ids by bare driver calls in one durable transaction on the same
connection. The two take turns. Printed is floor time / submission time: 0.50 is half as fast as the floor.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count, cycle
from random import Random
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter

from django.db import connection

from bench._floor import Insert, Rows, added_by, renamed, ways
from bench._submissions import Submitter
from tests.unit.care.world import MONDAY

BLOCKS, ROUNDS, WARM_UP = 6, 50, 30
_LOT = Random(1)


@dataclass(frozen=True)
class Block:
    """The times of one stretch of the run, in milliseconds."""

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(self.floor) / median(self.ours)


def submission_ratio(engine: str, people: tuple[Submitter, ...]) -> float:
    """Print how long a submission and its floor take; gives floor time / submission time."""
    seconds, turns = count(3600), cycle(people)

    def submit() -> None:
        next(turns).submit(MONDAY + timedelta(seconds=next(seconds)))

    for _ in range(WARM_UP):
        submit()
    rows = added_by(submit)
    print(f"{engine}: " + ", ".join(f"{len(each.values)} {each.table}" for each in rows) + _trips(submit))
    if engine == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does before long
    best = _fastest(rows)
    blocks = [_block(submit, rows, best) for _ in range(BLOCKS)]
    ours = median(time for block in blocks for time in block.ours)
    floor = median(time for block in blocks for time in block.floor)
    spread = sorted(block.ratio for block in blocks)
    print(
        f"{engine}: submission {ours:.2f} ms, floor {floor:.2f} ms, ratio {floor / ours:.2f}"
        f" (medians of {BLOCKS * ROUNDS}; blocks of {ROUNDS}: {spread[0]:.2f} to {spread[-1]:.2f})"
    )
    return floor / ours


def _fastest(rows: tuple[Rows, ...]) -> Insert:
    """Try every bare way on this database, and give the fastest."""
    times = {}
    for name, insert in ways().items():
        copies = [renamed(rows) for _ in range(WARM_UP + ROUNDS)]
        taken = [_time(partial(insert, copy)) for copy in copies]
        times[name] = median(taken[WARM_UP:])
    print(f"{connection.vendor}: floor by " + ", ".join(f"{name} {time:.2f} ms" for name, time in times.items()))
    return ways()[min(times, key=times.__getitem__)]


def _block(submit: Callable[[], None], rows: tuple[Rows, ...], insert: Insert) -> Block:
    """Let the two take turns, drawn by lot.

    SQLite's checkpoint comes with every fourth or so: to and fro by turns, it was always the same one's.
    """
    ours: list[float] = []
    floor: list[float] = []
    turns = [(ours, submit)] * ROUNDS + [(floor, partial(insert, renamed(rows))) for _ in range(ROUNDS)]
    for times, work in _LOT.sample(turns, len(turns)):
        times.append(_time(work))
    return Block(tuple(ours), tuple(floor))


def _time(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def _trips(submit: Callable[[], None]) -> str:
    return f"; {round_trips(submit)} round trips" if connection.vendor == "postgresql" else ""


def round_trips(work: Callable[[], object]) -> int:
    """Count how often libpq says that it waits for PostgreSQL's answer."""
    with TemporaryFile() as trace:
        connection.connection.pgconn.trace(trace.fileno())
        work()
        connection.connection.pgconn.untrace()
        trace.seek(0)
        return len(re.findall(rb"^[^\n]*\tF\t\d+\t(?:Sync|Query)\b", trace.read(), re.MULTILINE))

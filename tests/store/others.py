"""Others at work on the same database at the same time: threads with connections of their own, and processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import Any

from django.db import connection, transaction

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds after which somebody who waits for the others gives up."""


def at_the_same_time(*jobs: Callable[[int], Any]) -> list[Any]:
    """Run each job in a thread of its own, all beginning together; gives what they gave, or raised."""
    together = Barrier(len(jobs))

    def run(job: Callable[[int], Any], number: int) -> Any:
        together.wait(PATIENCE)
        try:
            return job(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        running = [pool.submit(run, job, number) for number, job in enumerate(jobs)]
        return [each.exception(PATIENCE) or each.result() for each in running]


@contextmanager
def holding_open(write: Callable[[], Any]) -> Iterator[None]:
    """Let somebody else write, and not commit before the block ends; then they roll back."""
    has_written, may_end = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            write()
            has_written.set()
            may_end.wait(PATIENCE)
            transaction.set_rollback(True)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert has_written.wait(PATIENCE)
        try:
            yield
        finally:
            may_end.set()
            holding.result(PATIENCE)


def process(url: str, job: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a job of `tests.store.jobs` in a process of its own on a database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOMMUNALPRO_")}
    return subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-m", "tests.store.jobs", job, *arguments],
        env=environment | {"KOMMUNALPRO_DATABASE_URL": url},
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

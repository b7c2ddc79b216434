"""Others at work on the same database at the same time: threads with connections of their own, and processes."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, Event
from typing import Any

from django.db import connection, transaction

from tests.store.jobs import work

PATIENCE = 60
"""Seconds after which somebody who waits for the others gives up."""
_PROCESSES = multiprocessing.get_context("forkserver")
# Who is started comes out of a process that has loaded everything: each would take a second for it, and some forty are.
_PROCESSES.set_forkserver_preload(["tests.store.jobs"])


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


class Other:
    """A process at work on a database: a job of `tests.store.jobs`."""

    def __init__(self, url: str, job: str, *arguments: str) -> None:
        self._line, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=work, args=(theirs, url, job, *arguments))
        self._process.start()
        theirs.close()

    def says(self) -> str:
        """Wait for the next thing that it says; empty when it has ended."""
        with suppress(EOFError, ConnectionResetError):
            return str(self._line.recv())
        return ""

    def go_on(self) -> None:
        """Let it do what it waits to do."""
        self._line.send("go on")

    def kill(self) -> None:
        self._process.kill()

    def ends(self) -> int | None:
        """Wait for its end; gives the exit code, negative when a signal ended it, None: it has not come to an end."""
        self._process.join(PATIENCE)
        return self._process.exitcode

    def leave(self) -> None:
        """See to it that nothing of it is left."""
        self._process.kill()
        self._process.join(PATIENCE)
        self._process.close()
        self._line.close()


@contextmanager
def others(url: str, *jobs: tuple[str, ...]) -> Iterator[list[Other]]:
    """Start processes and wait until all of them are ready; whatever is left of them ends with the block."""
    started = [Other(url, *job) for job in jobs]
    try:
        assert [each.says() for each in started] == ["ready"] * len(started)
        for each in started:
            each.go_on()
        yield started
    finally:
        for each in started:
            each.leave()

"""One commit for what several threads have to write at the same time: the first writes for those that wait.

For SQLite, which has one writer and no way of grouping commits; PostgreSQL groups them itself (docs/adr/0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from django.db import transaction

from kommunalpro.fhirserver.writer import Write, write_new


@dataclass(slots=True, eq=False)
class _Waiting:
    """What one thread has to write, and what became of it. It is called when that is known, or to lead."""

    writes: Sequence[Write]
    called: Event = field(default_factory=Event)
    is_done: bool = False
    failure: BaseException | None = None


class SharedCommit:
    """The threads of a process that write at the same time, each on a connection of its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._is_led = False

    def write(self, writes: Sequence[Write]) -> None:
        """Write new resources; comes back when they are committed.

        Not within a transaction: who leads would wait for it to end, and it for who leads.

        Raises:
            Error: the database's own, whoever of those that wrote together was the one to meet it. Nothing is written.
        """
        mine = _Waiting(writes)
        with self._lock:
            self._waiting.append(mine)
            follows, self._is_led = self._is_led, True
        if follows:
            mine.called.wait()
        if not mine.is_done:
            self._lead()
        if mine.failure:
            raise mine.failure

    def _lead(self) -> None:
        """Write for all that wait now, and let the first of those that came meanwhile lead next."""
        with self._lock:
            together, self._waiting = self._waiting, []
        failure = _write([write for each in together for write in each.writes])
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
        for each in together:
            each.failure, each.is_done = failure, True
            each.called.set()
        if following:
            following.called.set()


def _write(writes: Sequence[Write]) -> BaseException | None:
    try:
        with transaction.atomic():
            write_new(writes)
    except BaseException as wrong:  # noqa: BLE001  (raised by each whose writes they were: none may wait for ever)
        return wrong
    return None

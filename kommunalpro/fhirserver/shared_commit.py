"""One commit for what several threads have to write at the same time: the first writes for those that wait.

For SQLite, which has one writer and no way of grouping commits; PostgreSQL groups them itself (docs/adr/0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from kommunalpro.fhirserver.database import begin_on_sqlite
from kommunalpro.fhirserver.writer import Submission, Write, write_new


@dataclass(slots=True, eq=False)
class _Waiting:
    """What one thread has to write, and what became of it. It is called when that is known, or to lead."""

    writes: Sequence[Write]
    submissions: Sequence[Submission]
    called: Event = field(default_factory=Event)
    is_done: bool = False
    failure: BaseException | None = None


class SharedCommit:
    """The threads of a process that write at the same time, each on a connection of its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._is_led = False

    def write(self, writes: Sequence[Write], submissions: Sequence[Submission] = ()) -> None:
        """Write new resources, and submissions; comes back when they are committed.

        Not within a transaction: who leads would wait for it to end, and it for who leads.

        Raises:
            NeedsTransaction: somebody else has submitted the same meanwhile. Nothing is written.
            Error: the database's own. Nothing is written.
        """
        mine = _Waiting(writes, submissions)
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
        failure = _write(together)
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
        for each in together:
            # Whose writes they were that failed, nobody knows: each then writes by itself.
            each.failure = _write([each]) if failure and len(together) > 1 else failure
            each.is_done = True
            each.called.set()
        if following:
            following.called.set()


def _write(together: Sequence[_Waiting]) -> BaseException | None:
    writes = [write for each in together for write in each.writes]
    submissions = [submission for each in together for submission in each.submissions]
    try:
        with begin_on_sqlite():
            write_new(writes, submissions)
    except BaseException as wrong:  # noqa: BLE001  (raised by whom it concerns: none may wait for ever)
        return wrong
    return None

"""Rounds of: serve, write, kill at a random moment, start again, look."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kommunalpro.fhirserver.sealing import Head
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.keys import read_audit_key
from tests.databases import default_database
from tests.live import COMMAND, PROJECT, LiveServer
from tests.soak.checking import check
from tests.soak.load import Journal, writing

sys.path.append(str(PROJECT / "scripts"))
from machine import find_postgres
from with_postgres import own_cluster

ENGINES = ("sqlite", *(("postgresql",) if find_postgres() else ()))
LONGEST = 1.5
"""Seconds of writing before it ends."""


@dataclass
class Soak:
    """An installation that is killed again and again. `cluster` None: it is on SQLite, which ends with the server."""

    live: LiveServer
    cluster: Any
    random: random.Random
    journal: Journal = field(default_factory=Journal)
    head: Head | None = None
    wrong: list[str] = field(default_factory=list)

    def round(self, number: int) -> str:
        """Kill once; gives what was killed. What is wrong afterwards is in `wrong`."""
        victim = "server" if self.cluster is None else self.random.choice(("server", "database"))
        token = self.live.token(SYSTEM)
        with self._serving() as processes, writing(self.live, token, self.journal, number):
            time.sleep(self.random.uniform(0.3, LONGEST))
            if victim == "database":
                self.cluster.kill()
                self.cluster.start()
                # The server was not told, and answers again by itself.
                self._wait_for_another(len(self.journal.versions))
            for each in processes:
                os.killpg(each.pid, signal.SIGKILL)
        self._look()
        return victim

    @contextmanager
    def _serving(self) -> Iterator[list["subprocess.Popen[bytes]"]]:
        with (self.live.directory / "worker.log").open("ab") as log:
            options: dict[str, Any] = {"env": self.live.environment, "cwd": PROJECT, "start_new_session": True}
            worker = subprocess.Popen([*COMMAND, "worker"], stdout=log, stderr=log, **options)  # noqa: S603  (our own)
        try:
            with self.live.serving(workers=2):
                assert self.live.process
                yield [self.live.process, worker]
        finally:
            worker.kill()
            worker.wait()

    def _wait_for_another(self, before: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.journal.versions) == before:
            if time.monotonic() > deadline:
                self.wrong.append("The server does not answer again after its database came back")
                return
            time.sleep(0.02)

    def _look(self) -> None:
        with default_database(self.live.environment["KOMMUNALPRO_DATABASE_URL"]):
            wrong, self.head = check(self.journal, read_audit_key(self.live.directory / "keys"), self.head)
        self.wrong += wrong


@contextmanager
def soaking(engine: str, directory: Path, seed: int) -> Iterator[Soak]:
    """Prepare an installation; PostgreSQL in a cluster of its own, that writes to the disk what it says it has."""
    randomly = random.Random(seed)  # noqa: S311  (moments, not secrets)
    if engine == "sqlite":
        yield Soak(LiveServer.prepared(directory), None, randomly)
        return
    binaries = find_postgres()
    assert binaries
    with own_cluster(binaries) as cluster:
        yield Soak(LiveServer.prepared(directory, database_url=cluster.url), cluster, randomly)


def run(engine: str, directory: Path, *, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Soak:
    """Kill several times; gives what was found."""
    with soaking(engine, directory, seed) as soak:
        for number in range(1, kills + 1):
            victim = soak.round(number)
            written, wrong = len(soak.journal.versions), len(soak.wrong)
            tell(f"{engine} {number}/{kills}: killed the {victim}; {written} acknowledged, {wrong} wrong")
            if soak.wrong:
                break
        return soak

"""What other processes do in these tests (tests/store/others.py): a job, and what is said meanwhile on a line."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import tests.conftest  # noqa: F401  (sets Django up)
from kommunalpro.fhir.outcome import PreconditionFailed
from kommunalpro.fhirserver import sealing, writer
from kommunalpro.fhirserver.export import running
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.sealing import seal
from tests.databases import default_database
from tests.resources import organization
from tests.store.cast import KEY, LATER, Store, make_server


def work(line: Connection, url: str, job: str, *arguments: str) -> None:
    """Say that the process is ready, wait to be let go, and do the job."""
    with default_database(url):
        line.send("ready")
        line.recv()
        JOBS[job](Talking(make_server(), url, line), *arguments)


@dataclass(frozen=True)
class Talking(Store):
    """The server of a process that others talk with."""

    line: Connection


def count_up(store: Store, id: str, times: str) -> None:
    """Add one to the number in a name as often as it takes to succeed, as somebody does who reads before they write."""
    done = 0
    while done < int(times):
        current = store.read("Organization", id)
        changed = current | {"name": str(int(current["name"]) + 1)}
        with suppress(PreconditionFailed):
            store.update(changed, if_match=current["meta"]["versionId"])
            done += 1


def count_both_up(store: Store, one: str, other: str, times: str) -> None:
    """Add one to the numbers in two names, both or none, in the order given, as often as it takes to succeed."""
    done = 0
    while done < int(times):
        entries = []
        for id in (one, other):
            current = store.read("Organization", id)
            changed = current | {"name": str(int(current["name"]) + 1)}
            url, version = f"Organization/{id}", current["meta"]["versionId"]
            request = {"method": "PUT", "url": url, "ifMatch": f'W/"{version}"'}
            entries.append({"resource": changed, "request": request})
        with suppress(PreconditionFailed):
            store.transact(*entries)
            done += 1


def make_once(store: Store, times: str) -> None:
    """Create what is not there yet, one after another, as others do at the same time."""
    for number in range(int(times)):
        with store.as_() as session:
            session.create(organization(f"only-{number}"), if_none_exist=f"name:exact=only-{number}")


def seal_and_write(store: Store, times: str) -> None:
    """Write an event and seal what can be sealed, over and over."""
    for _ in range(int(times)):
        store.create(organization())
        seal(KEY)


def seal_in_twos(store: Store) -> None:
    """Seal all that waits, two events at a time."""
    sealing._BATCH = 2
    seal(KEY)


def export_in_twos(store: Talking, directory: str) -> None:
    """Make exports two rows at a time, and say when each two are done."""
    running._ON_POSTGRESQL = running._ON_SQLITE = 2
    while running.run_batch(store.server, Place(Path(directory)), LATER):
        store.line.send("two")
        time.sleep(0.01)


def commit_and_wait(store: Talking) -> None:
    """Write, commit, tell what was written, and wait for whatever comes."""
    store.line.send(store.create(organization())["id"])
    store.line.recv()


def write_and_wait(store: Talking) -> None:
    """Write, and wait for whatever comes before it commits."""
    with store.as_() as session:
        store.line.send(session.create(organization())["id"])
        store.line.recv()


def die_between_statements(store: Store) -> None:
    """Be gone after the first statement of a write, as when the power is cut."""
    for name in ("change", "change_many", "rows_by_key"):
        setattr(writer, name, _last(getattr(writer, name)))
    store.create(organization())


def _last(statement: Callable[..., object]) -> Callable[..., object]:
    def run_and_die(*given: object) -> object:
        statement(*given)
        return os.kill(os.getpid(), signal.SIGKILL)

    return run_and_die


JOBS: dict[str, Callable[..., None]] = {
    "count-up": count_up,
    "count-both-up": count_both_up,
    "make-once": make_once,
    "seal-and-write": seal_and_write,
    "seal-in-twos": seal_in_twos,
    "export-in-twos": export_in_twos,
    "commit-and-wait": commit_and_wait,
    "write-and-wait": write_and_wait,
    "die-between-statements": die_between_statements,
}

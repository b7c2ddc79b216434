"""Installations whose database can be made to fail."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.live import PROJECT, Answer, LiveServer

sys.path.append(str(PROJECT / "scripts"))
from machine import find_postgres
from with_postgres import FAST, own_cluster

FEW = ("max_connections=12", "superuser_reserved_connections=0")
"""Connections that the cluster allows, so that all of them can be taken."""

THREADS = 2
"""Threads of each server, which have a connection each."""


@contextmanager
def on_sqlite(directory: Path) -> Iterator[LiveServer]:
    """A server that waits a second for its database."""
    with LiveServer.started(directory, threads=THREADS, STATEMENT_SECONDS="1") as live:
        yield live


@contextmanager
def on_postgres(directory: Path) -> Iterator[tuple[LiveServer, Any]]:
    """A server that waits three seconds for a PostgreSQL of its own, which can be stopped."""
    binaries = find_postgres()
    assert binaries
    with (
        own_cluster(binaries, options=(*FAST, *FEW)) as cluster,
        LiveServer.started(directory, database_url=cluster.url, threads=THREADS, STATEMENT_SECONDS="3") as live,
    ):
        yield live, cluster


@contextmanager
def on_writing(live: LiveServer, name: str, what: str) -> Iterator[None]:
    """Let PostgreSQL do this whenever a version is written."""
    with closing(psycopg.connect(live.environment["KOMMUNALPRO_DATABASE_URL"], autocommit=True)) as database:
        database.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$"
        )
        database.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON fhir_version FOR EACH ROW EXECUTE FUNCTION {name}()")
        yield
        database.execute(f"DROP FUNCTION {name} CASCADE")


def is_unavailable(answer: Answer, code: str, status: int = 503) -> bool:
    """Say whether it is told what is the matter, and when to try again."""
    assert answer.status == status, answer.body
    assert answer.issue["code"] == code
    return int(answer.headers["retry-after"]) > 0


def until(condition: Callable[[], Any]) -> Any:
    """Wait until there is something; gives it."""
    deadline = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found

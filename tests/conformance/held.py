"""Somebody who keeps a database from being written, so that a request takes as long as a test wants."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg

from tests.live import Answer, LiveServer
from tests.resources import organization


@contextmanager
def nobody_can_write(live: LiveServer) -> Iterator[None]:
    """Hold what every write needs until the block ends."""
    url = live.environment["KOMMUNALPRO_DATABASE_URL"]
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE fhir_resource IN EXCLUSIVE MODE")
            yield
        return
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def writing(live: LiveServer, token: str, times: int) -> Iterator[list[Future[Answer]]]:
    """Let several write at the same time."""
    with ThreadPoolExecutor(times) as pool:
        yield [
            pool.submit(live.request, "POST", "/fhir/Organization", organization(f"{n}"), token=token)
            for n in range(times)
        ]


@contextmanager
def held_up(live: LiveServer, token: str, times: int) -> Iterator[list[Future[Answer]]]:
    """Let several write while nobody can; they are answered when the block ends."""
    with ExitStack() as answered, nobody_can_write(live):
        yield answered.enter_context(writing(live, token, times))

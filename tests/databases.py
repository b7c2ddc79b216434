"""Databases for tests that commit for real: a fresh one for each, on every engine that this machine has.

    with migrated_template("sqlite", tmp_path) as template, template.copy() as url, default_database(url):
        ...

Tables are made once, in a template; every test works on a copy of its own.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from kommunalpro.config.database import read_database_url
from tests.conftest import POSTGRES

ENGINES = ("sqlite", *(("postgresql",) if POSTGRES in os.environ else ()))
"""What the suite runs on; without PostgreSQL `scripts/run_suites.py` says that it was skipped."""


@dataclass(frozen=True)
class Template:
    """A migrated database that is only copied. `url` names it; copies of SQLite lie in `directory`.

    Making a database takes PostgreSQL longer than most tests take: copies are emptied and used again. Each has a
    connection for that, which stays: a new one takes longer than the emptying.
    """

    url: str
    directory: Path
    made: dict[str, "psycopg.Connection[Any]"] = field(default_factory=dict, repr=False)
    free: list[str] = field(default_factory=list)
    is_remote: bool = False

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Give the URL of a database with tables and no rows."""
        if self.url.startswith("sqlite"):
            path = self.directory / f"{uuid4().hex}.sqlite3"
            shutil.copy(self.url.removeprefix("sqlite:///"), path)
            yield f"sqlite:///{path}"
            for each in self.directory.glob(f"{path.name}*"):
                each.unlink()
            return
        name = self.free.pop() if self.free else self._make()
        yield _postgres(name)
        _empty(self.made[name])
        self.free.append(name)

    def _make(self) -> str:
        name = f"test_{uuid4().hex}"
        _administer(f'CREATE DATABASE {name} TEMPLATE "{urlsplit(self.url).path.removeprefix("/")}"')
        self.made[name] = psycopg.connect(_postgres(name), autocommit=True)
        return name


@contextmanager
def empty_database(engine: str, directory: Path) -> Iterator[str]:
    """Give the URL of a database without tables, for an installation that makes its own; gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{directory / 'live.sqlite3'}"
        return
    name = f"live_{uuid4().hex}"
    _administer(f"CREATE DATABASE {name}")
    yield _postgres(name)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", params=ENGINES)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A template on each engine in turn: whatever stands on it runs on all of them."""
    with migrated_template(request.param, tmp_path_factory.mktemp("templates")) as template:
        yield template


@contextmanager
def migrated_template(engine: str, directory: Path) -> Iterator[Template]:
    """Make a database with all tables, gone afterwards with its copies."""
    name = f"template_{uuid4().hex}"
    if engine == "sqlite":
        path = directory / f"{name}.sqlite3"
        _migrate(f"sqlite:///{path}")
        _flush(path)
        yield Template(f"sqlite:///{path}", directory)
        return
    # Danish rules of order, as a municipality's database may have: what is found must not depend on them.
    _administer(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'da-DK' LOCALE 'C.UTF-8'")
    _migrate(_postgres(name))
    template = Template(_postgres(name), directory)
    yield template
    for connection in template.made.values():
        connection.close()
    for each in (*template.made, name):
        _administer(f"DROP DATABASE {each} WITH (FORCE)")


def _migrate(url: str) -> None:
    with default_database(url):
        call_command("migrate", interactive=False, verbosity=0)


def _empty(connection: "psycopg.Connection[Any]") -> None:
    """Take every row away (ten times as fast as TRUNCATE, for so few), and whatever connection a test left open."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    found = connection.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
    with connection.transaction():
        for (table,) in found:
            if table != "django_migrations":
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  (our own names)


@contextmanager
def default_database(url: str) -> Iterator[None]:
    """Make this Django's database, for every thread of this process, and the former one again afterwards."""
    before = connections.settings["default"]
    _switch(connections.configure_settings({"default": read_database_url(url)})["default"])
    try:
        yield
    finally:
        _switch(before)


def _switch(settings: dict[str, object]) -> None:
    """Other threads connect anew by these settings; this one drops the connection that it has."""
    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = settings


def _postgres(name: str) -> str:
    return urlunsplit(urlsplit(os.environ[POSTGRES])._replace(path=f"/{name}"))


def _administer(statement: str) -> None:
    with psycopg.connect(os.environ[POSTGRES], autocommit=True) as connection:
        connection.execute(statement)


def _flush(path: Path) -> None:
    """Bring what is still in the write-ahead log into the file, so that the file alone is the database."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

"""Databases for tests that commit for real: a fresh one for each, on every engine that this machine has.

    with Engine("sqlite").template(tmp_path) as template, template.copy() as url, default_database(url):
        ...

Tables are made once, in a template; every test works on a copy of it.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connections

from kommunalpro.config.database import read_database_url
from tests.conftest import POSTGRES

ENGINES = ("sqlite", *(("postgresql",) if POSTGRES in os.environ else ()))
"""What the suite runs on; without PostgreSQL `scripts/run_suites.py` says that it was skipped."""


@dataclass(frozen=True)
class Template:
    """A migrated database that is only copied. `url` names it; copies of SQLite lie in `directory`."""

    url: str
    directory: Path

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Give the URL of a copy, gone afterwards."""
        name = f"test_{uuid4().hex}"
        if self.url.startswith("sqlite"):
            path = self.directory / f"{name}.sqlite3"
            shutil.copy(self.url.removeprefix("sqlite:///"), path)
            yield f"sqlite:///{path}"
            for each in self.directory.glob(f"{name}*"):
                each.unlink()
        else:
            _administer(f'CREATE DATABASE {name} TEMPLATE "{urlsplit(self.url).path.removeprefix("/")}"')
            yield _postgres(name)
            _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def migrated_template(engine: str, directory: Path) -> Iterator[Template]:
    """Make a database with all tables, gone afterwards."""
    name = f"template_{uuid4().hex}"
    url = f"sqlite:///{directory / name}.sqlite3"
    if engine == "postgresql":
        # Danish rules of order, as a municipality's database may have: what is found must not depend on them.
        _administer(
            f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'da-DK' LOCALE 'C.UTF-8'"
        )
        url = _postgres(name)
    with default_database(url):
        call_command("migrate", interactive=False, verbosity=0)
    if engine == "sqlite":
        _flush(directory / f"{name}.sqlite3")
    yield Template(url, directory)
    if engine == "postgresql":
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


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

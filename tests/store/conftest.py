"""Every test of the store runs on SQLite and on PostgreSQL, on a database of its own that it commits to for real."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kommunalpro.fhirserver.export import running
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.facts import record_base_url
from tests.databases import Template, default_database, template
from tests.store.cast import BASE, Store, fill, make_server
from tests.store.exports import Exports

__all__ = ["template"]


@pytest.fixture
def store(template: Template) -> Iterator[Store]:
    """The server on an empty database."""
    with _open(template) as store:
        yield store


@pytest.fixture(scope="module")
def shelf(template: Template) -> Iterator[Store]:
    """The server on a database that is filled once for a file of tests, which only read."""
    with _open(template) as store:
        yield store


@contextmanager
def _open(template: Template) -> Iterator[Store]:
    with template.copy() as url, default_database(url):
        record_base_url(BASE)
        yield Store(make_server(), url)


@pytest.fixture
def clinic(store: Store) -> Store:
    """The server with the cast's teams, citizens and courses of care."""
    fill(store)
    return store


@pytest.fixture
def in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two rows of an export, so that a few are many batches."""
    for name in ("_ON_POSTGRESQL", "_ON_SQLITE"):
        monkeypatch.setattr(running, name, 2)


@pytest.fixture
def exports(clinic: Store, tmp_path: Path) -> Exports:
    """The clinic, with a place for exports."""
    place = Place(tmp_path / "exports")
    return Exports(Store(replace(clinic.server, exports=place), clinic.url), place)

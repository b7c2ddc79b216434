"""Worlds that many tests stand on: each is made once, in a database of its own, and what a test does is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conftest import rolled_back
from tests.databases import default_database, migrated_template
from tests.store.cast import Store, fill, make_server
from tests.unit.care.world import World, make_world

_Made = TypeVar("_Made")


@pytest.fixture(scope="session")
def made_world(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World]]:
    with _made(make_world, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def world(made_world: tuple[str, World]) -> Iterator[World]:
    """The small world of care."""
    url, world = made_world
    with default_database(url), rolled_back():
        yield world


@pytest.fixture(scope="session")
def made_clinic(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, None]]:
    with _made(lambda: fill(Store(make_server(), "")), tmp_path_factory.mktemp("clinic")) as made:
        yield made


@pytest.fixture
def clinic(made_clinic: tuple[str, None]) -> Iterator[Store]:
    """The server with the cast's teams, citizens and courses of care."""
    url, _ = made_clinic
    with default_database(url), rolled_back():
        yield Store(make_server(), "")


@contextmanager
def _made(make: Callable[[], _Made], directory: Path) -> Iterator[tuple[str, _Made]]:
    """Give the URL of a database of SQLite, and what was made in it."""
    with migrated_template("sqlite", directory) as template:
        with default_database(template.url):
            made = make()
        yield template.url, made

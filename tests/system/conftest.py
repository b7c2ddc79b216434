"""A running installation with the demo's people for every story, and a browser to visit it with."""

import fcntl
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conformance.faulty import until
from tests.live import LiveServer, free_port
from tests.system.browser import Place, Visitor, chromium, share_what_is_checked
from tests.system.national import National, national_copy


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell a story of several sizes at the first of them alone on the national infrastructure, which sees no screen."""
    told = [each for each in items if _is_told_already(getattr(each, "callspec", None), each)]
    items[:] = [each for each in items if each not in told]
    config.hook.pytest_deselected(items=told)


def _is_told_already(how: Any, story: pytest.Item) -> bool:
    sizes = [mark.args[1] for mark in story.iter_markers("parametrize") if mark.args[0] == "size"]
    return bool(sizes) and how.params.get("place") == "national" and how.params["size"] != sizes[0][0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all stories."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A directory of this run, which all processes that run its tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def filled(together: Path) -> LiveServer:
    """An installation with demo data, made once for all processes and never served itself."""
    directory, made = together / "filled", together / "filled.made"
    with (together / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            directory.mkdir(exist_ok=True)
            live = LiveServer.prepared(directory)
            live.command("demo")
            made.write_bytes(pickle.dumps(live))
    return pickle.loads(made.read_bytes())  # type: ignore[no-any-return]  # noqa: S301  (made by one of us)


@pytest.fixture(scope="session")
def served(filled: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A copy of that installation, serving; a start takes longer than many a story."""
    own = tmp_path_factory.mktemp("served") / "live"
    copytree(filled.directory, own)
    moved = {name: value.replace(str(filled.directory), str(own)) for name, value in filled.environment.items()}
    # Its resources are named as before, on a port that is no other copy's.
    live = replace(filled, directory=own, environment=moved, port=free_port())
    with live.serving():
        yield live


@pytest.fixture
def live(filled: LiveServer, served: LiveServer) -> LiveServer:
    """The serving installation for one story, with everything as it was before any story."""
    _begin_anew(filled.directory / "live.sqlite3", served)
    return served


@pytest.fixture(scope="session")
def nationally(filled: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[National, Path]]:
    """The same on the national infrastructure, serving; and where its two databases are kept as they were."""
    directory = tmp_path_factory.mktemp("nationally")
    with national_copy(filled, directory) as national:
        for served in national.installations:
            with closing(_database(served)) as now, closing(sqlite3.connect(directory / str(served.port))) as kept:
                now.backup(kept)
        yield national, directory


@pytest.fixture
def national(nationally: tuple[National, Path]) -> National:
    """The national infrastructure and the pages on it for one story, with everything as it was before any story."""
    national, kept = nationally
    for served in national.installations:
        _begin_anew(kept / str(served.port), served)
    return national


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Where a story takes place: here, or (`everywhere`) on the national infrastructure as well."""
    if getattr(request, "param", "here") == "here":
        return Place(request.getfixturevalue("live").url)
    return Place(request.getfixturevalue("national").address, is_national=True)


@pytest.fixture
def visitor(place: Place, browser: Browser, together: Path) -> Iterator[Callable[..., Visitor]]:
    """Let somebody visit: `visitor()`, `visitor(width=320)`, `visitor(scripted=False)`."""
    share_what_is_checked(together)
    visitors: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, place, **options))
        return visitors[-1]

    yield visit
    for each in visitors:
        each.leaves()


def _begin_anew(kept: Path, served: LiveServer) -> None:
    # What the story before asked for and left is done first.
    until(lambda: b"kommunalpro_in_flight 0.0" in served.request("GET", "/metrics").body)
    with closing(sqlite3.connect(kept)) as before, closing(_database(served)) as now:
        before.backup(now)


def _database(live: LiveServer) -> sqlite3.Connection:
    connection = sqlite3.connect(live.directory / "live.sqlite3", timeout=20)
    connection.execute("PRAGMA synchronous=OFF")
    return connection

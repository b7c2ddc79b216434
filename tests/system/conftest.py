"""A running installation with the demo's people for every story, and a browser to visit it with."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.live import LiveServer
from tests.system.browser import Visitor, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all stories."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """An installation with demo data, made once and never served itself."""
    live = LiveServer.prepared(tmp_path_factory.mktemp("filled"))
    live.command("demo")
    return live


@pytest.fixture
def live(filled: LiveServer, tmp_path: Path) -> Iterator[LiveServer]:
    """A copy of that installation for one story, serving."""
    own = tmp_path / "live"
    shutil.copytree(filled.directory, own)
    old = str(filled.directory)
    moved = {name: value.replace(old, str(own)) for name, value in filled.environment.items()}
    live = replace(filled, directory=own, environment=moved)
    with live.serving():
        yield live


@pytest.fixture
def visitor(live: LiveServer, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Let somebody visit: `visitor()`, `visitor(width=320)`, `visitor(scripted=False)`."""
    visitors: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, live.url, **options))
        return visitors[-1]

    yield visit
    for each in visitors:
        each.leaves()

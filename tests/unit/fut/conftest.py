from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kommunalpro.fut.gateway import service
from kommunalpro.fut.gateway.remote import RemoteGateway
from kommunalpro.fut.gateway.service import Services
from kommunalpro.identity.fetching import HttpAnswer, NoAnswer
from tests.resources import questionnaire
from tests.store.cast import Store, make_server
from tests.unit.fut.definitions import editor
from tests.unit.fut.wire import URLS, Wire


@pytest.fixture
def store(database: None) -> Store:
    """The server on this process's own database; what a test writes is rolled back."""
    return Store(make_server(), "")


@pytest.fixture
def draft(store: Store):
    """A questionnaire that is being written."""
    return store.create(questionnaire(), by=editor())


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch):
    """A remote gateway whose services answer so, in turn."""

    @contextmanager
    def wire(*answers: HttpAnswer | NoAnswer) -> Iterator[tuple[RemoteGateway, Wire]]:
        wire = Wire(list(answers))
        monkeypatch.setattr(service, "exchange", wire)
        monkeypatch.setattr(service, "PAUSES", (0.001, 0.001))
        yield RemoteGateway(URLS, Services(wire)), wire

    return wire

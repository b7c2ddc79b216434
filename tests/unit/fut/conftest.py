import pytest

from tests.resources import questionnaire
from tests.store.cast import Store, make_server
from tests.unit.fut.definitions import editor


@pytest.fixture
def store(database: None) -> Store:
    """The server on this process's own database; what a test writes is rolled back."""
    return Store(make_server(), "")


@pytest.fixture
def draft(store: Store):
    """A questionnaire that is being written."""
    return store.create(questionnaire(), by=editor())

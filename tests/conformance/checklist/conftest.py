"""One town for each module of the checklist, on each engine."""

from typing import Any

import pytest

from tests.conformance.checklist.course import Course
from tests.conformance.checklist.town import Town
from tests.conformance.conftest import Client
from tests.live import LiveServer


@pytest.fixture(scope="module")
def town(live: LiveServer, system: Client, as_somebody: Any) -> Town:
    """Two organisations with care teams, and who works there."""
    return Town.founded(live.base_url, system, as_somebody)


@pytest.fixture(scope="module")
def course(town: Town) -> Course:
    """A course of care of somebody who lives there."""
    return town.opens(town.citizen())

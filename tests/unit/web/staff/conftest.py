from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.people import NANCY
from tests.unit.care.world import Enrolled, World


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    """The pages' own language."""
    with translation.override("da"):
        yield


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, who has been sent the questionnaire."""
    nancy = world.enrol(NANCY)
    nancy.gets()
    return nancy

import pytest

from tests.people import NANCY
from tests.unit.care.world import Enrolled, World


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, enrolled by Asta's team."""
    return world.enrol(NANCY)

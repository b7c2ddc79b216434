"""A clinical administrator looks at organisations: which are open, which are yet to be, and one by name."""

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fut.contexts import SYSTEM
from tests.resources import organization
from tests.unit.web.shared.conftest import words


@pytest.fixture
def centre(world):
    """A health centre whose first day is yet to come."""
    made = organization("Sundhedscenter Nord")
    period = {"url": ehealth.ORGANIZATION_PERIOD, "valuePeriod": {"start": "2099-02-01"}}
    made = {**made, "active": False, "extension": [*made.get("extension", ()), period]}
    return wiring.gateway().create(made, by=SYSTEM, now=wiring.clock().now())


def test_an_organisation_that_is_yet_to_open_says_when_in_the_tree_and_on_its_own_page(visit, centre):
    lis = visit("lis")
    for page in ("/kam/organisationer/", f"/kam/organisationer/{centre['id']}/"):
        found = words(lis.get(page))
        assert "Åbner 1. februar 2099" in found
        assert "Lukket" not in found

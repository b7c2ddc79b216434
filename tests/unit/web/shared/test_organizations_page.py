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


def test_a_centre_is_found_by_name_however_few_they_are_and_says_when_it_opens_on_its_own_page_too(visit, centre):
    lis = visit("lis")
    whole = words(lis.get("/kam/organisationer/"))
    assert 'name="navn"' in whole
    found = words(lis.get("/kam/organisationer/", {"navn": "center nord"}))
    assert "Ryd søgningen" in found
    for page in (whole, found, words(lis.get(f"/kam/organisationer/{centre['id']}/"))):
        assert "Åbner 1. februar 2099" in page
        assert "Lukket" not in page

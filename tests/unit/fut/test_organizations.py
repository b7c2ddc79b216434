"""Who may change an organisation: its own people and those above it, and nobody its numbers."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Forbidden
from tests.people import LIS
from tests.refusals import refusal, refusal_codes
from tests.resources import organization, to
from tests.store.cast import BASE

ANOTHERS = ["KPRO_ORGANIZATION_NOT_MATCHING_TOKEN_CONTEXT"]
NUMBERS = "KPRO_ORGANIZATION_NUMBERS"


def lis(organization="kommune"):
    return LIS.at(BASE).within(organization=organization and f"{BASE}/Organization/{organization}")


@pytest.fixture
def centre(clinic):
    """A health centre of the municipality."""
    made = organization("Sundhedscenter") | {"partOf": to("Organization/kommune")}
    return clinic.create(made, id="center")


def renamed(clinic, id, by, **changes):
    change = [{"op": "add", "path": f"/{name}", "value": value} for name, value in changes.items()]
    with clinic.as_(by) as session:
        return session.patch(
            "Organization", id, change or [{"op": "replace", "path": "/name", "value": "Nyt"}], if_match=None
        )


@pytest.mark.parametrize("id", ["kommune", "center"])
def test_an_administrator_changes_her_own_organisation_and_those_below_it(clinic, centre, id):
    assert renamed(clinic, id, lis())["name"] == "Nyt"


@pytest.mark.parametrize(
    ("id", "whose"), [("kommune", "center"), ("kommune", "region"), ("center", "region"), ("center", None)]
)
def test_nobody_changes_the_one_above_nor_another_s(clinic, centre, id, whose):
    assert refusal_codes(lambda: renamed(clinic, id, lis(whose)), Forbidden) == ANOTHERS


def test_her_numbers_are_not_hers_to_change_for_by_them_it_is_known_who_she_works_for(clinic, centre):
    identifier = [{"system": ehealth.SOR, "value": "634491000016008"}]
    cvr = [*centre["extension"], {"url": ehealth.ORGANIZATION_CVR_NUMBER, "valueString": "29190925"}]
    told = refusal(lambda: renamed(clinic, "center", lis(), identifier=identifier, extension=cvr))
    assert told == [(NUMBERS, "Organization.identifier"), (NUMBERS, "Organization.extension")]
    assert clinic.update({**centre, "identifier": identifier, "extension": cvr})["identifier"] == identifier

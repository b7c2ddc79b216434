"""Organisations from FK Organisation, beside those from SOR which they are as well."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.organizations.disagreement import related_url
from tests.store.cast import LATER
from tests.store.registers import Registers, source, synchronization
from tests.unit.integrations.fk_organisation.files import CENTRE, HEALTH, TOWN, unit
from tests.unit.integrations.sor import files as sor

FK = ehealth.STS_ORG


@pytest.fixture
def register(store, tmp_path):
    return Registers(store, tmp_path)


@pytest.fixture
def town():
    """A municipality with a health centre, which stands before what it is part of."""
    return (
        unit(CENTRE, "Sundhedscentret", parent_uuid=HEALTH, sor_id=sor.CENTRE),
        unit(HEALTH, "Sundhed og Omsorg", parent_uuid=TOWN),
        unit(TOWN, "Birkelund Kommune", type="Organisation", cvr="29190925"),
    )


@pytest.fixture
def in_sor(register):
    """The same municipality in SOR, where the centre stands right below it."""
    centre = sor.unit(sor.CENTRE, "Sundhedscenter Birkelund", parent=sor.TOWN)
    register.sor(sor.unit(sor.TOWN, "Birkelund Kommune", cvr="29190925"), centre)


def test_a_unit_is_an_organization_of_its_own(register, town):
    assert register.fk(*town) == {"new": 3, "remark": 1}
    found = register.of(HEALTH, FK)
    assert (source(found), synchronization(found), found["active"]) == ("STS-ORG", "EligibleForSynchronization", True)
    assert found["type"][0]["coding"][0]["code"] == "OrganisationEnhed"
    assert found["partOf"] == {"reference": register.url(TOWN, FK)}
    assert sor.CENTRE in register.told("remark")[0]


def test_the_same_file_again_changes_nothing_and_closes_nobody_that_is_in_another(register, town, in_sor):
    register.fk(*town)
    assert register.fk(*town, now=LATER) == {"unchanged": 3, "disagreement": 1}
    assert register.fk(*town[1:], now=LATER) == {"unchanged": 2}
    assert register.of(CENTRE, FK)["active"] is True


def test_it_is_related_to_the_unit_of_sor_that_it_names_or_whose_cvr_number_it_has(register, town, in_sor):
    register.fk(*town)
    assert related_url(register.of(CENTRE, FK)) == register.url(sor.CENTRE)
    assert related_url(register.of(TOWN, FK)) == register.url(sor.TOWN)
    assert related_url(register.of(HEALTH, FK)) is None
    assert source(register.of(sor.CENTRE)) == "SOR"


def test_another_name_than_in_sor_is_told(register, town, in_sor):
    assert register.fk(*town)["disagreement"] == 1
    assert register.told("disagreement") == ["name: 'Sundhedscentret', in SOR 'Sundhedscenter Birkelund'"]


def test_what_is_closed_in_sor_alone_is_told(register, town, in_sor):
    closed = sor.unit(sor.CENTRE, "Sundhedscentret", parent=sor.TOWN, closes="2026-11-22")
    register.sor(sor.unit(sor.TOWN, "Birkelund Kommune", cvr="29190925"), closed, now=LATER)
    register.fk(*town, now=LATER)
    assert register.told("disagreement") == ["active: 'true', in SOR 'false'"]


def test_another_unit_above_than_in_sor_is_told(register, town, in_sor):
    register.sor(
        sor.unit(sor.REGION, "Region Midt"),
        sor.unit(sor.TOWN, "Birkelund Kommune", cvr="29190925"),
        sor.unit(sor.CENTRE, "Sundhedscentret", parent=sor.REGION),
        now=LATER,
    )
    centre, _, top = town
    register.fk({**centre, "parent_uuid": TOWN}, top, now=LATER)
    assert register.told("disagreement") == ["parent: 'Birkelund Kommune', in SOR 'Region Midt'"]


def test_where_an_authority_and_a_part_of_it_are_the_same_unit_in_sor_there_is_nothing_to_say_of_the_unit_above(
    register, town, in_sor
):
    _, health, top = town
    register.fk(top, {**health, "sor_id": sor.TOWN})
    assert register.told("disagreement") == ["name: 'Sundhed og Omsorg', in SOR 'Birkelund Kommune'"]
    assert register.told("remark") == [f"its unit in SOR is that of {TOWN}, too"]


def test_of_two_in_sor_with_the_same_cvr_number_it_is_neither(register, town):
    register.sor(*[sor.unit(number, cvr="29190925") for number in (sor.TOWN, sor.REGION)])
    register.fk(*town)
    assert related_url(register.of(TOWN, FK)) is None


def test_a_unit_below_itself_goes_to_the_top_which_is_a_remark_for_its_line_is_not_skipped(register):
    assert register.fk(unit(TOWN, "Birkelund Kommune", parent_uuid=TOWN)) == {"new": 1, "remark": 1}
    assert register.told("remark") == [f"line 2: it stands below itself ({TOWN}): it goes to the top"]


def test_a_unit_is_closed_by_its_last_day(register, town):
    register.fk(*town)
    assert register.fk({**town[1], "active_to": "2026-11-22"}, now=LATER) == {"closed": 1}
    assert synchronization(register.of(HEALTH, FK)) == "NoLongerSynchronized"

"""Where two registers, or a register and somebody here, disagree, clinical administrators see both."""

import pytest

from kommunalpro.care import organizations
from kommunalpro.care.organizations import Difference
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway.local import LocalGateway
from kommunalpro.fut.organizations.settling import awaits_import, keeps_its_own, may_follow, may_keep
from tests.resources import organization
from tests.store.cast import LATER, NOW
from tests.store.registers import Registers, synchronization
from tests.unit.integrations.fk_organisation import files as fk
from tests.unit.integrations.sor import files as sor

FK = ehealth.STS_ORG
WHO = {"by": SYSTEM, "now": NOW}


@pytest.fixture
def register(store, tmp_path):
    return Registers(store, tmp_path)


@pytest.fixture
def gateway(store):
    return LocalGateway(store.server)


@pytest.fixture
def centre(register):
    """A health centre that is in both registers, under another name and below another unit."""
    register.sor(
        sor.unit(sor.REGION, "Region Midt"),
        sor.unit(sor.TOWN, "Birkelund Kommune", cvr="29190925"),
        sor.unit(sor.CENTRE, "Sundhedscenter Birkelund", parent=sor.REGION),
    )
    register.fk(
        fk.unit(fk.TOWN, "Birkelund Kommune", type="Organisation", cvr="29190925"),
        fk.unit(fk.CENTRE, "Sundhedscentret", parent_uuid=fk.TOWN, sor_id=sor.CENTRE),
    )


def differences(register, gateway, number, system=ehealth.SOR):
    url = register.url(number, system)
    return organizations.differences(gateway, {url: register.of(number, system)}, **WHO).by_url.get(url, ())


def test_both_see_what_the_other_register_says(register, gateway, centre):
    assert differences(register, gateway, fk.CENTRE, FK) == (
        Difference("name", "Sundhedscentret", "Sundhedscenter Birkelund", "SOR"),
        Difference("parent", "Birkelund Kommune", "Region Midt", "SOR"),
    )
    assert differences(register, gateway, sor.CENTRE) == (
        Difference("name", "Sundhedscenter Birkelund", "Sundhedscentret", "STS-ORG"),
        Difference("parent", "Region Midt", "Birkelund Kommune", "STS-ORG"),
    )


def test_of_the_unit_above_each_is_named_as_its_own_register_names_it(register, gateway, centre):
    register.fk(
        fk.unit(fk.TOWN, "Birkelund", type="Organisation", cvr="29190925"),
        fk.unit(fk.CENTRE, "Sundhedscenter Birkelund", parent_uuid=fk.TOWN, sor_id=sor.CENTRE),
        now=LATER,
    )
    assert differences(register, gateway, fk.CENTRE, FK) == (Difference("parent", "Birkelund", "Region Midt", "SOR"),)
    assert differences(register, gateway, sor.CENTRE) == (Difference("parent", "Region Midt", "Birkelund", "STS-ORG"),)


def test_an_authority_and_a_part_of_it_that_are_one_unit_in_sor_do_not_stand_below_themselves(
    register, gateway, centre
):
    register.fk(fk.unit(fk.HEALTH, "Birkelund Kommune", parent_uuid=fk.TOWN, sor_id=sor.TOWN), now=LATER)
    assert differences(register, gateway, fk.HEALTH, FK) == differences(register, gateway, sor.TOWN) == ()


def test_who_agrees_sees_nothing(register, gateway, centre):
    assert differences(register, gateway, sor.TOWN) == differences(register, gateway, fk.TOWN, FK) == ()


def test_they_agree_as_soon_as_one_of_them_says_what_the_other_does(register, gateway, centre):
    register.sor(
        sor.unit(sor.REGION, "Region Midt"),
        sor.unit(sor.TOWN, "Birkelund Kommune", cvr="29190925"),
        sor.unit(sor.CENTRE, "Sundhedscentret", parent=sor.TOWN),
        now=LATER,
    )
    assert differences(register, gateway, sor.CENTRE) == differences(register, gateway, fk.CENTRE, FK) == ()


def test_what_was_changed_here_and_gave_way_is_seen(register, gateway):
    register.sor(sor.unit(sor.WARD, "Afsnit B"))
    register.store.update({**register.of(sor.WARD), "name": "Vores afsnit"}, now=LATER)
    register.sor(sor.unit(sor.WARD, "Afsnit C"), now=LATER)
    assert differences(register, gateway, sor.WARD) == (Difference("name", "Afsnit C", "Vores afsnit", "manual"),)


def test_while_they_are_few_all_are_shown(register, gateway, centre):
    chosen = organizations.selected(gateway, [], **WHO)
    assert (len(chosen.organizations), chosen.is_all) == (5, True)


def test_of_very_many_those_by_hand_and_those_with_teams_are_shown_with_what_they_stand_below(
    register, gateway, centre, monkeypatch
):
    monkeypatch.setattr(organizations, "MOST", 2)
    register.store.create(organization("Demo Kommune"))
    chosen = organizations.selected(gateway, [register.url(fk.CENTRE, FK)], **WHO)
    names = sorted(each["name"] for each in chosen.organizations.values())
    assert (names, chosen.is_all) == (["Birkelund Kommune", "Demo Kommune", "Sundhedscentret"], False)


def test_others_are_found_by_name_and_stand_below_what_they_stand_below(register, gateway, centre):
    chosen = organizations.named(gateway, "center bir", **WHO)
    assert sorted(each["name"] for each in chosen.organizations.values()) == ["Region Midt", "Sundhedscenter Birkelund"]
    assert organizations.named(gateway, "a,b|c$d\\", **WHO).organizations == {}


def test_what_is_right_below_an_organization_is_given(register, gateway, centre):
    found = organizations.below(gateway, register.url(sor.REGION), **WHO)
    assert [each["name"] for each in found.organizations.values()] == ["Sundhedscenter Birkelund"]


OURS = {
    "name": "Vores afsnit",
    "type": [{"text": "Dagafsnit"}],
    "address": [{"line": ["Vores vej 1"], "city": "Birkelund", "postalCode": "8600"}],
}


REGION = {"url": ehealth.ORGANIZATION_REGION_CODE, "valueString": "DK-82"}


def given_way(register):
    """A ward of ours, of which the register said something else since."""
    register.sor(sor.unit(sor.WARD, "Afsnit B", type="Ambulatorium"))
    ward = register.of(sor.WARD)
    register.store.update({**ward, **OURS, "extension": [*ward["extension"], REGION]}, now=LATER)
    register.sor(sor.unit(sor.WARD, "Afsnit C", type="Klinik"), now=LATER)
    assert register.of(sor.WARD)["name"] == "Afsnit C"
    return register.of(sor.WARD)


def settled(gateway, ward, side):
    version = ward["meta"]["versionId"]
    return organizations.settle(gateway, ward, side, version, by=SYSTEM, now=LATER)


def test_who_keeps_their_own_has_all_that_was_written_here_and_the_registers_stands_beside_it(register, gateway):
    ward = given_way(register)
    assert (may_keep(ward), may_follow(ward), keeps_its_own(ward)) == (True, True, False)
    kept = settled(gateway, ward, "ours")
    assert {name: kept[name] for name in OURS} == OURS
    assert extension(kept, ehealth.ORGANIZATION_REGION_CODE) == REGION
    assert synchronization(kept) == "NotSynchronized"
    said = {(each.field, each.there, each.source) for each in differences(register, gateway, sor.WARD)}
    assert {("name", "Afsnit C", "SOR"), ("type", "Klinik", "SOR")} <= said
    assert (may_keep(kept), may_follow(kept), keeps_its_own(kept)) == (False, True, True)
    register.sor(sor.unit(sor.WARD, "Afsnit D", type="Klinik"), now=LATER)
    again = register.of(sor.WARD)
    assert (again["name"], synchronization(again)) == ("Vores afsnit", "NotSynchronized")
    assert Difference("name", "Vores afsnit", "Afsnit D", "SOR") in differences(register, gateway, sor.WARD)


def test_who_uses_the_registers_loses_what_was_written_here(register, gateway):
    used = settled(gateway, given_way(register), "register")
    assert (used["name"], synchronization(used)) == ("Afsnit C", "EligibleForSynchronization")
    assert differences(register, gateway, sor.WARD) == ()
    assert register.sor(sor.unit(sor.WARD, "Afsnit C", type="Klinik"), now=LATER) == {"unchanged": 1}


def test_who_has_kept_their_own_and_follows_again_has_the_registers_at_once_and_nothing_stands_beside_it(
    register, gateway
):
    before = given_way(register)
    again = settled(gateway, settled(gateway, before, "ours"), "register")
    for name in ("name", "type", "address", "partOf", "active"):
        assert again.get(name) == before.get(name)
    assert extension(again, ehealth.ORGANIZATION_REGION_CODE) is None
    assert synchronization(again) == "EligibleForSynchronization"
    assert (differences(register, gateway, sor.WARD), may_follow(again), awaits_import(again)) == ((), False, False)
    assert register.sor(sor.unit(sor.WARD, "Afsnit C", type="Klinik"), now=LATER) == {"unchanged": 1}


def test_what_the_register_has_said_since_in_words_comes_at_once_and_an_address_with_the_next_import(register, gateway):
    settled(gateway, given_way(register), "ours")
    said = {"type": "Klinik", **sor.address("postal", "Ny vej")}
    register.sor(sor.unit(sor.REGION, "Region"), sor.unit(sor.WARD, "Afsnit D", parent=sor.REGION, **said), now=LATER)
    again = settled(gateway, register.of(sor.WARD), "register")
    assert (again["name"], again["partOf"]["reference"]) == ("Afsnit D", register.url(sor.REGION))
    assert [each.field for each in differences(register, gateway, sor.WARD)] == ["address"]
    assert (awaits_import(again), may_follow(again)) == (True, False)
    register.sor(sor.unit(sor.REGION, "Region"), sor.unit(sor.WARD, "Afsnit D", parent=sor.REGION, **said), now=LATER)
    assert register.of(sor.WARD)["address"][0]["line"] == ["Ny vej 1"]
    assert differences(register, gateway, sor.WARD) == ()


def test_a_company_number_is_the_registers_and_is_not_kept(register, gateway):
    register.sor(sor.unit(sor.WARD, "Afsnit B", cvr="29190925"))
    ward = register.of(sor.WARD)
    others = [each for each in ward["extension"] if each["url"] != ehealth.ORGANIZATION_CVR_NUMBER]
    ours = {"url": ehealth.ORGANIZATION_CVR_NUMBER, "valueString": "12345678"}
    register.store.update({**ward, "extension": [*others, ours]}, now=LATER)
    register.sor(sor.unit(sor.WARD, "Afsnit B", cvr="29190926"), now=LATER)
    ward = register.of(sor.WARD)
    assert (may_keep(ward), may_follow(ward)) == (False, True)
    assert differences(register, gateway, sor.WARD) == (Difference("cvr", "29190926", "12345678", "manual"),)


def test_what_was_made_by_hand_has_no_register_to_disagree_with(register):
    made = register.store.create(organization("Demo Kommune"))
    assert (may_keep(made), may_follow(made), keeps_its_own(made)) == (False, False, False)

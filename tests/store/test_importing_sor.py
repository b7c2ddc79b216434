"""Organisations from SOR: made, changed, closed and opened again as the register has them, and nobody's edit lost."""

from base64 import b64decode
from dataclasses import replace
from datetime import date, timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.organizations.disagreement import Disagreement, disagreements
from kommunalpro.fut.rules import EHealthRules
from tests.resources import organization
from tests.store.cast import LATER, counts
from tests.store.others import at_the_same_time
from tests.store.registers import Registers, source, synchronization, with_synchronization
from tests.unit.integrations.sor.files import CENTRE, HOSPITAL, REGION, TOWN, WARD, address, unit

WRONG = "634491000016009"
AFTER = LATER + timedelta(hours=1)


@pytest.fixture
def register(store, tmp_path):
    return Registers(store, tmp_path)


@pytest.fixture
def hospital():
    """A region's hospital, as three lines of which the lowest comes first."""
    return (
        unit(WARD, "Afsnit B", parent=HOSPITAL),
        unit(HOSPITAL, "Sygehuset", parent=REGION, cvr="29190925", region="1082", municipality="0751"),
        unit(REGION, "Region Midt", **address("postal", "Skottenborg", "26", "8800", "Viborg")),
    )


def rows_without_audit():
    return {table: rows for table, rows in counts().items() if table == "fhir_version"}


def test_a_unit_is_an_organization_as_the_profile_has_it(register, hospital):
    assert register.sor(*hospital) == {"new": 3}
    found = register.of(HOSPITAL)
    assert (source(found), synchronization(found), found["active"]) == ("SOR", "EligibleForSynchronization", True)
    assert found["identifier"] == [{"system": ehealth.SOR, "value": HOSPITAL}]
    assert found["name"] == "Sygehuset"
    assert found["type"][0]["text"] == "afdeling"
    assert extension_value(found, ehealth.ORGANIZATION_CVR_NUMBER) == "29190925"
    assert extension_value(found, ehealth.ORGANIZATION_MUNICIPALITY_CODE) == "0751"
    assert found["address"] == [{"type": "both", "line": ["Skottenborg 26"], "city": "Viborg", "postalCode": "8800"}]
    assert found["meta"]["profile"] == [ehealth.profile("Organization")]


def test_the_tree_is_one_of_absolute_references_also_when_the_unit_above_comes_later(register, hospital):
    register.sor(*hospital)
    assert register.of(WARD)["partOf"] == {"reference": register.url(HOSPITAL)}
    assert register.of(HOSPITAL)["partOf"] == {"reference": register.url(REGION)}
    assert "partOf" not in register.of(REGION)


def test_the_same_file_again_changes_nothing(register, hospital):
    register.sor(*hospital)
    before = rows_without_audit()
    assert register.sor(*hospital, now=LATER) == {"unchanged": 3}
    assert rows_without_audit() == before


def test_a_line_that_changed_is_a_new_version_and_the_others_are_let_be(register, hospital):
    register.sor(*hospital)
    ward, *rest = hospital
    assert register.sor({**ward, "name": "Afsnit C", "parent": REGION}, *rest, now=LATER) == {
        "changed": 1,
        "unchanged": 2,
    }
    found = register.of(WARD)
    assert (found["name"], found["meta"]["versionId"]) == ("Afsnit C", "2")
    assert found["partOf"] == {"reference": register.url(REGION)}


def test_a_unit_is_closed_after_its_last_day_and_opens_again_when_the_register_says_so(register):
    open_one, closing = unit(WARD, "Afsnit"), unit(WARD, "Afsnit", closes="2026-11-30")
    register.sor(open_one)
    assert register.sor(closing) == {"changed": 1}
    assert register.of(WARD)["active"] is True
    assert extension_value(register.of(WARD), ehealth.ORGANIZATION_PERIOD)["end"] == "2026-11-30"
    assert register.sor(closing, today=date(2026, 11, 30)) == {"unchanged": 1}
    assert register.sor(closing, today=date(2026, 12, 1), now=LATER) == {"closed": 1}
    assert (register.of(WARD)["active"], synchronization(register.of(WARD))) == (False, "NoLongerSynchronized")
    assert register.sor(open_one, now=AFTER) == {"reopened": 1}
    assert (register.of(WARD)["active"], synchronization(register.of(WARD))) == (True, "EligibleForSynchronization")


def test_a_unit_that_is_yet_to_open_is_not_active(register):
    coming = unit(WARD, opens="2027-01-01")
    register.sor(coming)
    assert (register.of(WARD)["active"], synchronization(register.of(WARD))) == (False, "EligibleForSynchronization")
    assert register.sor(coming, today=date(2027, 1, 1), now=LATER) == {"reopened": 1}


def test_what_the_file_no_longer_has_is_closed_once(register, hospital):
    register.sor(*hospital)
    assert register.sor(*hospital[1:], now=LATER) == {"unchanged": 2, "closed": 1}
    assert (register.of(WARD)["active"], synchronization(register.of(WARD))) == (False, "NoLongerSynchronized")
    assert register.of(WARD)["name"] == "Afsnit B"
    assert register.sor(*hospital[1:], now=AFTER) == {"unchanged": 2}


def test_a_faulty_line_closes_nobody(register, hospital):
    register.sor(*hospital)
    ward, *rest = hospital
    assert register.sor({**ward, "name": ""}, *rest, now=LATER) == {"fault": 1, "unchanged": 2}
    assert register.sor({**ward, "number": WRONG}, *rest, now=AFTER) == {"fault": 2, "unchanged": 2}
    assert register.of(WARD)["active"] is True
    assert "1 open units are not in the file and were not closed" in register.told("fault")[1]
    assert register.sor({**ward, "name": ""}, now=AFTER) == {"fault": 2}
    assert "2 open units are not in the file and were not closed, for no line" in register.told("fault")[1]


def test_a_file_that_lacks_very_many_closes_nobody_unless_it_is_told_to(register, hospital, monkeypatch):
    monkeypatch.setattr("kommunalpro.fut.organizations.closing.FEW", 1)
    register.sor(*hospital)
    assert register.sor(hospital[2], now=LATER) == {"unchanged": 1, "fault": 1}
    assert register.of(WARD)["active"] is True
    [told] = register.told("fault")
    assert told.startswith("2 open units are not in the file and were not closed, so many")
    assert f"{WARD} Afsnit B" in told
    assert register.sor(hospital[2], now=AFTER, closes_many=True) == {"unchanged": 1, "closed": 2}


def test_faulty_lines_are_told_and_the_rest_goes_in(register, hospital):
    assert register.sor(*hospital, unit(WRONG), unit(TOWN, "")) == {"fault": 2, "new": 3}
    assert [detail.split(":")[0] for detail in register.told("fault")] == ["line 5", "line 6"]


def test_a_unit_above_that_nobody_knows_is_told_and_left_out(register):
    assert register.sor(unit(WARD, parent=HOSPITAL)) == {"new": 1, "remark": 1}
    assert "partOf" not in register.of(WARD)
    assert HOSPITAL in register.told("remark")[0]


def test_a_unit_above_that_was_imported_before_is_found(register):
    register.sor(unit(REGION))
    register.sor(unit(CENTRE, parent=REGION), closes_many=False, now=LATER)
    assert register.of(CENTRE)["partOf"] == {"reference": register.url(REGION)}


def test_what_was_changed_here_gives_way_and_is_kept_beside(register):
    register.sor(unit(WARD, "Afsnit B", cvr="29190925"))
    register.store.update({**register.of(WARD), "name": "Vores afsnit", "alias": ["B-afsnittet"]}, now=LATER)
    told = register.sor(unit(WARD, "Afsnit B2", cvr="29190925"), now=AFTER)
    assert told == {"changed": 1, "disagreement": 1}
    found = register.of(WARD)
    assert (found["name"], found["alias"]) == ("Afsnit B2", ["B-afsnittet"])
    assert disagreements(found) == (Disagreement("name", "manual", "Vores afsnit"),)
    assert "Vores afsnit" in register.told("disagreement")[0]
    assert register.sor(unit(WARD, "Afsnit B2", cvr="29190925"), now=AFTER) == {"unchanged": 1}


def test_a_change_of_the_registers_own_is_no_disagreement_even_where_something_else_was_changed_here(register):
    register.sor(unit(WARD, "Afsnit B", cvr="29190925"))
    register.store.update({**register.of(WARD), "name": "Vores afsnit"}, now=LATER)
    register.sor(unit(WARD, "Afsnit B", cvr="29190941"), now=AFTER)
    assert disagreements(register.of(WARD)) == (Disagreement("name", "manual", "Vores afsnit"),)


def test_a_disagreement_ends_when_the_register_says_the_same(register):
    register.sor(unit(WARD, "Afsnit B"))
    register.store.update({**register.of(WARD), "name": "Vores afsnit"}, now=LATER)
    register.sor(unit(WARD, "Afsnit B"), now=AFTER)
    register.sor(unit(WARD, "Vores afsnit"), now=AFTER)
    assert disagreements(register.of(WARD)) == ()


def test_what_was_changed_here_to_what_the_register_says_too_is_the_registers_from_then_on(register):
    register.sor(unit(WARD, "Afsnit B"))
    register.store.update({**register.of(WARD), "name": "Afsnit C"}, now=LATER)
    assert register.sor(unit(WARD, "Afsnit C"), now=AFTER) == {"changed": 1}
    assert register.sor(unit(WARD, "Afsnit C"), now=AFTER) == {"unchanged": 1}
    assert register.sor(unit(WARD, "Afsnit D"), now=AFTER) == {"changed": 1}
    assert disagreements(register.of(WARD)) == ()


@pytest.mark.parametrize("status", ["NotSynchronized", "NoLongerSynchronized"])
def test_who_was_taken_out_of_synchronization_by_hand_keeps_their_own_with_the_registers_beside(register, status):
    register.sor(unit(WARD, "Afsnit B"))
    own = with_synchronization({**register.of(WARD), "name": "Vores afsnit"}, status)
    register.store.update(own, now=LATER)
    assert register.sor(unit(WARD, "Afsnit B"), now=AFTER) == {"kept": 1, "disagreement": 1}
    found = register.of(WARD)
    assert (found["name"], synchronization(found)) == ("Vores afsnit", status)
    assert disagreements(found) == (Disagreement("name", "SOR", "Afsnit B"),)
    version = found["meta"]["versionId"]
    assert register.sor(unit(WARD, "Afsnit B"), now=AFTER) == {"kept": 1}
    assert register.of(WARD)["meta"]["versionId"] == version
    assert register.sor(now=AFTER, closes_many=True) == {}


def test_who_is_put_back_into_synchronization_follows_the_register_again(register):
    register.sor(unit(WARD, "Afsnit B"))
    register.store.update(with_synchronization({**register.of(WARD), "name": "Vores"}, "NotSynchronized"), now=LATER)
    register.sor(unit(WARD, "Afsnit B"), now=AFTER)
    register.store.update(with_synchronization(register.of(WARD), "EligibleForSynchronization"), now=AFTER)
    register.sor(unit(WARD, "Afsnit B"), now=AFTER)
    assert register.of(WARD)["name"] == "Afsnit B"
    assert disagreements(register.of(WARD)) == (Disagreement("name", "manual", "Vores"),)


def test_an_organization_made_by_hand_under_the_same_number_becomes_the_registers(register):
    by_hand = {**organization("Gamle Afsnit B"), "identifier": [{"system": ehealth.SOR, "value": WARD}]}
    made = register.store.create(with_synchronization(by_hand, "EligibleForSynchronization"))
    assert register.sor(unit(WARD, "Afsnit B"), now=LATER) == {"changed": 1, "disagreement": 1}
    found = register.of(WARD)
    assert (found["id"], source(found), found["name"]) == (made["id"], "SOR", "Afsnit B")


def test_other_numbers_and_contacts_stay(register):
    register.sor(unit(WARD))
    own = register.of(WARD)
    own = {**own, "identifier": [{"system": ehealth.CVR, "value": "29190925"}, *own["identifier"]]}
    register.store.update({**own, "telecom": [{"system": "phone", "value": "87870000"}]}, now=LATER)
    register.sor(unit(WARD, "Nyt navn"), now=AFTER)
    found = register.of(WARD)
    assert {each["system"] for each in found["identifier"]} == {ehealth.SOR, ehealth.CVR}
    assert found["telecom"] == [{"system": "phone", "value": "87870000"}]


def test_a_file_is_one_event_in_the_log(register, hospital):
    register.store.forget_audit()
    register.sor(*hospital)
    [event] = register.store.audit()
    assert event["subtype"][0]["code"] == "import-organizations"
    [asked] = [each["query"] for each in event["entity"] if "query" in each]
    assert loads(b64decode(asked)) == {"source": "SOR", "file": "file.csv", "new": "3"}


def test_batches_hold_together(register, hospital, monkeypatch):
    monkeypatch.setattr("kommunalpro.fut.organizations.importing.BATCH", 1)
    assert register.sor(*hospital) == {"new": 3}
    assert register.of(WARD)["partOf"] == {"reference": register.url(HOSPITAL)}
    assert register.sor(*hospital, now=LATER) == {"unchanged": 3}


def test_of_two_imports_at_once_the_second_finds_what_the_first_has_made(store, tmp_path, hospital):
    def bring_in(number):
        (directory := tmp_path / str(number)).mkdir()
        return Registers(store, directory).sor(*hospital)

    answers = at_the_same_time(bring_in, bring_in)
    assert sorted(answers, key=str) == [{"new": 3}, {"unchanged": 3}]
    assert store.search("Organization")["total"] == 3


class _NoHospitals(EHealthRules):
    """The dialect with one rule more, so that there is something which the reader takes and the server does not."""

    def check(self, resource, previous, session, walk):
        super().check(resource, previous, session, walk)
        if resource["name"] == "Sygehuset":
            raise RuleBroken("Her er intet sygehus.", diagnostics="no hospitals")


@pytest.fixture
def without_hospitals(store, tmp_path):
    return Registers(replace(store, server=replace(store.server, rules=_NoHospitals())), tmp_path)


def part_of(register, number):
    return register.of(number).get("partOf", {}).get("reference")


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("order", [1, -1])
def test_a_unit_that_is_refused_is_not_told_as_new_and_nobody_is_part_of_it(
    without_hospitals, hospital, monkeypatch, batch, order
):
    """Whether those below it come before it or after, in its batch or in another."""
    monkeypatch.setattr("kommunalpro.fut.organizations.importing.BATCH", batch)
    register = without_hospitals
    assert register.sor(*hospital[::order]) == {"new": 2, "fault": 1, "remark": 1}
    assert register.told("fault") == ["line 3: no hospitals"]
    assert register.store.search("Organization")["total"] == 2
    assert part_of(register, WARD) is None
    assert synchronization(register.of(WARD)) == "EligibleForSynchronization"


def test_a_unit_that_was_refused_comes_in_later_with_those_below_it(register, without_hospitals, hospital):
    without_hospitals.sor(*hospital)
    assert register.sor(*hospital, now=LATER) == {"new": 1, "changed": 1, "unchanged": 1}
    assert part_of(register, WARD) == register.url(HOSPITAL)
    assert disagreements(register.of(WARD)) == ()


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("order", [1, -1])
def test_while_a_unit_stays_refused_nothing_is_written_of_those_below_it(
    without_hospitals, hospital, monkeypatch, batch, order
):
    """Whether they come before it or after."""
    monkeypatch.setattr("kommunalpro.fut.organizations.importing.BATCH", batch)
    without_hospitals.sor(*hospital[::order])
    before = rows_without_audit()
    again = without_hospitals.sor(*hospital[::order], now=LATER)
    assert again == {"unchanged": 2, "fault": 1, "remark": 1}
    assert rows_without_audit() == before


def test_a_change_that_is_refused_is_not_told_as_made_and_those_below_stay(register, without_hospitals, hospital):
    ward, renamed, region = hospital[0], {**hospital[1], "name": "Hospitalet"}, hospital[2]
    register.sor(ward, renamed, region)
    assert without_hospitals.sor(*hospital, now=LATER) == {"fault": 1, "unchanged": 2}
    assert register.of(HOSPITAL)["name"] == "Hospitalet"
    assert part_of(register, WARD) == register.url(HOSPITAL)

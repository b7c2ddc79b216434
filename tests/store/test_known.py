"""What the system has read once in a unit of work is not read again, and is never out of date."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhirserver.stamp import Stamp
from tests.people import ASTA, BO, NANCY
from tests.resources import organization, patient, practitioner, questionnaire_response
from tests.store.cast import BASE, query, staff


@pytest.fixture
def asta(store):
    return store.create(practitioner(), id="asta")


@pytest.fixture
def reads(monkeypatch):
    """Every statement that the store's sessions read current rows by."""
    from kommunalpro.fhirserver import seeing

    made, rows = [], seeing.rows_by_key
    monkeypatch.setattr(seeing, "rows_by_key", lambda sql, parameters=(): made.append(sql) or rows(sql, parameters))
    return made


def test_the_system_reads_a_row_once(store, asta, reads):
    with store.as_() as session:
        for _ in range(3):
            assert session.system_read("Practitioner/asta") == asta
    assert len(reads) == 1


def test_what_the_system_has_read_is_not_yet_the_users_to_see(clinic, reads):
    with clinic.as_(staff(BO, patient="nancy", episode_of_care="nancys")) as session:
        session.system_read("EpisodeOfCare/nancys")
        with pytest.raises(NotFound):
            session.read("EpisodeOfCare", "nancys")


def test_what_the_user_was_let_see_is_asked_for_again_once_something_is_written(clinic, reads):
    with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
        for _ in range(3):
            session.read("EpisodeOfCare", "nancys")
        assert len(reads) == 1
        session.elevated().create(organization())
        session.read("EpisodeOfCare", "nancys")
    assert len(reads) == 2


def test_what_is_written_meanwhile_is_seen(store, asta):
    with store.as_() as session:
        session.system_read("Practitioner/asta")
        second = session.update({**asta, "name": [{"family": "Lund"}]}, if_match="1")
        assert session.system_read("Practitioner/asta") == second
        session.delete("Practitioner", "asta")
        with pytest.raises(Gone):
            session.system_read("Practitioner/asta")


def test_what_is_rolled_back_is_not_kept(store, asta):
    def rename_and_fail(session):
        with session.savepoint():
            session.update({**asta, "name": [{"family": "Lund"}]}, if_match="1")
            assert session.system_read("Practitioner/asta")["name"] == [{"family": "Lund"}]
            session.system_read("Practitioner/nobody")

    with store.as_() as session:
        with pytest.raises(NotFound):
            rename_and_fail(session)
        assert session.system_read("Practitioner/asta") == asta


def test_an_update_follows_what_is_stored_and_not_what_was_read(store, asta):
    with store.as_() as session:
        session.system_read("Practitioner/asta")
        query("UPDATE fhir_resource SET version = 7 WHERE id = 'asta'")  # as another process would
        assert session.elevated().update(asta, if_match=None)["meta"]["versionId"] == "8"


def test_a_stamp_names_the_version_that_is_meant(store, asta):
    second = store.update({**asta, "name": [{"family": "Lund"}]}, if_match="1")
    with store.as_() as session:
        assert session.system_stamp("Practitioner/asta") == Stamp.of(second, BASE)
        assert session.system_stamp(f"{BASE}/Practitioner/asta/_history/1") == Stamp.of(asta, BASE)


def test_a_stamp_that_was_asked_for_beside_another_is_the_same_and_not_asked_for_again(store, asta, monkeypatch):
    store.update({**asta, "name": [{"family": "Lund"}]}, if_match="1")
    nord = store.create(organization("Nord"))
    first = f"{BASE}/Practitioner/asta/_history/1"
    with store.as_() as session:
        assert session.system_stamp(f"Organization/{nord['id']}", beside=first) == Stamp.of(nord, BASE)
        monkeypatch.setattr("kommunalpro.fhirserver.session.rows_by_key", None)
        assert session.system_stamp(first) == Stamp.of(asta, BASE)
        assert first in session.trail.touched[""]


@pytest.mark.parametrize("version", ["3", "2", "0", "x"])
def test_there_is_none_beside_it_of_a_version_that_is_not_there_or_is_the_deletion(store, asta, version):
    store.delete("Practitioner", "asta")
    nord = store.create(organization("Nord"))
    beside = f"{BASE}/Practitioner/asta/_history/{version}"
    with store.as_() as session:
        assert session.system_stamp(f"Organization/{nord['id']}", beside=beside) == Stamp.of(nord, BASE)
        with pytest.raises(Gone if version == "2" else NotFound):
            session.system_stamp(beside)


def test_there_is_no_stamp_of_what_is_not_there(store):
    gone = store.create(organization())
    store.delete("Organization", gone["id"])
    with store.as_() as session:
        with pytest.raises(Gone):
            session.system_stamp(f"Organization/{gone['id']}")
        with pytest.raises(NotFound):
            session.system_stamp("Organization/nobody")
        with pytest.raises(NotFound):
            session.system_stamp("https://elsewhere.example/fhir/Organization/1")


def test_whose_version_it_is_goes_into_the_audit(store):
    store.create(patient(NANCY), id="nancy")
    with store.as_() as session:
        session.system_stamp("Patient/nancy")
        assert session.trail.touched == {"nancy": [f"{BASE}/Patient/nancy/_history/1"]}


def test_what_is_answered_is_the_text_that_is_stored_whoever_asks_for_it(clinic):
    """To the digit, and of no other resource than the one that is answered."""
    item = {"linkId": "1", "answer": [{"valueDecimal": Decimal("37.50")}]}
    made = questionnaire_response("nancy", "nancys", item=[item])
    with clinic.as_() as session:
        stored = session.create(made)
        assert session.text_of(stored) == dumps(stored)
    with_space = "UPDATE fhir_resource SET json = ' ' || json WHERE id = %s RETURNING json"
    ((text,),) = query(with_space, (stored["id"],))
    with clinic.as_() as session:
        read, other = session.read("QuestionnaireResponse", stored["id"]), session.read("Patient", "nancy")
        assert session.text_of(other) == dumps(other)
        assert session.text_of(read) == dumps(stored), "another was read after it"
        assert session.text_of({**other, "active": False}) == dumps({**other, "active": False})
        assert session.text_of(session.vread("QuestionnaireResponse", stored["id"], "1")) == dumps(stored)
    with clinic.as_() as session:
        assert session.read_as_stored("QuestionnaireResponse", stored["id"]).text == text


def test_as_many_as_are_wanted_are_read_together(clinic):
    """Also of several types, more of one than a statement takes, one twice, and some that are not there."""
    ids = [f"o{number}" for number in range(1_500)]
    with clinic.as_() as session:
        session.create_all([(id, organization(name=id)) for id in ids])
    with clinic.as_() as session:
        wanted = [*(f"Organization/{id}" for id in ids), "Patient/nancy", "Organization/o0"]
        found = session.system_read_all(wanted)
        assert [f"{each['resourceType']}/{each['id']}" for each in found] == wanted
        with pytest.raises(NotFound):
            session.system_read_all(["Patient/nancy", "Patient/nobody"])


def test_of_many_that_are_named_those_that_are_here_are_read_together_and_the_others_passed_over(clinic, reads):
    gone, made = clinic.create(organization()), clinic.create(organization())
    clinic.delete("Organization", gone["id"])
    elsewhere, version = "https://elsewhere.example/fhir/Organization/1", "Patient/nancy/_history/1"
    nowhere = [f"Organization/{number}" for number in range(300)]
    here = [f"{BASE}/Organization/{made['id']}", "Patient/nancy", version]
    with clinic.as_() as session:
        reads.clear()
        found = session.system_read_those_here(
            [elsewhere, *nowhere, f"Organization/{gone['id']}", *here, here[0], f"{version}7"]
        )
        assert [*found] == here
        assert found[here[0]] == made
    assert len(reads) == 1

"""Of a type that several of FUT's services have, each has its own: what is another's is not there, nor taken in."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Gone, NotFound, Unprocessable
from kommunalpro.fut.service_door import Share
from kommunalpro.fut.service_rows import row_of
from kommunalpro.fut.services import rows_at
from tests.people import ASTA, BO
from tests.resources import (
    care_plan,
    communication,
    document_reference,
    message,
    observation,
    provenance,
)
from tests.store.cast import BASE, ids, staff

MATERIAL = {"coding": [{"system": f"{ehealth.CS}material-communication-category", "code": "material-assignment"}]}
KEPT = {
    ("Communication", "notat"): "measurement",
    ("Communication", "besked"): "patient",
    ("Communication", "tildeling"): "careplan",
    ("DocumentReference", "til-alle"): "plan",
    ("DocumentReference", "til-nancy"): "careplan",
    ("Provenance", "hjemmel"): "careplan",
    ("Provenance", "maaling-givet"): "measurement",
    ("Provenance", "ansat"): "organization",
}
"""What there is → the service that has it."""


@pytest.fixture
def filled(clinic):
    clinic.create(care_plan("nancy", "nancys", "nord"), id="plan")
    clinic.create(observation("nancy", "nancys"), id="maaling")
    for (_, id), resource in {
        ("Communication", "notat"): communication("nancy", "nancys"),
        ("Communication", "besked"): message("nancy", "nancys"),
        ("Communication", "tildeling"): communication("nancy", "nancys", category=[MATERIAL]),
        ("DocumentReference", "til-alle"): document_reference(),
        ("DocumentReference", "til-nancy"): document_reference("nancy", "nancys"),
        ("Provenance", "hjemmel"): provenance("EpisodeOfCare/nancys"),
        ("Provenance", "maaling-givet"): provenance("Observation/maaling"),
        ("Provenance", "ansat"): provenance("PractitionerRole/asta"),
    }.items():
        clinic.create(resource, id=id)
    return clinic


def at(store, service):
    """Give the server as it is behind the door of a service."""
    return replace(store, server=replace(store.server, access=Share(store.server.access, service, BASE)))


@pytest.mark.parametrize(("type", "id"), KEPT)
def test_a_resource_is_at_the_one_service_that_is_for_its_kind(filled, type, id):
    for service in [each.name for each in rows_at(type)]:
        there = at(filled, service)
        if service == KEPT[type, id]:
            assert there.read(type, id)["id"] == id
        else:
            with pytest.raises(NotFound):
                there.read(type, id)


@pytest.mark.parametrize("service", ["careplan", "measurement", "organization", "patient", "plan"])
def test_a_search_finds_what_its_service_has_and_nothing_else(filled, service):
    for type in {type for type, _ in KEPT if rows_at(type, service)}:
        own = {id for (of, id), name in KEPT.items() if (of, name) == (type, service)}
        assert set(ids(at(filled, service).search(type))) == own


def test_what_is_told_of_a_measurement_comes_along_where_it_is_measured_alone(filled):
    for service, along in (("measurement", ["maaling-givet"]), ("careplan", [])):
        found = at(filled, service).search("Observation", ("_revinclude", "Provenance:target"))
        assert ids(found) == ["maaling"]
        assert ids(found, "include") == along


def test_who_may_not_know_of_it_does_not_at_its_service_either(filled):
    by = staff(BO, patient="nancy", episode_of_care="nancys")
    with pytest.raises(NotFound):
        at(filled, "patient").read("Communication", "besked", by=by)
    own = staff(ASTA, patient="nancy", episode_of_care="nancys")
    assert at(filled, "patient").read("Communication", "besked", by=own)["id"] == "besked"
    with pytest.raises(NotFound):
        at(filled, "patient").read("Communication", "notat", by=own)


@pytest.mark.parametrize(
    ("service", "taken", "refused"),
    [
        ("measurement", communication, message),
        ("patient", message, communication),
        ("careplan", document_reference, lambda *_: document_reference()),
        ("plan", lambda *_: document_reference(), document_reference),
    ],
)
def test_a_service_takes_in_what_is_of_its_kind(filled, service, taken, refused):
    there = at(filled, service)
    assert there.create(taken("nancy", "nancys"))["id"]
    with pytest.raises(Unprocessable) as told:
        there.create(refused("nancy", "nancys"))
    [issue] = told.value.issues
    assert (issue.text, " service's" in issue.diagnostics) == ("Det hører til hos en anden tjeneste.", True)


def test_what_is_deleted_is_still_of_its_service(filled):
    filled.delete("Communication", "besked")
    with pytest.raises(Gone):
        at(filled, "patient").read("Communication", "besked")
    with pytest.raises(NotFound):
        at(filled, "measurement").read("Communication", "besked")


def test_whose_a_resource_is_it_tells_itself():
    assert row_of(communication("nancy", "nancys"), BASE).name == "measurement"
    assert row_of(message("nancy"), BASE).name == "patient"
    both = message("nancy")["category"] + communication("nancy", "nancys")["category"]
    assert row_of(message("nancy", category=both), BASE).name == "patient"
    assert row_of(document_reference("nancy"), BASE).name == "careplan"
    assert row_of(observation("nancy", "nancys"), BASE).name == "measurement"

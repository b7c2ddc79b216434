"""`Patient/$createPatient`: the citizen with this CPR number, one and the same whoever asks."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import BadRequest, Forbidden, Malformed, NotFound
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.looking import audit, rows
from tests.gateway.marks import R4_FIRST
from tests.people import NANCY
from tests.store.others import at_the_same_time

NAME = {"family": NANCY.family, "given": NANCY.given.split()}


def create(world, number=NANCY.cpr, *, system=ehealth.CPR, by=None, **given):
    asked = [{"name": "crn", "valueIdentifier": {"system": system, "value": number}}]
    if given:
        asked.append({"name": "patient", "resource": {"resourceType": "Patient", **given}})
    answer = by or world.asta
    return world.gateway.operation("$createPatient", parameters(*asked), target="Patient", by=answer, now=LATER)


def test_a_new_citizen_has_a_name_a_number_and_the_birth_date_that_it_holds(world):
    """The number as people write it is stored as the register has it."""
    made = create(world, f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}", name=[NAME], gender="female")
    assert made["name"] == [{**NAME, "use": "official"}]
    assert made["birthDate"] == "1948-12-25"
    assert made["identifier"][0]["value"] == NANCY.cpr
    assert rows()["Patient"] == 1


@pytest.mark.parametrize("number", [NANCY.cpr, f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}"], ids=["as stored", "as written"])
def test_the_same_number_is_the_same_citizen_and_nothing_is_written(world, number):
    first = create(world, name=[NAME])
    assert create(world, number, name=[{"family": "Anden"}], by=world.kim) == first
    assert rows()["Patient"] == 1


def test_finding_shows_who_it_is_and_nothing_more_and_is_noted(nancy):
    found = create(nancy.world, by=nancy.world.kim)
    assert found.keys() <= {"resourceType", "id", "meta", "identifier", "name", "gender", "birthDate"}
    with pytest.raises(NotFound):
        nancy.world.gateway.read(nancy.patient, by=nancy.world.kim, now=LATER)
    noted = audit()[-2]
    assert noted["subtype"][0]["display"] == "$createPatient"
    assert nancy.patient in str(noted["entity"])


def test_two_who_create_the_same_citizen_at_once_get_one(real_world):
    made = at_the_same_time(*[lambda _: create(real_world, name=[NAME])] * 4)
    assert len({each["id"] for each in made}) == 1
    assert rows()["Patient"] == 1


def test_a_number_that_nobody_knows_needs_a_name(world):
    with pytest.raises(NotFound):
        create(world)
    assert "Patient" not in rows()


@pytest.mark.parametrize(
    "number", ["2513489996", "251248", pytest.param("", marks=R4_FIRST), "ab12489996", "25124899960"]
)
def test_what_is_no_number_is_refused_and_not_repeated(world, number):
    with pytest.raises(BadRequest) as refused:
        create(world, number, name=[NAME])
    assert not number or number not in str(refused.value.to_fhir())
    assert "Patient" not in rows()


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [{"name": "crn", "valueString": "x"}],
        [{"name": "crn", "valueIdentifier": {"value": "x"}}],
        [{"name": "crn", "valueIdentifier": {"system": "urn:oid:1.2.3", "value": NANCY.cpr}}],
    ],
)
def test_without_a_cpr_number_nobody_is_created(world, asked):
    with pytest.raises(BadRequest):
        world.gateway.operation("$createPatient", parameters(*asked), target="Patient", by=world.asta, now=LATER)


@R4_FIRST
def test_a_patient_that_is_not_r4_is_refused(world):
    with pytest.raises(Malformed):
        create(world, name=[NAME], gender="?")


def test_it_takes_the_privilege_to_enrol(nancy):
    for by in (nancy.self, nancy.world.staff["lis"].principal):
        with pytest.raises(Forbidden):
            create(nancy.world, by=by)
    assert create(nancy.world, by=SYSTEM)["id"]

"""Conditions: what a search of the caller finds is meant; two who look for the same at once make one."""

import pytest

from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, PreconditionFailed
from kommunalpro.fhir.structure import validate
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.meta import read_meta
from kommunalpro.fhirserver.preconditions import Preconditions
from kommunalpro.fhirserver.validation import issues_of
from tests.people import ASTA, NANCY, OUTSIDERS
from tests.resources import communication, organization, practitioner, related_person, task, to
from tests.store.cast import BASE, citizen, staff, without
from tests.store.others import at_the_same_time

ABOUT_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}
outsiders = pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.key)


def put(store, resource, condition, *, if_match=None, **options):
    with store.as_(**options) as session:
        return conditional.update(session, resource, condition, Preconditions(if_match))


def make(store, resource, condition, **options):
    with store.as_(**options) as session:
        return session.create(resource, if_none_exist=condition)


def why(refused):
    return refused.value.to_fhir()


def test_what_is_not_there_is_made_and_what_is_there_is_replaced(store):
    made = put(store, organization("Birk"), "name=Birk")
    replaced = put(store, organization("Birkelund"), "name=Birk", if_match="1")
    assert (made["meta"]["versionId"], replaced["meta"]["versionId"]) == ("1", "2")
    assert replaced["id"] == made["id"]
    with pytest.raises(PreconditionFailed, match="Current version is 2"):
        put(store, organization("Birk"), "name=Birk", if_match="1")


def test_of_several_none_is_taken(store):
    for _ in range(2):
        store.create(organization("Birk"))
    with pytest.raises(PreconditionFailed, match="several"):
        put(store, organization("Birkelund"), "name=Birk")
    with pytest.raises(PreconditionFailed, match="several"):
        make(store, organization("Birk"), "name=Birk")
    assert store.search("Organization", ("name", "birkelund"))["total"] == 0


@pytest.mark.parametrize("whom", ["nancy", "Patient/nancy", f"{BASE}/Patient/nancy"])
def test_what_is_about_a_citizen_already_is_not_made_again_however_the_citizen_is_named(clinic, whom):
    there = clinic.create(communication("nancy", "nancys"))
    assert make(clinic, communication("nancy", "nancys"), f"subject:Patient={whom}") == there


def test_an_id_must_be_that_of_what_is_found(store):
    made = store.create(organization("Birk"))
    with pytest.raises(BadRequest):
        put(store, {**organization("Ny"), "id": "another"}, "name=Birk")
    with pytest.raises(BadRequest):
        put(store, {**organization("Ny"), "id": "another"}, "name=Nobody")
    assert put(store, {**organization("Ny"), "id": made["id"]}, "name=Birk")["id"] == made["id"]


def test_a_type_that_is_not_created_one_by_one_is_not_created_so(clinic):
    plan = {"resourceType": "CarePlan", "status": "draft"}
    with pytest.raises(NotFound):
        put(clinic, plan, f"patient={BASE}/Patient/nobody")


@pytest.mark.parametrize(
    "condition", ["", "_count=1", "_sort=name", "name=x&_include=*", "shoe=42", "name=%00", "%FF=x"]
)
def test_what_says_nothing_of_which_is_no_condition(store, condition):
    with pytest.raises(BadRequest):
        put(store, organization(), condition)


@pytest.mark.parametrize("conditions", [("name=Birk",), ("name=Birk&active=true", "active=true&name=Birk")])
def test_two_at_once_make_one(store, conditions):
    answers = at_the_same_time(
        *[lambda n: put(store, organization("Birk"), conditions[n % len(conditions)]) for _ in range(4)]
    )
    assert {type(each) for each in answers} <= {dict, PreconditionFailed}
    assert store.search("Organization", ("name", "birk"))["total"] == 1
    made = at_the_same_time(*[lambda n: make(store, practitioner("Ravn"), "family=Ravn") for _ in range(4)])
    assert len({each["id"] for each in made}) == 1


# --- Who may know
@pytest.fixture
def nancys(clinic):
    clinic.create(related_person("nancy"), id="paaroerende")
    clinic.create(
        communication("nancy", "nancys") | {"meta": {"tag": [{"system": "http://x", "code": "t"}]}}, id="note"
    )
    clinic.forget_audit()
    return clinic


@outsiders
def test_a_condition_tells_nothing_of_what_is_hidden(nancys, outsider):
    """What Nancy has is to others as what nobody has."""
    by, refusals = staff(outsider), {}
    for whose in ("nancy", "nobody"):
        condition = f"patient={BASE}/Patient/{whose}"
        with pytest.raises(Forbidden) as updating:
            put(nancys, related_person(whose), condition, by=by)
        with pytest.raises(Forbidden) as creating:
            make(nancys, related_person(whose), condition, by=by)
        with pytest.raises(NotFound) as patching, nancys.as_(by) as session:
            conditional.patch(session, "Communication", f"subject=Patient/{whose}", [], Preconditions())
        refusals[whose] = [why(each) for each in (updating, creating, patching)]
    assert refusals["nancy"] == refusals["nobody"]
    assert nancys.search("RelatedPerson")["total"] == 1


@outsiders
def test_a_conditional_reference_tells_nothing_of_what_is_hidden(nancys, outsider):
    def refer(condition, by):
        resource = task("tjoern", "tjoerns", focus=to(condition))
        entry = {"resource": resource, "request": {"method": "POST", "url": "Task"}}
        return nancys.transact(entry, by=by)

    hidden, absent = f"Communication?subject={BASE}/Patient/nancy", f"Communication?subject={BASE}/Patient/nobody"
    with pytest.raises(PreconditionFailed) as of_nancy:
        refer(hidden, staff(outsider))
    with pytest.raises(PreconditionFailed) as of_nobody:
        refer(absent, staff(outsider))
    assert why(of_nancy) == why(of_nobody)
    assert of_nancy.value.issues[0].expression == "Bundle.entry[0].resource.focus.reference"


def test_a_conditional_reference_is_the_address_of_what_it_finds(nancys):
    resource = task("nancy", "nancys", focus=to(f"Communication?subject={BASE}/Patient/nancy"))
    entry = {"resource": resource, "request": {"method": "POST", "url": "Task"}}
    answer = nancys.transact(entry, by=staff(ASTA))
    assert answer["entry"][0]["resource"]["focus"]["reference"] == f"{BASE}/Communication/note"


def test_who_may_not_search_may_not_ask_by_a_condition(nancys):
    with pytest.raises(Forbidden):
        put(nancys, related_person("nancy"), f"patient={BASE}/Patient/nancy", by=without(staff(ASTA), "RelatedPerson."))
    with pytest.raises(Forbidden):
        make(nancys, practitioner(), "family=Holm", by=citizen(NANCY))


@outsiders
def test_meta_and_validation_tell_nothing_of_what_is_hidden(nancys, outsider):
    by = staff(outsider, **ABOUT_NANCY)
    with nancys.as_(by) as session:
        assert read_meta(session, "Communication", "").keys() == {"extension"}, "nothing is in use"
        assert "tag" not in read_meta(session, "", "")
    for ask in (
        lambda session: read_meta(session, "Communication", "note"),
        lambda session: issues_of(session, "Communication", "note", communication("nancy", "nancys"), ()),
    ):
        with pytest.raises(NotFound), nancys.as_(by) as session:
            ask(session)
    with nancys.as_(staff(ASTA, **ABOUT_NANCY)) as session:
        assert read_meta(session, "Communication", "note")["versionId"] == "1"
        assert read_meta(session, "Communication", "")["tag"] == [{"system": "http://x", "code": "t"}]


@outsiders
def test_what_must_not_be_there_tells_nothing_of_what_is_hidden(nancys, outsider):
    unless, asked = Preconditions(if_none_match="*"), Request("patch", "Communication", "note")
    with nancys.as_(staff(outsider, **ABOUT_NANCY)) as session:
        assert unless.version_for(session, asked) is None, "as if it were not there: the write itself says so"
    with pytest.raises(PreconditionFailed, match="version is 1"), nancys.as_(staff(ASTA, **ABOUT_NANCY)) as session:
        unless.version_for(session, asked)
    with pytest.raises(Forbidden), nancys.as_(without(staff(ASTA, **ABOUT_NANCY), "Communication.")) as session:
        unless.version_for(session, asked)


@pytest.mark.parametrize("type", ["Communication", ""], ids=["of a type", "of everything"])
def test_where_no_profile_tag_or_label_is_in_use_the_meta_is_not_empty(store, type):
    """R4: there is one, and no element is empty."""
    with store.as_() as session:
        found = read_meta(session, type, "")
    assert not validate({"resourceType": "Parameters", "parameter": [{"name": "return", "valueMeta": found}]})
    assert found.keys() == {"extension"}


def test_meta_and_validation_take_a_privilege(nancys):
    by = without(staff(ASTA, **ABOUT_NANCY), "Communication.")
    for ask in (
        lambda session: read_meta(session, "Communication", ""),
        lambda session: issues_of(session, "Communication", "", communication("nancy", "nancys"), ()),
    ):
        with pytest.raises(Forbidden), nancys.as_(by) as session:
            ask(session)


def test_what_is_read_by_meta_is_audited(nancys):
    with nancys.as_(staff(ASTA, **ABOUT_NANCY)) as session:
        read_meta(session, "Communication", "note")
    [event] = nancys.audit()
    assert event["subtype"][0]["display"] == "$meta"
    assert f"{BASE}/Communication/note/_history/1" in str(event["entity"])

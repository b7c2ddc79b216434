"""Many at once, as a register brings them: in batches, and each one as if it had come alone."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Malformed, PreconditionFailed, RuleBroken
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.many import ids_by_identifier, read_many, writing
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA
from tests.resources import organization, practitioner
from tests.store.cast import LATER, NOW, counts, ids, query, staff, stored

# Whatever a database's own signs are, a name may hold them.
ODD = 'Ældre\\Sundhed\t"Øst"\nÅ\r\\N \\.'


def unit(number, name):
    return {**organization(name), "identifier": [{"system": ehealth.SOR, "value": str(number)}]}


def write(store, new=(), changes=(), *, now=NOW):
    with store.as_(now=now) as session, writing(session) as batches:
        session.authorise(Request("operation", name="$import-organizations"))
        batches.write(new, changes)


def rename(store, names, *, now=LATER):
    """Give each organisation, by id, another name."""
    with store.as_(now=now) as session, writing(session) as batches:
        found = read_many(session, "Organization", list(names))
        batches.write((), [({**found[id].resource, "name": name}, found[id]) for id, name in names.items()])


def index_rows(id):
    sql = "SELECT parameter, value, high, last_updated FROM fhir_index WHERE id = %s ORDER BY parameter, value"
    return query(sql, (id,))


def test_each_is_stored_indexed_and_kept_as_one_that_came_alone(store):
    alone = store.create(unit(1, ODD))
    write(store, [(id := new_id(), unit(1, ODD))])
    among_many = store.read("Organization", id)
    assert among_many == {**alone, "id": id}
    assert sorted(index_rows(id)) == sorted(index_rows(alone["id"]))
    assert store.vread("Organization", id, "1") == among_many


def test_a_change_is_a_new_version_found_by_what_it_says_now_and_no_more_by_what_it_said(store):
    made = {new_id(): f"Enhed {number}" for number in range(3)}
    write(store, [(id, unit(7, name)) for id, name in made.items()])
    first, *others = made
    rename(store, {first: "Hjemmeplejen"})
    assert store.read("Organization", first)["meta"]["versionId"] == "2"
    assert store.read("Organization", first)["meta"]["lastUpdated"] == "2026-11-23T10:00:00.000Z"
    assert store.vread("Organization", first, "1")["name"] == "Enhed 0"
    assert ids(store.search("Organization", ("name", "Hjemmeplejen"))) == [first]
    assert sorted(ids(store.search("Organization", ("name", "Enhed")))) == sorted(others)


def test_new_ones_and_changes_go_together_and_batches_follow_each_other(store):
    with store.as_() as session, writing(session) as batches:
        batches.write([(first := new_id(), unit(1, "A"))], ())
        batches.write([(second := new_id(), unit(2, "B"))], ())
        batches.wait()
        found = read_many(session, "Organization", [first])
        batches.write([(third := new_id(), unit(3, "C"))], [({**found[first].resource, "name": "D"}, found[first])])
    assert [store.read("Organization", id)["name"] for id in (first, second, third)] == ["D", "B", "C"]


def test_whoever_is_not_the_first_to_change_one_changes_none(store):
    made = [new_id(), new_id()]
    write(store, [(id, unit(number, "Før")) for number, id in enumerate(made)])
    with store.as_() as session:
        found = read_many(session, "Organization", made)
    store.update({**store.read("Organization", made[1]), "name": "En andens"})
    before = counts()["fhir_version"]
    with pytest.raises(PreconditionFailed):
        write(store, changes=[({**found[id].resource, "name": "Min"}, found[id]) for id in made])
    assert [store.read("Organization", id)["name"] for id in made] == ["Før", "En andens"]
    assert counts()["fhir_version"] == before


@pytest.mark.parametrize(
    ("wrong", "refusal"), [({"name": 7}, Malformed), ({"extension": [], "identifier": []}, Malformed)]
)
def test_what_is_no_organization_is_refused_with_all_that_came_before_it(store, wrong, refusal):
    before = stored()
    with pytest.raises(refusal):
        write(store, [(new_id(), unit(1, "A")), (new_id(), {**unit(2, "B"), **wrong})])
    assert {**stored(), "fhir_index": 0} == {**before, "fhir_index": 0}


def test_or_whoever_asks_hears_which_are_refused_and_has_the_rest_stored(store):
    heard = []
    with store.as_() as session, writing(session) as batches:
        new = [(good := new_id(), unit(1, "A")), (bad := new_id(), {**unit(2, "B"), "name": 7})]
        batches.write(new, (), lambda each, wrong: heard.append((each, wrong.issues[0].expression)))
    assert heard == [(bad, "Organization.name")]
    assert ids(store.search("Organization")) == [good]


def test_the_rules_of_the_profile_hold(store):
    without_source = {**unit(1, "A")}
    del without_source["extension"]
    with pytest.raises(RuleBroken) as refused:
        write(store, [(new_id(), without_source)])
    assert len(refused.value.issues) == 2


def test_it_is_one_event_in_the_log_however_many_they_are(store):
    write(store, [(new_id(), unit(number, "A")) for number in range(120)])
    [event] = store.audit()
    assert event["subtype"][0]["display"] == "$import-organizations"


def test_they_are_found_by_their_numbers_in_one_register(store):
    write(store, [(id := new_id(), unit(634491000016008, "A"))])
    store.create(organization())
    with store.as_() as session:
        assert ids_by_identifier(session, "Organization", ehealth.SOR) == {"634491000016008": [id]}


def test_what_belongs_to_citizens_is_not_read_by_the_many(clinic):
    with clinic.as_(staff(ASTA)) as session, pytest.raises(RuntimeError, match="by whose it is"):
        read_many(session, "Patient", ["nancy"])


def test_many_are_written_within_a_transaction_only(store):
    with store.server.session(SYSTEM, now=NOW, only_reads=True) as session, pytest.raises(RuntimeError):
        writing(session).__enter__()


def test_other_types_are_written_alike(store):
    write(store, [(id := new_id(), practitioner())])
    assert store.read("Practitioner", id)["name"] == practitioner()["name"]

"""A resource's versions: made, read, replaced by whoever read the last one, and kept for ever."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.outcome import Gone, Malformed, NotFound, PreconditionFailed
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.preconditions import Preconditions
from kommunalpro.fhirserver.seeing import is_alone_in_its_second
from tests.resources import care_team, organization, practitioner
from tests.store.cast import NOW, query

PI = "3.1415926535897932384626433832795028841971"
"""A number with 40 decimals."""


@pytest.fixture
def asta(store):
    return store.create(practitioner())


def named(practitioner, family):
    return {**practitioner, "name": [{"family": family}]}


def test_what_is_created_is_version_1_and_reads_as_it_was_written(store, asta):
    assert asta["meta"]["versionId"] == "1"
    assert asta["meta"]["lastUpdated"] == "2026-11-23T09:00:00.000Z"
    assert store.read("Practitioner", asta["id"]) == asta


def test_ids_are_uuids_of_version_7_made_by_the_server_in_order_of_time(store):
    made = [store.create(practitioner() | {"id": "my-own"})["id"] for _ in range(20)]
    assert {UUID(id).version for id in made} == {7}
    assert made == sorted(made)


def test_each_update_is_a_version_of_its_own(store, asta):
    second = store.update(named(asta, "Holm-Lund"), if_match="1")
    third = store.update(named(asta, "Lund"), if_match="2")
    assert [each["meta"]["versionId"] for each in (second, third)] == ["2", "3"]
    assert store.read("Practitioner", asta["id"]) == third


def test_a_reference_to_a_version_means_that_version_for_ever(store, asta):
    second = store.update(named(asta, "Lund"), if_match="1")
    store.delete("Practitioner", asta["id"])
    assert store.vread("Practitioner", asta["id"], "1") == asta
    assert store.vread("Practitioner", asta["id"], "2") == second
    with store.as_() as session:
        assert session.system_read(f"Practitioner/{asta['id']}/_history/1") == asta


def test_one_current_row_and_one_for_each_version(store, asta):
    store.update(named(asta, "Lund"))
    assert query("SELECT version FROM fhir_resource WHERE id = %s", (asta["id"],)) == [(2,)]
    assert query("SELECT version FROM fhir_version WHERE id = %s ORDER BY version", (asta["id"],)) == [(1,), (2,)]


def test_whoever_did_not_read_the_last_version_is_told_and_nothing_changes(store, asta):
    store.update(named(asta, "Lund"), if_match="1")
    with pytest.raises(PreconditionFailed, match="Current version is 2"):
        store.update(named(asta, "Ravn"), if_match="1")
    assert store.read("Practitioner", asta["id"])["name"] == [{"family": "Lund"}]


def test_who_does_not_say_what_they_read_replaces_what_is_there(store, asta):
    assert store.update(named(asta, "Lund"))["meta"]["versionId"] == "2"


def test_a_patch_is_held_to_the_version_too(store, asta):
    change = [{"op": "replace", "path": "/name/0/family", "value": "Lund"}]
    with store.as_() as session:
        assert session.patch("Practitioner", asta["id"], change, if_match="1")["name"][0]["family"] == "Lund"
    with pytest.raises(PreconditionFailed), store.as_() as session:
        session.patch("Practitioner", asta["id"], change, if_match="1")


def test_a_version_is_later_than_the_one_it_follows_though_the_clock_went_back(store, asta):
    second = store.update(named(asta, "Lund"), now=NOW - timedelta(hours=1))
    before, after = query("SELECT last_updated FROM fhir_version WHERE id = %s ORDER BY version", (asta["id"],))
    assert before < after
    assert datetime.fromisoformat(second["meta"]["lastUpdated"]) >= NOW


@pytest.mark.parametrize("version", ["0", "3", "x", "²", "9" * 30, "-1", ""])
def test_a_version_that_never_was_is_not_found(store, asta, version):
    store.update(named(asta, "Lund"))
    with pytest.raises(NotFound):
        store.vread("Practitioner", asta["id"], version)


def test_what_is_deleted_is_gone_and_out_of_every_search(store, asta):
    store.delete("Practitioner", asta["id"])
    with pytest.raises(Gone):
        store.read("Practitioner", asta["id"])
    with pytest.raises(Gone):
        store.vread("Practitioner", asta["id"], "2")
    assert store.search("Practitioner", ("family", "holm"))["total"] == 0
    parameters = [name for (name,) in query("SELECT parameter FROM fhir_index WHERE id = %s", (asta["id"],))]
    assert all(name.startswith("~") for name in parameters), "what access asks of a deleted row, no search finds"


def test_what_never_was_is_not_found(store):
    with pytest.raises(NotFound):
        store.read("Practitioner", "nobody")
    with pytest.raises(NotFound):
        store.update(practitioner() | {"id": "nobody"})
    with pytest.raises(NotFound):
        store.read("Observation", "1")


def test_what_is_not_r4_is_refused_with_every_reason_and_leaves_nothing(store):
    with pytest.raises(Malformed) as refused:
        store.create({"resourceType": "Practitioner", "active": "yes", "name": "Asta"})
    assert {each.expression for each in refused.value.issues} == {"Practitioner.active", "Practitioner.name"}
    assert query("SELECT count(*) FROM fhir_resource WHERE type = 'Practitioner'") == [(0,)]


def test_own_references_are_absolute_and_foreign_ones_are_left_alone(store):
    team = care_team("Nord")
    team["managingOrganization"] = [
        {"reference": "Organization/7"},
        {"reference": "https://other.example/Organization/7"},
    ]
    stored = store.create(team)
    assert [each["reference"] for each in stored["managingOrganization"]] == [
        "https://fhir.example/fhir/Organization/7",
        "https://other.example/Organization/7",
    ]


@pytest.mark.parametrize("owner", ["Organization/7", "https://fhir.example/fhir/Organization/7"])
def test_what_is_a_reference_by_its_name_alone_is_left_as_it_is(store, owner):
    """An Expression's is a URI, whatever else the resource refers to (R4 metadatatypes.html#Expression)."""
    rule = {"url": "https://fhir.example/rule", "valueExpression": {"language": "text/cql", "reference": "Library/1"}}
    north = organization()
    stored = store.create(north | {"partOf": {"reference": owner}, "extension": [*north["extension"], rule]})
    assert stored["extension"][-1] == rule
    assert stored["partOf"] == {"reference": "https://fhir.example/fhir/Organization/7"}


@pytest.mark.parametrize("number", [PI, "1.50", "0.0000001", "1e2", "-0.00", "-0", "100", "1E-30"])
def test_a_number_keeps_every_digit_it_was_written_with(store, number):
    extension = f'{{"url": "https://fhir.example/length", "valueDecimal": {number}}}'
    stored = store.create(organization() | {"partOf": {"extension": [loads(extension)], "display": "x"}})
    written = store.read("Organization", stored["id"])["partOf"]["extension"][0]
    assert dumps(written).decode() == f'{{"url":"https://fhir.example/length","valueDecimal":{number}}}'
    assert isinstance(written["valueDecimal"], Decimal | int)
    [(text,)] = query("SELECT json FROM fhir_version WHERE id = %s", (stored["id"],))
    assert f'"valueDecimal":{number}}}' in text


def test_of_two_versions_in_one_second_a_time_does_not_tell_which_somebody_has(store, asta):
    """HTTP's times are whole seconds: who was told of the first would never be told of the second."""
    assert is_alone_in_its_second(asta)
    second = store.update(named(asta, "Ravn"), now=NOW + timedelta(milliseconds=300))
    assert not is_alone_in_its_second(second)
    assert is_alone_in_its_second(store.update(named(second, "Holm"), now=NOW + timedelta(seconds=1)))


def test_who_read_at_a_time_that_may_mean_either_of_two_versions_writes_neither_over(store, asta):
    """Who has the first would write the second over, unread; by its version anybody may."""
    since = Preconditions(if_unmodified_since=NOW)
    assert since.version_of(asta) == "1"
    second = store.update(named(asta, "Ravn"), now=NOW + timedelta(milliseconds=300))
    with pytest.raises(PreconditionFailed, match="current version is 2: name it in If-Match"):
        since.version_of(second)
    assert Preconditions("2", if_unmodified_since=NOW).version_of(second) == "2"


def test_whoever_is_overtaken_after_what_was_asked_has_lost(store, asta):
    with store.as_() as session:
        key = "Practitioner", asta["id"]
        version = Preconditions(if_none_match='"7"').version_for(session, Request("update", *key))
        session.update(named(asta, "Ravn"), if_match=None)
        with pytest.raises(PreconditionFailed, match="Current version is 2"):
            session.update(named(asta, "Holm"), if_match=version)

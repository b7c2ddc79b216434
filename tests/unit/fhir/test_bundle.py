"""Bundles: made as R4 wants them, and read by type."""

from kommunalpro.fhir.bundle import (
    collection,
    create_entry,
    delete_entry,
    link,
    resources,
    searchset,
    transaction,
    update_entry,
)
from kommunalpro.fhir.structure import validate
from tests.unit.fhir.instances import minimal

BASE = "https://fhir.example.dk/fhir"
PATIENT = {"resourceType": "Patient", "id": "1"}
TASK = {**minimal("Task"), "id": "2"}
URN = "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002"


def test_a_searchset_tells_what_matched_and_what_came_along():
    found = searchset(
        [TASK], base_url=BASE, total=7, included=[PATIENT], links=[("self", f"{BASE}/Task"), ("next", "b")]
    )
    assert found["total"] == 7
    assert [(entry["fullUrl"], entry["search"]["mode"]) for entry in found["entry"]] == [
        (f"{BASE}/Task/2", "match"),
        (f"{BASE}/Patient/1", "include"),
    ]
    assert link(found, "next") == "b"
    assert link(found, "previous") is None
    assert validate(found) == ()


def test_an_empty_searchset_has_no_empty_arrays():
    found = searchset([], base_url=BASE, total=0)
    assert found == {"resourceType": "Bundle", "type": "searchset", "total": 0}
    assert validate(found) == ()
    assert "total" not in searchset([], base_url=BASE)
    assert list(resources(found)) == []


def test_a_transaction_creates_updates_and_deletes():
    new = minimal("Basic")
    made = transaction(
        [
            create_entry(new, URN),
            create_entry(PATIENT, URN[:-1] + "3", if_none_exist="identifier=a"),
            update_entry(TASK, if_match="3"),
            update_entry(PATIENT, if_match=None),
            delete_entry("Task/4"),
        ]
    )
    assert [entry["request"] for entry in made["entry"]] == [
        {"method": "POST", "url": "Basic"},
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a"},
        {"method": "PUT", "url": "Task/2", "ifMatch": 'W/"3"'},
        {"method": "PUT", "url": "Patient/1"},
        {"method": "DELETE", "url": "Task/4"},
    ]
    assert made["entry"][0]["fullUrl"] == URN
    assert validate(made) == ()


def test_resources_are_read_by_type_in_their_order():
    kept = collection([TASK, PATIENT, TASK])
    assert validate(kept) == ()
    assert list(resources(kept)) == [TASK, PATIENT, TASK]
    assert list(resources(kept, "Patient")) == [PATIENT]


def test_an_outcome_is_no_hit_and_an_entry_may_be_without_resource():
    outcome = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}
    bundle = {"resourceType": "Bundle", "entry": [outcome, {"response": {"status": "204"}}, {"resource": TASK}]}
    assert list(resources(bundle)) == [TASK]

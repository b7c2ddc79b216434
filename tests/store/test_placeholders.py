"""An address that stands for an entry of the same Bundle, where there is no such entry: nothing is stored."""

import pytest

from kommunalpro.fhir.outcome import BadRequest, FhirError, Unprocessable
from kommunalpro.fhirserver import storing
from tests.resources import goal, organization, practitioner, to
from tests.store.cast import BASE, stored
from tests.store.entries import PLAN, REQUEST, delete, patch, post, put, run_batch


def child(of):
    return organization() | {"partOf": to(of)}


@pytest.mark.parametrize("nobody", [REQUEST, "urn:oid:1.2.3", REQUEST.upper()])
def test_a_reference_to_no_entry_is_refused_in_its_place(clinic, nobody):
    before = stored()
    with pytest.raises(BadRequest) as refused:
        clinic.transact(post(organization(), PLAN), post(child(PLAN)), post(child(nobody)))
    [issue] = refused.value.issues
    assert (issue.expression, issue.code) == ("Bundle.entry[2].resource.partOf.reference", "value")
    assert stored() == before


def test_all_of_them_are_told_with_whatever_else_is_wrong(clinic):
    stray = goal("nancy") | {"addresses": [to(REQUEST)], "statusDate": "i går"}
    with pytest.raises(FhirError) as refused:
        clinic.transact(post(stray), post(child(REQUEST)))
    assert {issue.expression for issue in refused.value.issues} == {
        "Bundle.entry[0].resource.addresses[0].reference",
        "Bundle.entry[0].resource.statusDate",
        "Bundle.entry[1].resource.partOf.reference",
    }


def test_an_entry_that_writes_nothing_is_nothing_to_refer_to(clinic):
    for entry in (delete("CareTeam/syd"), {"request": {"method": "GET", "url": "Organization/kommune"}}):
        with pytest.raises(BadRequest, match="No entry that writes something"):
            clinic.transact(entry | {"fullUrl": PLAN}, post(child(PLAN)))


def test_of_an_entry_that_is_refused_nothing_is_told_where_it_is_referred_to(clinic):
    with pytest.raises(FhirError) as refused:
        clinic.transact(put(organization() | {"id": "nobody"}) | {"fullUrl": PLAN}, post(child(PLAN)))
    assert {issue.expression for issue in refused.value.issues} == {"Bundle.entry[0]"}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/partOf", "value": {"reference": REQUEST}},
        {"op": "add", "path": "/partOf/reference", "value": REQUEST},
        {"op": "add", "path": "/endpoint", "value": [{"reference": REQUEST}]},
    ],
)
def test_a_patch_brings_in_none_either(clinic, operation):
    with pytest.raises(BadRequest) as refused:
        clinic.transact(patch("Organization/kommune", operation))
    assert [issue.expression for issue in refused.value.issues] == ["Bundle.entry[0].resource.data"]


def test_a_patch_may_refer_to_an_entry(clinic):
    operation = {"op": "add", "path": "/partOf", "value": to(PLAN)}
    made, changed = clinic.transact(post(organization(), PLAN), patch("Organization/region", operation))["entry"]
    assert changed["resource"]["partOf"]["reference"] == f"{BASE}/Organization/{made['resource']['id']}"


def test_entries_of_a_batch_know_nothing_of_each_other(clinic):
    one, other = run_batch(clinic, post(organization(), PLAN), post(child(PLAN)))
    assert (one["response"]["status"], other["response"]["status"]) == ("201", "400")


def test_what_is_written_by_itself_knows_of_no_entry(clinic):
    with pytest.raises(Unprocessable) as refused:
        clinic.create(child(REQUEST))
    assert [issue.expression for issue in refused.value.issues] == ["Organization.partOf.reference"]
    with pytest.raises(Unprocessable):
        clinic.update(clinic.read("Organization", "kommune") | {"partOf": to(REQUEST)})


def test_what_was_stored_with_one_can_still_be_changed(clinic, monkeypatch):
    """An earlier release took it: what refers to nothing must not keep anybody from ending it."""
    monkeypatch.setattr(storing, "unmet", lambda *_: ())
    made = clinic.create(child(REQUEST))
    monkeypatch.undo()
    changed = clinic.update(made | {"active": False})
    assert changed["partOf"] == made["partOf"]


def test_an_identifier_is_no_reference(clinic):
    known = practitioner() | {"identifier": [{"system": "urn:ietf:rfc:3986", "value": REQUEST}]}
    made = clinic.transact(post(known))["entry"][0]["resource"]
    assert made["identifier"][0]["value"] == REQUEST
    assert clinic.transact(post(child(f"{BASE}/Organization/region")))

"""The log over HTTP, line by line as FUT has it: who asked what about whom, and what they were told.

Source: `fut.md` 5.4; the guide's page on ehealth-auditevent, "Audit-log".
"""

from base64 import b64decode

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, transaction
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.parameters import parameters
from tests.people import NANCY
from tests.resources import practitioner

PATCH = {"Content_Type": "application/json-patch+json"}
CRN = {"system": ehealth.CPR, "value": NANCY.cpr}


@pytest.fixture
def nancy(system):
    who = {"name": "patient", "resource": {"resourceType": "Patient", "name": [{"family": NANCY.family}]}}
    return system("POST", "/Patient/$createPatient", parameters({"name": "crn", "valueIdentifier": CRN}, who)).json


def of_search(event):
    [found] = [each for each in event["entity"] if each["role"]["code"] == "24"]
    return loads(b64decode(found["query"])), found.get("what", {}).get("identifier", {}).get("value")


def summary(event):
    return event["action"], event["subtype"][0]["code"], event["outcome"], event["outcomeDesc"]


def test_a_search_says_what_was_asked_and_the_id_of_what_was_answered(system, logged, nancy):
    answer, [event] = logged(system, "GET", f"/Patient?_id={nancy['id']}")
    assert summary(event) == ("R", "search-type", "0", "Patient")
    assert of_search(event) == ({"_id": nancy["id"]}, answer.json["id"])


def test_a_search_for_everything_is_a_search_too(system, logged, nancy):
    answer, events = logged(system, "GET", "/Patient")
    assert events
    assert all(of_search(each) == ({}, answer.json["id"]) for each in events)


def test_of_a_number_that_is_searched_for_ten_crosses_are_kept(system, logged, nancy):
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    asked = f"identifier={ehealth.CPR}%7C{NANCY.cpr}".encode()
    answer, [event] = logged(system, "POST", "/Patient/_search", asked, **form)
    assert [each["resource"]["id"] for each in answer.json["entry"]] == [nancy["id"]]
    assert of_search(event) == ({"identifier": f"{ehealth.CPR}|xxxxxxxxxx"}, answer.json["id"])


def test_an_operation_is_kept_under_its_own_name(system, logged, nancy):
    _, [event] = logged(system, "POST", "/Patient/$createPatient", parameters({"name": "crn", "valueIdentifier": CRN}))
    assert summary(event) == ("E", "createPatient", "0", "Patient")


def test_a_transaction_is_about_what_it_wrote(system, logged):
    bundle = transaction([create_entry(practitioner(), "urn:uuid:6e2f0a35-0000-4000-8000-000000000001")])
    answer, [event] = logged(system, "POST", "/", bundle)
    assert answer.status == 200
    assert summary(event) == ("E", "transaction", "0", "Practitioner")


REFUSED = {
    "a search by nothing known": ("GET", "/Practitioner?shoe-size=42", None, {}, 400, ("R", "search-type")),
    "no JSON": ("POST", "/Practitioner", b"{", {}, 400, ("C", "create")),
    "no R4": ("POST", "/Practitioner", {"resourceType": "Practitioner", "x": 1}, {}, 422, ("C", "create")),
    "a rule": ("POST", "/Organization", {"resourceType": "Organization"}, {}, 422, ("C", "create")),
    "somebody was faster": ("PUT", "/Practitioner/{id}", practitioner(), {"If_Match": '"7"'}, 412, ("U", "update")),
    "a patch of nothing": ("PATCH", "/Organization/x", [{"op": "add", "path": "/x"}], PATCH, 404, ("U", "patch")),
    "an operation without": ("POST", "/Patient/$createPatient", parameters(), {}, 400, ("E", "createPatient")),
    "an update of nothing": ("PUT", "/Practitioner/x", practitioner() | {"id": "x"}, {}, 405, ("U", "update")),
    "a batch": ("POST", "/", {"resourceType": "Bundle", "type": "batch"}, {}, 400, ("E", "transaction")),
    "who is not there": ("GET", "/Practitioner/nobody", None, {}, 404, ("R", "read")),
    "not a resource": ("POST", "/Practitioner/$validate", b"{", {}, 400, ("E", "validate")),
}


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "what"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_kept_for_ourselves_with_outcome_4(
    system, logged, stored, method, path, body, headers, status, what
):
    if isinstance(body, dict) and "{id}" in path:
        body = body | {"id": stored["id"]}
    answer, events = logged(system, method, path.format(id=stored["id"]), body, **headers)
    assert answer.status == status, answer.body
    [event] = events
    assert summary(event)[:3] == (*what, "4")
    assert [each["code"] for each in event["purposeOfEvent"][0]["coding"]] == ["INTERNAL_AUDIT_ONLY"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/AuditEvent/7", 405),
        ("PUT", "/Patient/$createPatient", 405),
        ("GET", "/Spaceship/7", 404),
        ("GET", "/shoe", 404),
        ("POST", "/Practitioner/$shoe", 501),
    ],
)
def test_what_no_address_does_is_asked_of_nobodys_data_and_not_in_the_log(system, logged, method, path, status):
    answer, events = logged(system, method, path)
    assert (answer.status, events) == (status, [])


def test_a_number_in_an_address_is_masked_there_too(system, logged):
    _, [event] = logged(system, "GET", f"/Patient/{NANCY.cpr}")
    assert (summary(event), event["entity"][0]["what"]) == (
        ("R", "read", "4", "Patient"),
        {"reference": event["source"]["observer"]["identifier"]["value"] + "/Patient/xxxxxxxxxx"},
    )

"""A transaction is all or nothing; a batch is refused."""

from base64 import b64encode

import pytest

from kommunalpro.fhir.structure import validate
from kommunalpro.fhirserver.http.headers import JSON_PATCH
from tests.resources import organization, practitioner


def bundle(*entries, type="transaction"):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def post(resource, full_url=None):
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return entry | ({"fullUrl": full_url} if full_url else {})


def count(system, family):
    return system("GET", f"/Practitioner?family={family}").json["total"]


def test_a_batch_is_refused(system):
    answer = system("POST", "", bundle(post(practitioner()), type="batch"))
    assert answer.status == 400
    assert answer.issue["expression"] == ["Bundle.type"]
    assert answer.issue["diagnostics"] == "Bundle.type must be transaction; batch is not offered"


def test_something_else_than_a_bundle_is_refused(system):
    assert system("POST", "", organization()).status == 400


def test_one_bad_entry_stores_nothing(system):
    answer = system(
        "POST", "", bundle(post(practitioner("Altelleringenting")), post({"resourceType": "Practitioner", "nope": 1}))
    )
    assert answer.status in (400, 422)
    assert count(system, "Altelleringenting") == 0


@pytest.mark.parametrize("wrong", ["urn:uuid:0b3c1c52-0000-4000-8000-000000000001", 7, ["x"], None])
def test_a_reference_that_is_no_object_is_told_as_anywhere_else(system, wrong):
    """Also where something in the transaction is called by a urn, for which references are looked through first."""
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Gå en tur"}}
    wrongly = goal | {"subject": {"reference": "urn:uuid:0b3c1c52-0000-4000-8000-000000000002"}, "expressedBy": wrong}
    answer = system("POST", "", bundle(post(wrongly, "urn:uuid:0b3c1c52-0000-4000-8000-000000000003")))
    assert answer.status in (400, 422), answer.body
    assert any("expressedBy" in each["expression"][0] for each in answer.json["issue"] if "expression" in each)


def test_an_empty_transaction_is_answered(system):
    answer = system("POST", "", {"resourceType": "Bundle", "type": "transaction"})
    assert answer.status == 200
    assert answer.json["type"] == "transaction-response"


@pytest.mark.parametrize(
    "entry",
    [
        "x",
        {},
        {"request": {"method": "POST"}},
        {"request": {"method": "POST", "url": "Practitioner"}},
        {"request": {"method": "POST", "url": "Practitioner"}, "resource": {}},
        {"request": {"method": "POST", "url": "Practitioner"}, "resource": []},
        {"request": {"method": "POST", "url": "Practitioner"}, "resource": {"resourceType": "Organization"}},
        {"request": {"method": "PUT", "url": "Practitioner/1"}, "resource": {"id": "1"}},
        {"request": {"method": "PUT", "url": "Practitioner"}, "resource": practitioner()},
        {"request": {"method": "DELETE", "url": "Practitioner"}},
        {"request": {"method": "DELETE", "url": "https://other.example/fhir/Practitioner/1"}},
        {"request": {"method": "GET", "url": "NoSuchType"}},
        {"request": {"method": "GET", "url": "Practitioner/no-such-id"}},
        {"request": {"method": "PATCH", "url": "Practitioner/1"}, "resource": {"resourceType": "Parameters"}},
        {"request": {"method": "PATCH", "url": "Practitioner/1"}, "resource": {"resourceType": "Binary", "data": "AA"}},
        {"request": {"method": "POST", "url": "Practitioner", "ifNoneExist": 7}, "resource": practitioner()},
        {"request": {"method": "POST", "url": "Practitioner", "ifNoneExist": "_count=1"}, "resource": practitioner()},
        {"request": {"method": "POST", "url": "Practitioner"}, "resource": practitioner(), "fullUrl": 7},
        {"request": {"method": "POST", "url": "Practitioner"}, "resource": practitioner() | {"meta": "x"}},
        {"request": {"method": "POST", "url": "AuditEvent"}, "resource": {"resourceType": "AuditEvent"}},
    ],
)
def test_an_entry_that_cannot_be_run_is_refused_and_nothing_is_stored(system, entry):
    answer = system("POST", "", bundle(post(practitioner("Utænkelig")), entry))
    assert answer.status in (400, 404, 422)
    assert answer.json["resourceType"] == "OperationOutcome"
    assert count(system, "Ut%C3%A6nkelig") == 0


@pytest.mark.parametrize("sent", [b"<Patch/>", b"{", b"[[[", b"\xff"])
def test_a_patch_that_cannot_be_read_is_told_by_its_place(system, sent):
    binary = {"resourceType": "Binary", "contentType": JSON_PATCH, "data": b64encode(sent).decode()}
    entry = {"request": {"method": "PATCH", "url": "Organization/1"}, "resource": binary}
    answer = system("POST", "", bundle(post(practitioner("Ulæselig")), entry))
    assert (answer.status, answer.issue["expression"]) == (400, ["Bundle.entry[1].resource.data"])
    assert count(system, "Ul%C3%A6selig") == 0


def test_prefer_says_how_much_of_what_was_written_comes_back(system):
    stored = system("POST", "/Practitioner", practitioner("Foretrukken")).json
    other = system("POST", "/Practitioner", practitioner()).json["id"]
    place = f"Practitioner/{stored['id']}"
    entries = (
        post(practitioner()),
        {"resource": stored, "request": {"method": "PUT", "url": place}},
        {"request": {"method": "GET", "url": f"Practitioner/{other}"}},
    )

    def asked(prefer):
        answer = system("POST", "", bundle(*entries), Prefer=prefer)
        assert validate(answer.json) == ()
        return answer.json["entry"]

    minimal, outcome, whole = (asked(f"return={word}") for word in ("minimal", "OperationOutcome", "representation"))
    assert [each.get("resource", {}).get("resourceType") for each in minimal] == [None, None, "Practitioner"]
    assert ["outcome" in each["response"] for each in minimal] == [False, False, False]
    assert [each["response"]["status"] for each in minimal] == ["201", "200", "200"]
    assert minimal[1]["response"]["location"].endswith(f"/{place}/_history/2")
    assert [each["response"].get("outcome", {}).get("resourceType") for each in outcome] == [
        "OperationOutcome",
        "OperationOutcome",
        None,
    ]
    assert [each["resource"]["resourceType"] for each in whole] == ["Practitioner"] * 3


def test_who_wants_to_be_told_of_a_bundle_is_told_what_was_there_already(system):
    once = post(practitioner("Bundtet"))
    once["request"]["ifNoneExist"] = "family=Bundtet"
    texts = []
    for _ in range(2):
        answer = system("POST", "", bundle(once, post(practitioner())), Prefer="return=OperationOutcome")
        texts += [each["response"]["outcome"]["issue"][0]["details"]["text"] for each in answer.json["entry"]]
    assert texts == ["Gemt.", "Gemt.", "Det fandtes i forvejen; intet er gemt.", "Gemt."]


def test_what_is_deleted_already_stops_no_transaction(system):
    place = f"Practitioner/{system('POST', '/Practitioner', practitioner()).json['id']}"
    for _ in range(2):
        answer = system("POST", "", bundle({"request": {"method": "DELETE", "url": place}}, post(practitioner())))
        assert [each["response"]["status"] for each in answer.json["entry"]] == ["204", "201"]


def test_of_an_empty_transaction_nothing_is_preferred(system):
    answer = system("POST", "", {"resourceType": "Bundle", "type": "transaction"}, Prefer="return=minimal")
    assert (answer.status, answer.json["type"]) == (200, "transaction-response")


def test_placeholders_are_resolved_and_the_bodies_come_back(live, system):
    first = organization() | {"partOf": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000002"}}
    second = post(organization("Moder"), "urn:uuid:00000000-0000-4000-8000-000000000002")
    answer = system("POST", "", bundle(post(first, "urn:uuid:00000000-0000-4000-8000-000000000001"), second))
    child, mother = (entry["resource"] for entry in answer.json["entry"])
    assert child["partOf"]["reference"] == f"{live.base_url}/Organization/{mother['id']}"


def test_what_is_written_and_read_in_one_comes_back_as_a_bundle_of_r4(system):
    stored = system("POST", "/Practitioner", practitioner()).json
    place = f"Practitioner/{stored['id']}"
    read, write = ({"request": {"method": method, "url": place}} for method in ("GET", "PUT"))
    answer = system("POST", "", bundle({**write, "resource": stored}, read, read))
    assert (answer.status, validate(answer.json)) == (200, ())


def test_to_nothing_the_answer_is_an_empty_bundle(system):
    answer = system("POST", "", {"resourceType": "Bundle", "type": "transaction"})
    assert (answer.status, validate(answer.json)) == (200, ())


def test_what_is_written_around_a_resource_is_checked_for_a_misspelt_condition_would_be_none(system):
    entry = post(practitioner("Misforstået"))
    misspelt = {**entry, "request": {**entry["request"], "ifNonExist": "family=Misforst%C3%A5et"}, "comment": "x"}
    answer = system("POST", "", bundle(entry, misspelt) | {"entries": []})
    assert answer.status == 400
    assert {each["expression"][0]: each["code"] for each in answer.json["issue"]} == {
        "Bundle.entries": "structure",
        "Bundle.entry[1].request.ifNonExist": "structure",
        "Bundle.entry[1].comment": "structure",
    }
    assert count(system, "Misforst%C3%A5et") == 0


@pytest.mark.parametrize("url", ["/Practitioner/7", "https://elsewhere.example/fhir/Practitioner/7", "$meta", ""])
def test_an_address_in_a_bundle_is_relative_to_the_base(system, url):
    answer = system("POST", "", bundle({"request": {"method": "GET", "url": url}}))
    assert answer.status == 400
    assert answer.issue["expression"] == ["Bundle.entry[0].request.url"]
    assert "relative to the base" in answer.issue["diagnostics"]

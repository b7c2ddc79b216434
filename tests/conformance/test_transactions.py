"""A transaction is all or nothing; a batch is refused."""

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


def test_something_else_than_a_bundle_is_refused(system):
    assert system("POST", "", organization()).status == 400


def test_one_bad_entry_stores_nothing(system):
    answer = system(
        "POST", "", bundle(post(practitioner("Altelleringenting")), post({"resourceType": "Practitioner", "nope": 1}))
    )
    assert answer.status in (400, 422)
    assert count(system, "Altelleringenting") == 0


def test_an_empty_transaction_is_answered(system):
    answer = system("POST", "", {"resourceType": "Bundle", "type": "transaction"})
    assert answer.status == 200
    assert answer.json["type"] == "transaction-response"

"""The CapabilityStatement is tried: what it declares is there, and what it does not declare is refused."""

import pytest

from kommunalpro.fhirserver.http.headers import JSON_PATCH

NOT_OFFERED = {405, 501}
# What a request to a resource that nobody made is answered by, where the interaction is offered.
TRIED = {
    "read": ("GET", "/{type}/nobody", 404),
    "vread": ("GET", "/{type}/nobody/_history/1", 404),
    "history-instance": ("GET", "/{type}/nobody/_history", 404),
    "history-type": ("GET", "/{type}/_history?_count=1", 200),
    "search-type": ("GET", "/{type}?_count=1", 200),
    "create": ("POST", "/{type}", 400),
    "update": ("PUT", "/{type}/nobody", 400),
    "patch": ("PATCH", "/{type}/nobody", 404),
    "delete": ("DELETE", "/{type}/nobody", 404),
}


@pytest.fixture(scope="module")
def rest(live):
    return live.request("GET", "/fhir/metadata").json["rest"][0]


def attempt(system, method, path):
    if method == "PATCH":
        return system(method, path, b"[]", Content_Type=JSON_PATCH)
    return system(method, path, b"{}" if method in ("POST", "PUT") else None)


def test_every_interaction_is_there_that_a_type_declares_and_no_other(rest, system):
    wrong = []
    for resource in rest["resource"]:
        declared = {each["code"] for each in resource["interaction"]}
        assert declared <= TRIED.keys()
        for code, (method, path, expected) in TRIED.items():
            status = attempt(system, method, path.format(type=resource["type"])).status
            if status != expected if code in declared else status not in NOT_OFFERED:
                wrong.append((resource["type"], code, status))
    assert wrong == []


def test_conditions_are_taken_where_they_are_declared(rest, system):
    for resource in rest["resource"]:
        type = resource["type"]
        assert resource["conditionalRead"] == "full-support"
        assert resource["conditionalDelete"] == "not-supported"
        assert attempt(system, "DELETE", f"/{type}?_id=nobody").status == 405
        status = attempt(system, "PUT", f"/{type}?_id=nobody").status
        assert (status not in NOT_OFFERED) is resource["conditionalUpdate"]


def test_every_operation_is_there_that_is_declared_and_another_is_not(rest, system):
    of_types = [(f"/{each['type']}", each.get("operation", ())) for each in rest["resource"]]
    for place, operations in [("", rest["operation"]), *of_types]:
        declared = {each["name"] for each in operations}
        for name in declared:
            answers = [
                attempt(system, method, f"{place}{id}/${name}").status
                for method in ("GET", "POST", "DELETE")
                for id in ("", *(["/nobody"] if place else []))
            ]
            assert any(status not in NOT_OFFERED for status in answers), (place, name, answers)
        for name in ("everything", "meta-add", "meta-delete", "validate" if not place else "expand-all"):
            assert name not in declared
            assert attempt(system, "POST", f"{place}/${name}").status in NOT_OFFERED


def test_of_the_whole_server_it_offers_what_it_says(rest, system):
    assert {each["code"] for each in rest["interaction"]} == {"transaction", "history-system"}
    assert system("GET", "/_history?_count=1").status == 200
    assert system("POST", "", {"resourceType": "Bundle", "type": "transaction"}).status == 200
    assert system("POST", "", {"resourceType": "Bundle", "type": "batch"}).status == 400
    assert system("GET", "/?_id=x").status in NOT_OFFERED

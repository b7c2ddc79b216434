"""Whatever is made of the OpenAPI document and sent is answered, and never by a failure of ours."""

import json
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

with warnings.catch_warnings():
    # What Schemathesis itself imports is not ours to mend.
    warnings.simplefilter("ignore")
    import schemathesis

from tests.databases import ENGINES

EXAMPLES = 2
"""Of each operation; there are some two hundred."""
NAMED = {"read", "update", "patch", "delete", "vread", "search", "create"}
"""The interactions with a type that an address stands for."""
NOT_OFFERED = 501
"""A failure by its number, and an answer by what it means."""


@pytest.fixture(scope="module")
def document(system):
    answer = system("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.body)


def test_it_needs_a_token_as_everything_does(live):
    assert live.request("GET", "/fhir/openapi.json").status == 401


def test_it_offers_what_the_capability_statement_offers(document, live):
    rest = live.request("GET", "/fhir/metadata").json["rest"][0]
    said = {
        (each["type"], interaction["code"].replace("search-type", "search"))
        for each in rest["resource"]
        for interaction in each["interaction"]
    }
    methods = {"GET": "read", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
    found = set()
    for path, operations in document["paths"].items():
        _, type, *rest_of_path = path.split("/")
        for method in operations:
            if rest_of_path == ["{id}"]:
                found.add((type, methods[method.upper()]))
            elif rest_of_path == ["{id}", "_history", "{version}"]:
                found.add((type, "vread"))
            elif type[:1].isupper() and not rest_of_path and method in ("get", "post"):
                found.add((type, {"get": "search", "post": "create"}[method]))
    assert {
        each for each in said if each[1] in {"read", "update", "patch", "delete", "vread", "search", "create"}
    } == found


def test_it_offers_no_operation_that_the_capability_statement_does_not_name(document, live):
    """What is only refused by its name (Library/$evaluate) is in neither."""
    rest = live.request("GET", "/fhir/metadata").json["rest"][0]
    named = {each["type"]: {one["name"] for one in each.get("operation", ())} for each in rest["resource"]}
    found = {
        (type, name.removeprefix("$"))
        for type, *_, name in (path.removeprefix("/").split("/") for path in document["paths"] if path.count("/") > 1)
        if name.startswith("$")
    }
    assert ("ClinicalImpression", "set-measurement-validity") in found
    assert [(type, name) for type, name in sorted(found) if name not in named[type]] == []


def test_it_names_the_headers_and_parameters_that_mean_something_where_they_do(document):
    def named(address, method, place):
        parameters = document["paths"][address][method]["parameters"]
        return {each["name"] for each in parameters if each["in"] == place}

    for address in ("/Practitioner/{id}", "/Practitioner/{id}/_history/{version}"):
        assert named(address, "get", "header") == {"If-None-Match", "If-Modified-Since"}
        assert named(address, "get", "query") == {"_elements", "_summary"}
    spares = {"If-Match", "If-None-Match", "If-Unmodified-Since"}
    assert named("/Practitioner/{id}", "delete", "header") == spares
    assert named("/Practitioner/{id}", "put", "header") == spares | {"Prefer"}
    assert named("/PlanDefinition/{id}/$apply", "get", "query") == {"episodeOfCare"}
    assert named("/PlanDefinition/{id}/$apply", "post", "query") == set()
    # Which is made anew for each who asks, and for those without a token too.
    assert document["paths"]["/metadata"]["get"]["parameters"] == []
    assert document["paths"]["/metadata"]["get"]["security"] == []


def test_whatever_is_made_of_it_is_answered(document, live, system):
    schema = schemathesis.openapi.from_dict(document)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 150
    wrong = []
    # Every other one on each database: the two share everything but what they are asked last.
    begin = int(live.environment["KOMMUNALPRO_DATABASE_URL"].startswith("sqlite")) if len(ENGINES) > 1 else 0
    for operation in operations[begin :: len(ENGINES)]:
        _try(operation, live, system, wrong)
    assert wrong == []


def _try(operation, live, system, wrong):
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case):
        response = case.call(base_url=f"{live.url}/fhir", headers={"Authorization": f"Bearer {system.token}"})
        if response.status_code >= 500 and response.status_code != NOT_OFFERED:
            wrong.append((case.as_curl_command(), response.status_code, response.text))
        if response.status_code >= 400 and json.loads(response.content)["resourceType"] != "OperationOutcome":
            wrong.append((case.as_curl_command(), response.status_code, response.text))

    send()

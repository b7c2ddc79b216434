"""Nobody comes in without a token, and the door looks at nothing before it has seen one."""

from datetime import timedelta

import pytest

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.keys import make_keys, read_signing_key

ADDRESSES = [
    ("GET", "/fhir"),
    ("POST", "/fhir"),
    ("GET", "/fhir/"),
    ("GET", "/fhir/Patient"),
    ("GET", "/fhir/Patient/7"),
    ("GET", "/fhir/Patient/7/_history/1"),
    ("GET", "/fhir/NoSuchType/7"),
    ("GET", "/fhir/nowhere/at/all"),
    ("POST", "/fhir/Patient/_search"),
    ("POST", "/fhir/$submit-measurement"),
    ("PUT", "/fhir/Task/7"),
    ("PATCH", "/fhir/Task/7"),
    ("DELETE", "/fhir/Questionnaire/7"),
    ("POST", "/fhir/metadata"),
    ("GET", "/fhir/metadata/x"),
    ("GET", "/fhir/%FF"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_without_a_token_every_address_says_401_and_nothing_else(live, method, path):
    answer = live.request(method, path)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.issue["code"] == "login"


@pytest.mark.parametrize("path", ["/metadata", "/openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_describes_the_server_is_only_read(system, method, path):
    answer = system(method, path)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_metadata_is_open(live):
    answer = live.request("GET", "/fhir/metadata")
    assert answer.status == 200
    assert answer.json["resourceType"] == "CapabilityStatement"


def test_a_foreign_token_is_401(live, tmp_path):
    make_keys(tmp_path)
    foreign = [
        live.token(SYSTEM, key=read_signing_key(tmp_path)),
        live.token(SYSTEM, issuer="https://another.example.dk"),
        live.token(SYSTEM, audience="another-service"),
        "rubbish",
    ]
    for token in foreign:
        answer = live.request("GET", "/fhir/Organization", token=token)
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_an_expired_token_is_401(live):
    token = live.token(SYSTEM, now=SystemClock().now() - timedelta(hours=2), lifetime=timedelta(hours=1))
    assert live.request("GET", "/fhir/Organization", token=token).status == 401


def test_a_token_without_the_privilege_is_403(as_somebody, live):
    nobody = as_somebody(Principal(f"{live.base_url}/Practitioner/x", "PRACTITIONER", "Nobody"))
    answer = nobody("GET", "/Organization")
    assert answer.status == 403
    assert answer.issue["code"] == "forbidden"


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("POST", "/Organization", ("C", "create")),
        ("PUT", "/Organization/x", ("U", "update")),
        ("PUT", "/Organization?name=x", ("U", "update")),
        ("PATCH", "/Organization/x", ("U", "patch")),
        ("POST", "", ("E", "transaction")),
        ("POST", "/$submit-measurement", ("E", "submit-measurement")),
    ],
)
def test_who_may_not_at_all_is_not_told_what_is_wrong_with_what_they_sent(
    as_somebody, live, logged, method, path, what
):
    nobody = as_somebody(Principal(f"{live.base_url}/Practitioner/x", "PRACTITIONER", "Nobody"))
    answer, [event] = logged(nobody, method, path, b"{", Content_Type="text/plain")
    assert (answer.status, answer.issue["code"]) == (403, "forbidden")
    assert (event["action"], event["subtype"][0]["code"], event["outcome"]) == (*what, "4")


def test_the_trace_id_of_the_caller_comes_back(live):
    answer = live.request("GET", "/fhir/metadata", headers={"X-B3-TraceId": "463ac35c9f6413ad48485a3953bb6124"})
    assert answer.headers["x-request-id"] == "463ac35c9f6413ad48485a3953bb6124"
    forged = live.request("GET", "/fhir/metadata", headers={"X-B3-TraceId": "251248-9996"})
    assert forged.headers["x-request-id"] != "251248-9996"


def test_no_cache_keeps_an_answer(live, system):
    for answer in (live.request("GET", "/fhir/metadata"), system("GET", "/Organization"), system("GET", "/Nothing/7")):
        assert answer.headers["cache-control"] == "no-store"


def test_the_server_says_that_it_is_up(live):
    assert live.request("GET", "/healthz").status == 200
    assert live.request("GET", "/readyz").status == 200

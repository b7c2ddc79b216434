"""What a type, an address or a method does not offer says so, and says what is offered instead."""

import pytest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/NoSuchType", 404),
        ("GET", "/Observation/7", 404),
        ("GET", "/Practitioner/no-such-id", 404),
        ("GET", "/Practitioner/no%20such%20id", 404),
        ("GET", "/Practitioner//x", 404),
        ("GET", "/../../etc/passwd", 404),
        ("POST", "/EpisodeOfCare", 405),
        ("POST", "/CarePlan", 405),
        ("POST", "/AuditEvent", 405),
        ("PUT", "/AuditEvent/7", 405),
        ("DELETE", "/AuditEvent/7", 405),
        ("DELETE", "/Patient/7", 405),
        ("GET", "/Practitioner/7/_history", 404),
        ("DELETE", "/Practitioner?family=x", 405),
        ("PUT", "/Patient?family=x", 405),
        ("PATCH", "/Practitioner?family=x", 405),
        ("POST", "/Practitioner/_history", 405),
        ("POST", "/Practitioner/$meta-add", 501),
        ("GET", "/Practitioner/$validate", 405),
        ("POST", "/$no-such-operation", 501),
        ("GET", "/$submit-measurement", 405),
        ("POST", "/Patient/$submit-measurement", 405),
        ("BREW", "/Practitioner", 405),
    ],
)
def test_what_is_not_offered_says_so(system, method, path, status):
    answer = system(method, path)
    assert answer.status == status
    assert answer.json["resourceType"] == "OperationOutcome"


def test_an_address_that_the_http_library_takes_is_answered_and_a_longer_one_is_414(live):
    assert live.request("GET", f"/fhir/metadata?_format=json&x={'y' * 65_000}").status == 200
    assert live.request("GET", f"/fhir/metadata?_format=json&x={'y' * 66_000}").status == 414


def test_405_says_what_is_offered(system):
    assert system("GET", "/$create-clone").issue["diagnostics"] == "GET is not offered here; offered: nothing"
    answer = system("DELETE", "/Patient/7")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == {"GET", "HEAD", "PATCH"}

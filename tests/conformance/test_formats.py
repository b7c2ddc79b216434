"""JSON only, read strictly: whatever else is sent has a clear answer."""

import gzip

import pytest

from kommunalpro.fhir.json import dumps, loads
from tests.resources import organization, practitioner


@pytest.mark.parametrize(
    "accept", ["application/fhir+xml", "application/xml, text/html", "text/html", "application/fhir+json;q=0"]
)
def test_xml_is_not_spoken(live, system, accept):
    for answer in (
        system("GET", "/Organization", Accept=accept),
        live.request("GET", "/fhir/metadata", headers={"Accept": accept}),
    ):
        assert answer.status == 406
        assert answer.headers["content-type"].startswith("application/fhir+json")
        assert answer.issue["diagnostics"].endswith(f"asked for was Accept: {accept}")


@pytest.mark.parametrize(
    "accept", ["application/fhir+json", "application/json", "*/*", "text/html, application/fhir+json;q=0.5"]
)
def test_json_is_spoken(system, accept):
    assert system("GET", "/Organization", Accept=accept).status == 200


@pytest.mark.parametrize(
    ("format", "status"), [("json", 200), ("application/fhir%2Bjson", 200), ("xml", 406), ("ttl", 406)]
)
def test_format_goes_before_accept(system, format, status):
    assert system("GET", f"/Organization?_format={format}", Accept="application/fhir+xml").status == status


@pytest.mark.parametrize("media", ["application/fhir+xml", "text/plain", "application/fhir+json; charset=iso-8859-1"])
def test_a_body_in_another_format_is_not_read(system, media):
    answer = system("POST", "/Organization", b'{"resourceType":"Organization"}', Content_Type=media)
    assert (answer.status, answer.issue["code"]) == (415, "not-supported")


@pytest.mark.parametrize("version", ["4.0", '"4.0"', "4.0.1"])
def test_r4_is_spoken_by_its_number(system, version):
    media = f"application/fhir+json; fhirVersion={version}"
    answer = system("POST", "/Organization", dumps(organization()), Content_Type=media, Accept=media)
    assert answer.status == 201
    either = f"application/fhir+json; fhirVersion=5.0, {media}"
    assert system("GET", f"/Organization/{answer.json['id']}", Accept=either).status == 200


@pytest.mark.parametrize("version", ["5.0", "4.3", "3.0", "", "R4"])
def test_another_version_of_fhir_is_not(live, system, version):
    media = f"application/fhir+json; charset=utf-8; fhirversion={version}"
    asked = (
        system("GET", "/Organization", Accept=media),
        system("GET", f"/Organization?_format=application/fhir%2Bjson;%20fhirVersion={version}"),
        live.request("GET", "/fhir/metadata", headers={"Accept": media}),
    )
    sent = system("POST", "/Organization", dumps(organization()), Content_Type=media)
    assert [each.status for each in (*asked, sent)] == [406, 406, 406, 415]
    assert all("4.0 or 4.0.1" in each.issue["diagnostics"] for each in (*asked, sent))


def test_xml_that_calls_itself_json_is_not_read(system):
    body = b'<Organization xmlns="http://hl7.org/fhir"/>'
    assert system("POST", "/Organization", body, Content_Type="application/fhir+json").status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"Organization"',
        b"{}",
        b'{"resourceType": 7}',
        b'{"resourceType": "Organization", "name": NaN}',
        b'{"resourceType": "Organization", "name": "\xff"}',
        b'{"resourceType": "Organization", "name": "\\u0000"}',
        b'{"resourceType": "Organization", "name": "\\ud800"}',
        b'{"resourceType": "Practitioner"}',
        b'{"resourceType": "Organization", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"resourceType": "Organization", "x": ' + b'{"a":' * 150 + b"1" + b"}" * 150 + b"}",
        b'{"resourceType": "Organization", "x": ' + b"9" * 5000 + b"}",
    ],
    ids=range(15),
)
def test_a_malformed_body_is_400_and_not_echoed(system, body):
    answer = system("POST", "/Organization", body, Content_Type="application/fhir+json")
    assert answer.status == 400
    assert "Traceback" not in answer.body.decode()


def test_a_request_that_is_too_large_is_413(system):
    body = organization(name="x" * 2_100_000)
    answer = system("POST", "/Organization", body)
    assert answer.status == 413
    assert answer.issue["code"] == "too-long"


def test_a_number_with_40_decimals_keeps_them_all_or_is_refused_by_name(system):
    digits = b"1." + b"1234567890" * 4
    binary = b'{"resourceType":"Practitioner","name":[{"family":"Holm"}],"extension":[{"url":"http://x.dk/n","valueDecimal":%s}]}'
    answer = system("POST", "/Practitioner", binary % digits, Content_Type="application/fhir+json")
    if answer.status == 201:
        assert digits in system("GET", f"/Practitioner/{answer.json['id']}").body
    else:
        assert answer.status in (400, 422)
        assert "valueDecimal" in str(answer.issue.get("expression"))


def test_a_number_whose_exponent_would_fill_the_memory_is_answered_at_once(system):
    body = b'{"resourceType":"Practitioner","name":[{"family":"Holm"}],"extension":[{"url":"http://x.dk/n","valueInteger":1e999999999}]}'
    assert system("POST", "/Practitioner", body, Content_Type="application/fhir+json").status in (400, 422)


def test_a_reader_can_ask_for_indentation(system):
    answer = system("GET", "/Organization?_pretty=true")
    assert b'\n  "resourceType"' in answer.body


def test_prefer_says_how_much_comes_back(system):
    minimal = system("POST", "/Practitioner", practitioner(), Prefer="return=minimal")
    assert (minimal.status, minimal.body) == (201, b"")
    assert minimal.headers["location"].endswith("/_history/1")
    outcome = system("POST", "/Practitioner", practitioner(), Prefer="return=OperationOutcome")
    assert outcome.json["resourceType"] == "OperationOutcome"
    assert system("POST", "/Practitioner", practitioner()).json["resourceType"] == "Practitioner"


def test_an_answer_is_compressed_for_who_wants_it(system):
    for number in range(5):
        system("POST", "/Organization", organization(f"Sted {number}"))
    plain = system("GET", "/Organization/_history?_count=20")
    packed = system("GET", "/Organization/_history?_count=20", Accept_Encoding="br, gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert {plain.headers["vary"], packed.headers["vary"]} == {"Accept-Encoding"}
    assert loads(gzip.decompress(packed.body))["entry"] == plain.json["entry"]
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body)
    refusing = system("GET", "/Organization/_history?_count=20", Accept_Encoding="gzip;q=0, *")
    assert "content-encoding" not in refusing.headers


def test_a_compressed_request_is_415(system):
    body = gzip.compress(dumps(organization()))
    answer = system("POST", "/Organization", body, Content_Encoding="gzip", Content_Type="application/fhir+json")
    assert (answer.status, answer.issue["code"]) == (415, "not-supported")

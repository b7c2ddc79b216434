"""HEAD answers what GET answers, without the body: the same headers, the same access, the same audit."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.principal import Principal
from tests.people import NANCY
from tests.resources import practitioner

OF_THE_ANSWER = {"content-type", "content-length", "content-encoding", "etag", "last-modified", "cache-control", "vary"}


@pytest.fixture(scope="module")
def id(system):
    return system("POST", "/Practitioner", practitioner()).json["id"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Practitioner/{id}", 200),
        ("/Practitioner/{id}/_history/1", 200),
        ("/Practitioner/{id}/_history", 200),
        ("/Practitioner/{id}/$meta", 200),
        ("/Practitioner?family=Nobody", 200),
        ("/metadata", 200),
        ("/Practitioner/nobody", 404),
        ("/Practitioner?shoe-size=42", 400),
        ("/Observation/nobody", 404),
    ],
)
def test_it_has_the_headers_of_get_and_no_body(system, id, path, status):
    path = path.format(id=id)
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        head, get = system("HEAD", path, **headers), system("GET", path, **headers)
        assert (head.status, head.body) == (status, b"")
        assert {name: head.headers.get(name) for name in OF_THE_ANSWER} == {
            name: get.headers.get(name) for name in OF_THE_ANSWER
        }
        assert int(head.headers["content-length"]) == len(get.body) > 0


def test_who_has_the_version_is_told_304(system, id):
    head = system("HEAD", f"/Practitioner/{id}", If_None_Match='W/"1"')
    assert (head.status, head.headers["etag"]) == (304, 'W/"1"')


@pytest.mark.parametrize("path", ["/", "/$submit-measurement", "/Practitioner/$validate"])
def test_where_get_is_not_offered_head_is_not(system, path):
    assert system("HEAD", path).status == system("GET", path).status in (405, 501)


def test_who_may_not_read_may_not_ask_by_head(live, as_somebody, id):
    stranger = as_somebody(Principal(f"{live.base_url}/Practitioner/x", "PRACTITIONER", "Nobody"))
    assert stranger("HEAD", f"/Practitioner/{id}").status == 403
    assert live.request("HEAD", f"/fhir/Practitioner/{id}").status == 401


def test_it_is_in_the_log_as_a_read_is(system):
    crn = {"name": "crn", "valueIdentifier": {"system": ehealth.CPR, "value": NANCY.cpr}}
    who = {"name": "patient", "resource": {"resourceType": "Patient", "name": [{"family": NANCY.family}]}}
    patient = system("POST", "/Patient/$createPatient", parameters(crn, who)).json["id"]

    def logged():
        return system("GET", f"/AuditEvent?patient=Patient/{patient}&_summary=count").json["total"]

    before = logged()
    assert system("HEAD", f"/Patient/{patient}").status == 200
    assert logged() == before + 1


@pytest.mark.parametrize("path", ["/$export", "/Patient/$export"])
def test_it_begins_no_export(system, path):
    head = system("HEAD", path, Prefer="respond-async")
    assert (head.status, head.headers["allow"], head.body) == (405, "GET, POST", b"")

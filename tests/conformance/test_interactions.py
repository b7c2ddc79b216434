"""R4's interactions over HTTP: statuses and headers of what is made, read, changed and deleted."""

import re

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.parameters import parameters
from tests.conformance.test_course_of_care import clinic
from tests.people import NANCY
from tests.resources import organization, practitioner

__all__ = ["clinic"]


def test_create_says_where_it_is_and_which_version(live, system):
    answer = system("POST", "/Practitioner", practitioner())
    assert answer.status == 201
    assert answer.headers["location"] == f"{live.base_url}/Practitioner/{answer.json['id']}/_history/1"
    assert answer.headers["etag"] == 'W/"1"'
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", answer.headers["last-modified"])


def test_an_id_that_the_client_chose_is_not_kept(system):
    answer = system("POST", "/Practitioner", practitioner() | {"id": "mine"})
    assert answer.status in (201, 400)
    assert answer.status == 400 or answer.json["id"] != "mine"


def test_read_gives_what_was_written(system, stored):
    answer = system("GET", f"/Practitioner/{stored['id']}")
    assert (answer.status, answer.headers["etag"], answer.json) == (200, 'W/"1"', stored)


def test_a_reader_who_has_the_version_gets_304(system, stored):
    answer = system("GET", f"/Practitioner/{stored['id']}", If_None_Match='W/"1"')
    assert (answer.status, answer.body) == (304, b"")
    assert system("GET", f"/Practitioner/{stored['id']}", If_None_Match='W/"2"').status == 200


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"'])
def test_update_takes_futs_and_r4s_version_tags(system, stored, tag):
    changed = stored | {"active": False}
    answer = system("PUT", f"/Practitioner/{stored['id']}", changed, If_Match=tag)
    assert (answer.status, answer.headers["etag"], answer.json["active"]) == (200, 'W/"2"', False)
    assert system("GET", f"/Practitioner/{stored['id']}/_history/1").json == stored
    assert system("GET", f"/Practitioner/{stored['id']}/_history/01").status == 404


def test_the_second_of_two_writers_is_told(system, stored):
    place = f"/Practitioner/{stored['id']}"
    assert system("PUT", place, stored | {"active": False}, If_Match='W/"1"').status == 200
    answer = system("PUT", place, stored | {"active": True}, If_Match='W/"1"')
    assert (answer.status, answer.issue["code"]) == (412, "conflict")
    assert system("GET", place).json["active"] is False


@pytest.mark.parametrize("tag", ["*", "W/1", '"1", "2"', "abc", ""])
def test_a_version_tag_that_names_no_version_is_400(system, stored, tag):
    answer = system("PUT", f"/Practitioner/{stored['id']}", stored, If_Match=tag)
    assert answer.status == 400
    assert system("GET", f"/Practitioner/{stored['id']}").headers["etag"] == 'W/"1"'


def test_a_body_for_another_address_is_400(system, stored):
    answer = system("PUT", f"/Practitioner/{stored['id']}", stored | {"id": "another"})
    assert answer.status == 400
    assert answer.issue["expression"] == ["Practitioner.id"]


def test_update_makes_nothing_new(system):
    answer = system("PUT", "/Practitioner/nobody", practitioner() | {"id": "nobody"})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "create by POST" in answer.issue["diagnostics"]
    assert system("GET", "/Practitioner/nobody").status == 404


def test_to_update_what_is_hidden_is_to_update_what_is_not_there_and_is_kept_in_the_log(system, clinic):
    crn = {"name": "crn", "valueIdentifier": {"system": ehealth.CPR, "value": NANCY.cpr}}
    who = {"name": "patient", "resource": {"resourceType": "Patient", "name": [{"family": NANCY.family}]}}
    patient = {"reference": f"Patient/{system('POST', '/Patient/$createPatient', parameters(crn, who)).json['id']}"}
    relative = {"resourceType": "RelatedPerson", "patient": patient, "name": [{"family": NANCY.family}]}
    hidden = system("POST", "/RelatedPerson", relative).json
    asta = clinic.asta()

    def refused():
        return system("GET", "/AuditEvent?outcome=4&_summary=count").json["total"]

    before = refused()
    answers = [asta("PUT", f"/RelatedPerson/{id}", {**hidden, "id": id}) for id in (hidden["id"], "nobody")]
    assert [each.status for each in answers] == [405, 405]
    assert answers[0].body == answers[1].body
    assert refused() == before + 2


def test_patch_changes_one_thing(system):
    stored = system("POST", "/Organization", organization()).json
    place = f"/Organization/{stored['id']}"
    change = b'[{"op":"replace","path":"/name","value":"Nyt navn"}]'
    answer = system("PATCH", place, change, Content_Type="application/json-patch+json", If_Match='W/"1"')
    assert (answer.status, answer.json["name"], answer.headers["etag"]) == (200, "Nyt navn", 'W/"2"')


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b'{"op":"remove"}', "application/json-patch+json", 400),
        (b"[1]", "application/json-patch+json", 400),
        (b'[{"op":"replace","path":"/nowhere/at/all","value":1}]', "application/json-patch+json", None),
        (b'[{"op":"explode","path":"/name"}]', "application/json-patch+json", None),
        (b'[{"op":"replace","path":"/id","value":"x"}]', "application/json-patch+json", None),
        (b'[{"op":"replace","path":"/resourceType","value":"Patient"}]', "application/json-patch+json", None),
        (b'{"resourceType":"Parameters"}', "application/fhir+json", 415),
    ],
)
def test_a_patch_that_cannot_be_applied_changes_nothing(system, body, media, status):
    stored = system("POST", "/Organization", organization()).json
    answer = system("PATCH", f"/Organization/{stored['id']}", body, Content_Type=media)
    assert answer.status == status or (status is None and answer.status in (400, 409, 422))
    assert system("GET", f"/Organization/{stored['id']}").json == stored


def test_a_deleted_resource_is_gone_and_its_version_stays(system, stored):
    place = f"/Practitioner/{stored['id']}"
    answer = system("DELETE", place)
    assert (answer.status, answer.body) == (204, b"")
    assert system("GET", place).status == 410
    assert system("GET", f"{place}/_history/1").json == stored
    for headers in ({}, {"If_Match": 'W/"1"'}):
        again = system("DELETE", place, **headers)
        assert (again.status, again.body) == (204, b"")
    assert len(system("GET", f"{place}/_history").json["entry"]) == 2

"""R4's interactions over HTTP: statuses, headers, and what a type does not offer."""

import re

import pytest

from tests.resources import organization, practitioner


@pytest.fixture
def stored(system):
    """A Practitioner that is stored; gives its answer."""
    answer = system("POST", "/Practitioner", practitioner())
    assert answer.status == 201, answer.body
    return answer.json


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
    assert answer.status == 404


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
        (b'{"resourceType":"Parameters"}', "application/fhir+json", 406),
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


def test_create_unless_it_exists(system):
    family = "Enestående"
    condition = "family=Enest%C3%A5ende"
    first = system("POST", "/Practitioner", practitioner(family), If_None_Exist=condition)
    second = system("POST", "/Practitioner", practitioner(family), If_None_Exist=condition)
    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]


def test_an_unknown_search_parameter_is_400_and_named(system):
    answer = system("GET", "/Practitioner?shoe-size=42")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")
    assert "shoe-size" in answer.issue["diagnostics"]


def test_an_unknown_parameter_on_a_read_is_400(system, stored):
    assert system("GET", f"/Practitioner/{stored['id']}?_summary=true").status == 400


def test_search_by_post_is_search_by_get(system):
    system("POST", "/Practitioner", practitioner("Lindegaard"))
    got = system("GET", "/Practitioner?family=Lindegaard")
    posted = system(
        "POST", "/Practitioner/_search", b"family=Lindegaard", Content_Type="application/x-www-form-urlencoded"
    )
    assert [each["resource"]["id"] for each in got.json["entry"]] == [
        each["resource"]["id"] for each in posted.json["entry"]
    ]
    assert got.json["total"] == posted.json["total"] == 1


@pytest.mark.parametrize("query", ["name=%00", "name=%FF", "&".join(f"name={n}" for n in range(300))])
def test_a_query_that_cannot_be_read_is_400(system, query):
    assert system("GET", f"/Practitioner?{query}").status == 400


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
        ("GET", "/Practitioner/_history", 501),
        ("GET", "/Practitioner/7/_history", 501),
        ("GET", "/_history", 501),
        ("DELETE", "/Practitioner?family=x", 501),
        ("PUT", "/Practitioner?family=x", 501),
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


def test_405_says_what_is_offered(system):
    answer = system("DELETE", "/Patient/7")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == {"GET", "PATCH"}

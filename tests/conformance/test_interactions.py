"""R4's interactions over HTTP: statuses, headers, and what a type does not offer."""

import gzip
import re

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.structure import validate
from tests.people import ASTA, NANCY
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
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "create by POST" in answer.issue["diagnostics"]
    assert system("GET", "/Practitioner/nobody").status == 404


def test_to_update_what_is_hidden_is_to_update_what_is_not_there_and_is_kept_in_the_log(live, system, as_somebody):
    crn = {"name": "crn", "valueIdentifier": {"system": ehealth.CPR, "value": NANCY.cpr}}
    who = {"name": "patient", "resource": {"resourceType": "Patient", "name": [{"family": NANCY.family}]}}
    patient = {"reference": f"Patient/{system('POST', '/Patient/$createPatient', parameters(crn, who)).json['id']}"}
    relative = {"resourceType": "RelatedPerson", "patient": patient, "name": [{"family": NANCY.family}]}
    hidden = system("POST", "/RelatedPerson", relative).json
    asta = as_somebody(ASTA.at(live.base_url))

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


def test_create_unless_it_exists(system):
    family = "Enestående"
    condition = "family=Enest%C3%A5ende"
    first = system("POST", "/Practitioner", practitioner(family), If_None_Exist=condition)
    second = system("POST", "/Practitioner", practitioner(family), If_None_Exist=condition)
    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]


def test_who_wants_to_be_told_is_told_whether_it_was_stored_or_there_already(system):
    told = {"If_None_Exist": "family=Omtalt", "Prefer": "return=OperationOutcome"}
    texts = [system("POST", "/Practitioner", practitioner("Omtalt"), **told).issue["details"]["text"] for _ in "12"]
    assert texts == ["Gemt.", "Det fandtes i forvejen; intet er gemt."]


def test_create_unless_nothing_is_400(system):
    answer = system("POST", "/Practitioner", practitioner("Ubetinget"), If_None_Exist="")
    assert answer.status == 400
    assert system("GET", "/Practitioner?family=Ubetinget").json["total"] == 0


def test_an_unknown_search_parameter_is_400_and_named(system):
    answer = system("GET", "/Practitioner?shoe-size=42")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")
    assert "shoe-size" in answer.issue["diagnostics"]


def test_an_unknown_parameter_is_400_for_who_would_rather_have_it_passed_over_too(system):
    answer = system("GET", "/Practitioner?shoe-size=42", Prefer="handling=lenient")
    assert (answer.status, answer.issue["code"]) == (400, "not-supported")


def test_an_unknown_parameter_on_a_read_is_400(system, stored):
    assert system("GET", f"/Practitioner/{stored['id']}?shoe-size=42").status == 400


@pytest.mark.parametrize("version", ["", "/_history/1"])
def test_a_reader_can_ask_for_a_part_that_says_it_is_one(system, stored, version):
    place = f"/Practitioner/{stored['id']}{version}"
    whole = system("GET", place)
    assert stored.keys() == {"resourceType", "id", "meta", "active", "name"}
    for query, elements in [
        ("_summary=data", {"active", "name"}),
        ("_summary=true", {"active", "name"}),
        ("_summary=text", set()),
        ("_elements=active,gender", {"active"}),
        ("_elements=Practitioner.name", {"name"}),
    ]:
        part = system("GET", f"{place}?{query}")
        assert part.json.keys() == {"resourceType", "id", "meta"} | elements
        assert "SUBSETTED" in {each["code"] for each in part.json["meta"]["tag"]}
        assert part.json["meta"]["versionId"] == "1"
        assert part.headers["etag"] == whole.headers["etag"]
        assert system("GET", f"{place}?{query}", If_None_Match='W/"1"').status == 304
    assert system("GET", f"{place}?_summary=false").json == stored


@pytest.mark.parametrize("query", ["_summary=count", "_summary=some", "_summary:exact=true", "_elements=$", "_count=1"])
def test_a_part_that_there_is_not_is_400(system, stored, query):
    assert system("GET", f"/Practitioner/{stored['id']}?{query}").status == 400


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
    assert system("GET", "/$apply").issue["diagnostics"] == "GET is not offered here; offered: nothing"
    answer = system("DELETE", "/Patient/7")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == {"GET", "HEAD", "PATCH"}


# --- Only if
def test_a_reader_who_has_had_it_since_it_was_changed_gets_304(system, stored):
    place = f"/Practitioner/{stored['id']}"
    changed = system("GET", place).headers["last-modified"]
    assert system("GET", place, If_Modified_Since=changed).status == 304
    assert system("GET", f"{place}/_history/1", If_Modified_Since=changed).status == 304
    assert system("GET", place, If_Modified_Since="Sun, 06 Nov 1994 08:49:37 GMT").status == 200


def test_a_reader_is_told_of_a_change_within_the_second_of_the_version_that_they_have(system, stored):
    place = f"/Practitioner/{stored['id']}"
    for number in range(5):
        had = system("GET", place)
        changed = {**had.json, "name": [{"family": f"Ravn {number}"}]}
        assert system("PUT", place, changed, If_Match=had.headers["etag"]).status == 200
        assert system("GET", place, If_Modified_Since=had.headers["last-modified"]).status == 200


@pytest.mark.parametrize("date", ["yesterday", "", "Sun, 99 Nov 1994 08:49:37 GMT", "2126-01-01"])
def test_a_date_that_is_none_is_as_if_it_were_not_sent(system, stored, date):
    assert system("GET", f"/Practitioner/{stored['id']}", If_Modified_Since=date).status == 200


def test_the_version_tag_goes_before_the_date(system, stored):
    place = f"/Practitioner/{stored['id']}"
    changed = system("GET", place).headers["last-modified"]
    assert system("GET", place, If_Modified_Since=changed, If_None_Match='W/"2"').status == 200


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"'])
def test_patch_and_delete_take_futs_and_r4s_version_tags(system, tag):
    place = f"/Organization/{system('POST', '/Organization', organization()).json['id']}"
    change = b'[{"op":"replace","path":"/name","value":"Nyt navn"}]'
    media = {"Content_Type": "application/json-patch+json"}
    assert system("PATCH", place, change, If_Match=tag.format(2), **media).status == 412
    assert system("PATCH", place, change, If_Match=tag.format(1), **media).status == 200
    place = f"/Practitioner/{system('POST', '/Practitioner', practitioner()).json['id']}"
    assert system("DELETE", place, If_Match=tag.format(2)).status == 412
    assert system("GET", place).status == 200
    assert system("DELETE", place, If_Match=tag.format(1)).status == 204


def test_update_of_what_a_query_finds(live, system):
    place = "/Practitioner?family=Betinget"
    first = system("PUT", place, practitioner("Betinget"))
    assert (first.status, first.headers["etag"]) == (201, 'W/"1"')
    assert first.headers["location"] == f"{live.base_url}/Practitioner/{first.json['id']}/_history/1"
    second = system("PUT", place, practitioner("Betinget") | {"active": False}, If_Match='W/"1"')
    assert (second.status, second.json["id"], second.json["active"]) == (200, first.json["id"], False)
    assert system("PUT", place, practitioner("Betinget"), If_Match='W/"1"').status == 412
    system("POST", "/Practitioner", practitioner("Betinget"))
    assert system("PUT", place, practitioner("Betinget")).status == 412


@pytest.mark.parametrize("query", ["", "?", "?_count=1", "?family=x&_sort=family", "?shoe-size=42", "?_format=json"])
def test_what_is_no_condition_is_400(system, query):
    assert system("PUT", f"/Practitioner{query}", practitioner()).status == 400


def test_patch_of_what_a_query_finds(system):
    id = system("POST", "/Organization", organization("Enestebetingede")).json["id"]
    change = b'[{"op":"replace","path":"/name","value":"Lappet"}]'
    media = {"Content_Type": "application/json-patch+json"}
    answer = system("PATCH", "/Organization?name=Enestebetingede", change, **media)
    assert (answer.status, answer.json["id"], answer.json["name"]) == (200, id, "Lappet")
    assert system("PATCH", "/Organization?name=Enestebetingede", change, **media).status == 404


# --- What was
def test_history_tells_what_was_done_and_pages(system, stored):
    place = f"/Practitioner/{stored['id']}"
    system("PUT", place, stored | {"active": False})
    system("DELETE", place)
    first = system("GET", f"{place}/_history?_count=2").json
    assert [each["request"]["method"] for each in first["entry"]] == ["DELETE", "PUT"]
    following = {each["relation"]: each["url"] for each in first["link"]}["next"].partition("/fhir")[2]
    last = system("GET", following).json
    assert [(each["request"]["method"], each["resource"]) for each in last["entry"]] == [("POST", stored)]
    for bundle in (first, last):
        assert validate(bundle) == ()
    assert f"Practitioner/{stored['id']}" in str(system("GET", "/Practitioner/_history").json)
    assert system("GET", "/_history?_count=1&_since=2026").status == 200


@pytest.mark.parametrize(
    "query", ["_since=yesterday", "_count=x", "_count=0", "_page=x", "name=x", "_since=1&_since=2"]
)
def test_a_history_that_cannot_be_read_is_400(system, query):
    assert system("GET", f"/Practitioner/_history?{query}").status == 400


# --- Only asked
def test_validate_tells_all_that_is_wrong_and_stores_nothing(system):
    before = system("GET", "/Organization/_history?_count=1").json.get("entry")
    wrong = {"resourceType": "Organization", "active": "ja", "shoe": 42}
    answer = system("POST", "/Organization/$validate", wrong)
    assert answer.status == 200
    assert {each["expression"][0] for each in answer.json["issue"]} == {"Organization.active", "Organization.shoe"}
    answer = system("POST", "/Organization/$validate", {"resourceType": "Organization", "name": "Uden nummer"})
    assert {each["severity"] for each in answer.json["issue"]} == {"error"}
    answer = system("POST", "/Organization/$validate", organization())
    assert [each["severity"] for each in answer.json["issue"]] == ["information"]
    assert system("GET", "/Organization/_history?_count=1").json.get("entry") == before


def test_validate_takes_parameters_modes_and_profiles(system, stored):
    def ask(*parameters, place=f"/Practitioner/{stored['id']}/$validate"):
        answer = system("POST", place, {"resourceType": "Parameters", "parameter": list(parameters)})
        return answer.status if answer.status != 200 else answer.json["issue"][0]["severity"]

    def mode(word):
        return {"name": "mode", "valueCode": word}

    resource = {"name": "resource", "resource": stored}
    assert ask(resource, mode("update")) == "information"
    assert ask(mode("delete")) == "information"
    assert ask(resource, mode("profile")) == 400
    assert ask(resource, {"name": "shoe-size", "valueInteger": 42}) == 400
    assert ask(mode("create")) == 400
    assert ask(resource, {"name": "profile", "valueUri": "http://example.org/unknown"}) == "warning"
    assert ask(resource, {"name": "profile", "valueUri": stored["meta"]["profile"][0]}) == "information"
    assert ask({"name": "resource", "resource": stored | {"id": "nobody"}}, mode("update")) == "information"
    assert ask(resource, mode("update"), place="/Practitioner/nobody/$validate") == 404
    assert ask(resource, place="/Organization/$validate") == 400


def test_meta_of_one_of_a_type_and_of_everything(system, stored):
    def meta(place):
        answer = system("GET", place)
        assert answer.status == 200
        return answer.json["parameter"][0]["valueMeta"]

    assert meta(f"/Practitioner/{stored['id']}/$meta") == stored["meta"]
    assert stored["meta"]["profile"][0] in meta("/Practitioner/$meta")["profile"]
    assert stored["meta"]["profile"][0] in meta("/$meta")["profile"]
    assert system("GET", "/Practitioner/nobody/$meta").status == 404


def test_meta_leaves_out_the_system_that_a_tag_has_not(system):
    tags = [{"code": "intern"}, {"system": "http://example.org/tags", "code": "fælles"}]
    system("POST", "/Practitioner", practitioner() | {"meta": {"tag": tags}})
    for place in ("/Practitioner/$meta", "/$meta"):
        found = system("GET", place).json["parameter"][0]["valueMeta"]["tag"]
        assert all(tag in found for tag in tags)
        assert all(part for each in found for part in each.values())


# --- Smaller
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

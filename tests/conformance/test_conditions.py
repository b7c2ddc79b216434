"""Only if: nobody has written since, it is not there yet, or a query finds it. Source: R4 http.html."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.resources import organization, practitioner, value_set
from tests.store.entries import post


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


@pytest.mark.parametrize("condition", ["Practitioner?family=Spurgt", "?family=Spurgt"])
def test_a_condition_is_what_stands_after_the_question_mark(system, condition):
    answer = system("POST", "/Practitioner", practitioner("Spurgt"), If_None_Exist=condition)
    assert (answer.status, "after the ?" in answer.issue["diagnostics"]) == (400, True)


@pytest.mark.parametrize("query", ["family=", "family=Halv&given="])
def test_a_condition_without_a_value_is_none(system, query):
    assert system("POST", "/Practitioner", practitioner("Halv"), If_None_Exist=query).status == 400
    assert system("PUT", f"/Practitioner?{query}", practitioner("Halv")).status == 400
    assert system("GET", "/Practitioner?family=Halv").json["total"] == 0


def test_create_unless_nothing_is_400(system):
    answer = system("POST", "/Practitioner", practitioner("Ubetinget"), If_None_Exist="")
    assert answer.status == 400
    assert system("GET", "/Practitioner?family=Ubetinget").json["total"] == 0


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


@pytest.mark.parametrize("query", ["", "?", "?_format=json"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_where_nothing_is_said_of_which_nothing_is_offered(system, method, query):
    answer = system(method, f"/Organization{query}", {"resourceType": "Bundle", "type": "transaction"})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert answer.issue["diagnostics"] == f"{method} is not offered here; offered: GET, HEAD, POST"


@pytest.mark.parametrize("query", ["?_count=1", "?family=x&_sort=family", "?shoe-size=42"])
def test_what_is_no_condition_is_400(system, query):
    assert system("PUT", f"/Practitioner{query}", practitioner()).status == 400


def test_patch_of_what_a_query_finds(system):
    id = system("POST", "/Organization", organization("Enestebetingede")).json["id"]
    change = b'[{"op":"replace","path":"/name","value":"Lappet"}]'
    media = {"Content_Type": "application/json-patch+json"}
    answer = system("PATCH", "/Organization?name=Enestebetingede", change, **media)
    assert (answer.status, answer.json["id"], answer.json["name"]) == (200, id, "Lappet")
    assert system("PATCH", "/Organization?name=Enestebetingede", change, **media).status == 404


RETIRED = b'[{"op":"replace","path":"/status","value":"retired"}]'
YESTERYEAR, TOMORROW = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


def write_over(system, found, **headers):
    """Replace, change and delete what is there; gives the statuses."""
    place, media = f"/ValueSet/{found['id']}", {"Content_Type": "application/json-patch+json"}
    asked = ("PUT", found, {}), ("PATCH", RETIRED, media), ("DELETE", None, {})
    return [system(method, place, body, **named, **headers).status for method, body, named in asked]


@pytest.fixture
def symptoms(system):
    """A value set of a name of its own, for a name is given once."""
    return system("POST", "/ValueSet", value_set(f"http://example.org/symptoms/{uuid4()}", "hoste")).json


@pytest.mark.parametrize("tags", ["*", 'W/"1"', '"7", "1"', '"7",, "1" ,'])
def test_who_wants_nothing_or_no_such_version_to_be_there_writes_nothing_over(system, symptoms, tags):
    assert write_over(system, symptoms, If_None_Match=tags) == [412, 412, 412]
    found = f"/ValueSet?_id={symptoms['id']}"
    assert system("PUT", found, symptoms, If_None_Match=tags).status == 412
    assert system("GET", f"/ValueSet/{symptoms['id']}").json == symptoms


@pytest.mark.parametrize("tags", ["", "W/1", '"1', '"1" "2"', '"1" ,x', '* , "1"'])
def test_a_tag_that_cannot_be_read_spares_what_it_was_to_spare(system, symptoms, tags):
    assert write_over(system, symptoms, If_None_Match=tags) == [400, 400, 400]
    found = system("PUT", f"/ValueSet?_id={symptoms['id']}", symptoms, If_None_Match=tags)
    assert (found.status, found.issue["details"]["text"]) == (400, "If-None-Match kan ikke læses.")
    assert system("GET", f"/ValueSet/{symptoms['id']}").json == symptoms


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_nothing_is_made_on_a_condition_that_cannot_be_read(system, header):
    headers, family = {header.replace("-", "_"): "W/one"}, f"Ulæst {header}"
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [post(practitioner(family))]}
    for path, body in (("/Practitioner", practitioner(family)), ("", bundle)):
        answer = system("POST", path, body, **headers)
        assert (answer.status, answer.issue["details"]["text"]) == (400, f"{header} kan ikke læses.")
    assert system("GET", f"/Practitioner?family={quote(family)}").json["total"] == 0


def test_a_tag_of_something_else_names_no_version_by_what_is_in_it(system, symptoms):
    for tag in ('"copy_1"', 'W/"1 of 2"', '"a,1"'):
        assert system("GET", f"/ValueSet/{symptoms['id']}", If_None_Match=tag).status == 200
    assert write_over(system, symptoms, If_None_Match='"copy_1", W/"a,1"') == [200, 200, 204]


def test_who_read_it_before_it_was_changed_writes_nothing_over(system, symptoms):
    assert write_over(system, symptoms, If_Unmodified_Since=YESTERYEAR) == [412, 412, 412]
    assert system("PUT", f"/ValueSet?_id={symptoms['id']}", symptoms, If_Unmodified_Since=YESTERYEAR).status == 412
    assert system("GET", f"/ValueSet/{symptoms['id']}").json == symptoms


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": 'W/"7"'},
        {"If_Unmodified_Since": TOMORROW},
        {"If_Unmodified_Since": "yesterday"},
    ],
)
def test_what_is_as_it_must_be_is_written(system, symptoms, headers):
    assert write_over(system, symptoms, **headers) == [200, 200, 204]


def test_the_version_named_goes_before_the_second_it_was_written_in(system, symptoms):
    place, read = f"/ValueSet/{symptoms['id']}", system("GET", f"/ValueSet/{symptoms['id']}").headers
    assert system("PUT", place, symptoms, If_Unmodified_Since=read["last-modified"]).status == 200
    told = {"If_Match": 'W/"2"', "If_Unmodified_Since": YESTERYEAR}
    assert system("PUT", place, symptoms, **told).status == 200
    assert system("PUT", place, symptoms, **told).status == 412


def test_what_is_not_there_has_no_version_to_be_written_over(system):
    place = "/Practitioner?family=Ikkefundet"
    assert system("PUT", place, practitioner("Ikkefundet"), If_Match='W/"3"').status == 412
    assert system("GET", place).json["total"] == 0
    assert (
        system("PUT", "/ValueSet/nobody", {"resourceType": "ValueSet", "id": "nobody"}, If_None_Match="*").status == 405
    )
    assert system("PUT", place, practitioner("Ikkefundet"), If_None_Match="*").status == 201

"""Only asked: what is wrong with a resource, and what its meta says; nothing is stored."""

from tests.resources import organization, practitioner


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
    assert ask({"name": "resource", "resource": stored | {"id": "nobody"}}, mode("update")) == "error"
    assert ask(resource, mode("update"), place="/Practitioner/nobody/$validate") == 404
    assert ask(resource, place="/Organization/$validate") == 400
    empty = system("POST", f"/Practitioner/{stored['id']}/$validate?mode=delete")
    assert (empty.status, empty.issue["details"]["text"]) == (200, "Den kan slettes.")
    assert system("POST", "/Practitioner/$validate").status == 400


def test_meta_of_one_of_a_type_and_of_everything(system, stored):
    def meta(place):
        answer = system("GET", place)
        assert answer.status == 200
        return answer.json["parameter"][0]["valueMeta"]

    assert meta(f"/Practitioner/{stored['id']}/$meta") == stored["meta"]
    assert stored["meta"]["profile"][0] in meta("/Practitioner/$meta")["profile"]
    assert stored["meta"]["profile"][0] in meta("/$meta")["profile"]
    assert system("GET", "/Practitioner/nobody/$meta").status == 404
    for place in (f"/Practitioner/{stored['id']}/$meta", "/Practitioner/$meta", "/$meta"):
        for body in (None, {"resourceType": "Parameters"}):
            assert system("POST", place, body).json == system("GET", place).json
        given = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "x"}]}}]}
        assert system("POST", place, given).status == 400
        assert system("POST", place, {"resourceType": "Parameters", "parameter": "x"}).status == 422
        assert system("POST", place, practitioner()).status == 400


def test_meta_leaves_out_the_system_that_a_tag_has_not(system):
    tags = [{"code": "intern"}, {"system": "http://example.org/tags", "code": "fælles"}]
    system("POST", "/Practitioner", practitioner() | {"meta": {"tag": tags}})
    for place in ("/Practitioner/$meta", "/$meta"):
        found = system("GET", place).json["parameter"][0]["valueMeta"]["tag"]
        assert all(tag in found for tag in tags)
        assert all(part for each in found for part in each.values())
